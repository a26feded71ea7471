#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/diagram/distance_format_reader.hpp"
#include "topoforge/core/event/event.hpp"

namespace topoforge {
namespace {

constexpr std::int64_t kMagic = 8067171840;
constexpr std::int64_t kDistanceMatrix = 7;
constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kHeaderWords = 3;

/// The file in words of 64 bits. Of the matrix the upper triangle is kept, and the lower one compared with it.
class DiphaReader final : public DistanceFormatReader {
 public:
  explicit DiphaReader(DistanceText text) : text_(std::move(text)) {}

  Result<void> add(std::string_view bytes) override {
    for (const char byte : bytes) {
      if (words_ == kHeaderWords + size_ * size_ && words_ >= kHeaderWords) {
        return fail_in_file(ErrorCode::invalid_data,
                            fmt::format("bytes after the matrix of {} x {} distances; wanted {} bytes in all", size_,
                                        size_, wanted_bytes()));
      }
      word_ |= std::uint64_t{static_cast<unsigned char>(byte)} << (8 * word_bytes_);
      if (++word_bytes_ < kWordBytes) continue;
      auto taken = words_ < kHeaderWords ? take_header(std::bit_cast<std::int64_t>(word_))
                                         : take_entry(std::bit_cast<double>(word_));
      if (!taken) return taken;
      ++words_;
      word_ = 0;
      word_bytes_ = 0;
    }
    return {};
  }

  Result<DistanceInput> finish() override {
    const std::size_t bytes = words_ * kWordBytes + word_bytes_;
    if (words_ < kHeaderWords) {
      return fail_in_file(
          ErrorCode::invalid_data,
          fmt::format("ends after {} bytes; wanted the header of a DIPHA file, {}", bytes, kHeaderWords * kWordBytes));
    }
    if (bytes < wanted_bytes()) {
      return fail_in_file(ErrorCode::invalid_data,
                          fmt::format("ends after {} bytes; wanted {}, since the header promises {} x {} distances",
                                      bytes, wanted_bytes(), size_, size_));
    }
    return DistanceInput{.distances = matrix_from_upper(upper_, size_), .longest_edge = {}};
  }

 private:
  [[nodiscard]] std::size_t wanted_bytes() const { return (kHeaderWords + size_ * size_) * kWordBytes; }

  [[nodiscard]] tl::unexpected<Error> fail_in_file(ErrorCode code, std::string_view message) const {
    return fail(code, fmt::format("{}: {}", text_.name, message));
  }
  [[nodiscard]] tl::unexpected<Error> fail_here(std::string_view message) const {
    return fail(ErrorCode::invalid_data,
                fmt::format("{}: row {}, column {}: {}", text_.name, row_ + 1, column_ + 1, message));
  }

  Result<void> take_header(std::int64_t value) {
    if (words_ == 0 && value != kMagic) {
      return fail_in_file(ErrorCode::invalid_data,
                          fmt::format("begins with {}; wanted {}, as DIPHA files do", value, kMagic));
    }
    if (words_ == 1 && value != kDistanceMatrix) {
      return fail_in_file(ErrorCode::invalid_data,
                          fmt::format("DIPHA file of type {}; wanted {}, a distance matrix", value, kDistanceMatrix));
    }
    if (words_ < 2) return {};
    if (value < 1) {
      return fail_in_file(ErrorCode::invalid_data, fmt::format("distances of {} points; wanted at least 1", value));
    }
    if (static_cast<std::uint64_t>(value) > text_.max_points) {
      return fail_in_file(ErrorCode::limit_exceeded,
                          fmt::format("distances of {} points; at most {} are allowed", value, text_.max_points));
    }
    size_ = static_cast<std::size_t>(value);
    return {};
  }

  Result<void> take_entry(double distance) {
    // A NaN is in no range.
    if (!(distance >= -kMaxAbsoluteValue && distance <= kMaxAbsoluteValue)) {
      return fail_here(fmt::format("wanted a number of magnitude at most {}, got {}", kMaxAbsoluteValue, distance));
    }
    if (distance < 0.0) return fail_here(fmt::format("distance {} is negative", distance));
    if (column_ > row_) {
      upper_.push_back(distance + 0.0);  // no negative zero
    } else if (column_ == row_) {
      if (distance != 0.0) return fail_here(fmt::format("distance {} of a point to itself; wanted 0", distance));
    } else if (const double mirror = upper_[upper_index(column_, row_, size_)]; distance != mirror) {
      return fail_here(fmt::format("distance {} differs from {} in row {}, column {}; wanted a symmetric matrix",
                                   distance, mirror, column_ + 1, row_ + 1));
    }
    if (++column_ == size_) {
      column_ = 0;
      ++row_;
    }
    return {};
  }

  DistanceText text_;
  std::uint64_t word_ = 0;      // as far as its bytes have come
  std::size_t word_bytes_ = 0;  // how many these are
  std::size_t words_ = 0;       // complete ones
  std::size_t size_ = 0;        // n
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::vector<double> upper_;
};

}  // namespace

std::unique_ptr<DistanceFormatReader> make_dipha_reader(DistanceText text) {
  return std::make_unique<DiphaReader>(std::move(text));
}

}  // namespace topoforge
