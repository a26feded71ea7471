#include "topoforge/adapters/sqlite/row_id.hpp"

#include <charconv>

#include <fmt/format.h>

namespace topoforge::sqlite {
namespace {

constexpr std::size_t kIdDigits = 16;

}  // namespace

std::string id_text(std::int64_t row) { return fmt::format("{:0{}x}", row, kIdDigits); }

std::optional<std::int64_t> row_of(std::string_view id) {
  std::int64_t row = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row, 16);
  if (error != std::errc() || end != id.data() + id.size() || row < 0 || id_text(row) != id) return std::nullopt;
  return row;
}

}  // namespace topoforge::sqlite
