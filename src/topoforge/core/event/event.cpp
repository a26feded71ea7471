#include "topoforge/core/event/event.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace topoforge {
namespace {

Result<void> check_name(std::string_view what, std::string_view name, bool may_be_empty) {
  if (name.empty() && !may_be_empty) return fail(ErrorCode::invalid_data, fmt::format("{} is empty", what));
  if (name.size() > kMaxNameBytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{} is {} bytes long; at most {} are allowed", what, name.size(), kMaxNameBytes));
  }
  return {};
}

Result<void> check_values(const std::vector<Measurement>& values) {
  if (values.empty()) return fail(ErrorCode::invalid_data, "event has no values; wanted 'value' or 'values'");
  if (values.size() > kMaxChannels) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("event has {} channels; at most {} are allowed", values.size(), kMaxChannels));
  }
  std::vector<std::string_view> names;
  names.reserve(values.size());
  for (const Measurement& measurement : values) {
    if (const auto named = check_name("channel name", measurement.channel, false); !named) return named;
    if (!std::isfinite(measurement.value) || std::abs(measurement.value) > kMaxAbsoluteValue) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("channel '{}' is {}; wanted a finite number of magnitude at most {}", measurement.channel,
                              measurement.value, kMaxAbsoluteValue));
    }
    names.push_back(measurement.channel);
  }
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
    return fail(ErrorCode::invalid_data, fmt::format("channel '{}' stands twice in one event", *twice));
  }
  return {};
}

}  // namespace

Result<void> validate(const Event& event) {
  if (const auto named = check_name("source", event.stream.source, true); !named) return named;
  if (const auto named = check_name("entity", event.stream.entity, true); !named) return named;
  if (const auto named = check_name("id", event.id, true); !named) return named;
  if (event.attributes.size() > kMaxAttributes) {
    return fail(ErrorCode::limit_exceeded, fmt::format("event has {} attributes; at most {} are allowed",
                                                       event.attributes.size(), kMaxAttributes));
  }
  for (const auto& [name, text] : event.attributes) {
    if (const auto named = check_name("attribute name", name, false); !named) return named;
    if (text.size() > kMaxAttributeBytes) {
      return fail(ErrorCode::limit_exceeded, fmt::format("attribute '{}' is {} bytes long; at most {} are allowed",
                                                         name, text.size(), kMaxAttributeBytes));
    }
  }
  return check_values(event.values);
}

}  // namespace topoforge
