#include "topoforge/codec/text/record_id.hpp"

#include <charconv>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::size_t kIdDigits = 16;

}  // namespace

std::string id_text(std::int64_t number) { return fmt::format("{:0{}x}", number, kIdDigits); }

std::optional<std::int64_t> number_of_id(std::string_view id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number, 16);
  if (error != std::errc() || end != id.data() + id.size() || number < 0 || id_text(number) != id) return std::nullopt;
  return number;
}

}  // namespace topoforge
