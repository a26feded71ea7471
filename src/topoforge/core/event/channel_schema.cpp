#include "topoforge/core/event/channel_schema.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace topoforge {

namespace {

std::vector<std::string> channels_of(const Event& event) {
  std::vector<std::string> names;
  names.reserve(event.values.size());
  for (const Measurement& measurement : event.values) names.push_back(measurement.channel);
  return names;
}

}  // namespace

ChannelSchema::ChannelSchema(const Event& event) : ChannelSchema(channels_of(event)) {}

ChannelSchema::ChannelSchema(std::vector<std::string> names) : names_(std::move(names)), by_name_(names_.size()) {
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [&](std::size_t a, std::size_t b) { return names_[a] < names_[b]; });
}

std::size_t ChannelSchema::find(const std::string& name) const {
  const auto place =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [&](std::size_t index, const std::string& wanted) { return names_[index] < wanted; });
  return place != by_name_.end() && names_[*place] == name ? *place : names_.size();
}

Result<std::size_t> ChannelSchema::fill(const Event& event, std::span<double> row) const {
  assert(row.size() == names_.size());
  std::vector<std::size_t> places(event.values.size());
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    const std::string& name = event.values[i].channel;
    places[i] = i < names_.size() && names_[i] == name ? i : find(name);
    if (places[i] == names_.size()) {
      constexpr std::size_t kShown = 12;
      const std::span<const std::string> shown(names_.data(), std::min(kShown, names_.size()));
      return fail(ErrorCode::invalid_data,
                  fmt::format("channel '{}' is unknown in this stream, whose first event had {} channels: {}{}", name,
                              names_.size(), fmt::join(shown, ", "), names_.size() > kShown ? ", ..." : ""));
    }
  }
  for (std::size_t i = 0; i < event.values.size(); ++i) row[places[i]] = event.values[i].value;
  return names_.size() - event.values.size();
}

std::size_t ChannelSchema::fill_known(const Event& event, std::span<double> row) const {
  assert(row.size() == names_.size());
  std::size_t known = 0;
  for (const Measurement& measurement : event.values) {
    const std::size_t place = find(measurement.channel);
    if (place == names_.size()) continue;
    row[place] = measurement.value;
    ++known;
  }
  return known;
}

}  // namespace topoforge
