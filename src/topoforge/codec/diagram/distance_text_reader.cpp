#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/diagram/distance_format_reader.hpp"
#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/core/event/event.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
/// Longer is no number that a program writes. A word is kept while its bytes come.
constexpr std::size_t kMaxWordBytes = 2048;

/// Cuts text into words and knows their places.
class TextReader : public DistanceFormatReader {
 public:
  explicit TextReader(DistanceText text) : text_(std::move(text)) {}

  Result<void> add(std::string_view bytes) final {
    for (const char byte : bytes) {
      if (auto taken = take_byte(byte); !taken) return taken;
    }
    return {};
  }

  Result<DistanceInput> finish() final {
    if (auto ended = end_line(); !ended) return tl::unexpected(ended.error());
    return finish_words();
  }

 protected:
  virtual Result<void> take_word(std::string_view word) = 0;
  virtual Result<void> take_line_end() { return {}; }
  virtual Result<DistanceInput> finish_words() = 0;

  [[nodiscard]] const DistanceText& text() const { return text_; }
  /// Words of the line so far; while a word is taken, its column.
  [[nodiscard]] std::size_t column() const { return column_; }

  [[nodiscard]] tl::unexpected<Error> fail_at(std::size_t column, ErrorCode code, std::string_view message) const {
    return fail(code, fmt::format("{}:{}: column {}: {}", text_.name, line_, column, message));
  }

  [[nodiscard]] Result<double> number_from(std::string_view word) const {
    if (const auto number = parse_number(word)) return *number;
    return fail_at(column_, ErrorCode::invalid_data,
                   fmt::format("wanted a number of magnitude at most {}, got {}", kMaxAbsoluteValue, quote_text(word)));
  }

  [[nodiscard]] Result<double> distance_from(std::string_view word) const {
    auto distance = number_from(word);
    if (distance && *distance < 0.0) {
      return fail_at(column_, ErrorCode::invalid_data, fmt::format("distance {} is negative", *distance));
    }
    if (distance) *distance += 0.0;  // no negative zero
    return distance;
  }

 private:
  Result<void> take_byte(char byte) {
    if (byte == '\n') return end_line();
    if (in_comment_) return {};
    if (byte == ' ' || byte == '\t' || byte == '\r') return end_word();
    if (byte == '#') {
      in_comment_ = true;
      return end_word();
    }
    if (byte == ',') {
      if (auto ended = end_word(); !ended) return ended;
      if (std::exchange(comma_may_come_, false)) return {};
      return fail_at(column_ + 1, ErrorCode::invalid_data, "wanted a number, got nothing");
    }
    word_ += byte;
    if (word_.size() <= kMaxWordBytes) return {};
    return fail_at(
        column_ + 1, ErrorCode::limit_exceeded,
        fmt::format("{} is longer than the {} bytes of the longest number", quote_text(word_), kMaxWordBytes));
  }

  Result<void> end_word() {
    std::string_view word = word_;
    if (line_ == 1 && column_ == 0 && word.starts_with(kUtf8Mark)) word.remove_prefix(kUtf8Mark.size());
    Result<void> taken;
    if (!word.empty()) {
      ++column_;
      comma_may_come_ = true;
      taken = take_word(word);
    }
    word_.clear();
    return taken;
  }

  Result<void> end_line() {
    if (auto ended = end_word(); !ended) return ended;
    if (auto ended = take_line_end(); !ended) return ended;
    ++line_;
    column_ = 0;
    in_comment_ = false;
    comma_may_come_ = false;
    return {};
  }

  DistanceText text_;
  std::string word_;  // as far as its bytes have come
  std::size_t line_ = 1;
  std::size_t column_ = 0;
  bool in_comment_ = false;
  bool comma_may_come_ = false;
};

/// The largest number of points that have no more than so many distances.
std::size_t points_of(std::size_t distances) {
  auto points = static_cast<std::size_t>((1.0 + std::sqrt(1.0 + 8.0 * static_cast<double>(distances))) / 2.0);
  while (triangle_size(points) > distances) --points;
  while (triangle_size(points + 1) <= distances) ++points;
  return points;
}

enum class Triangle { lower, upper };

class TriangleReader final : public TextReader {
 public:
  TriangleReader(DistanceText text, Triangle triangle) : TextReader(std::move(text)), triangle_(triangle) {}

 private:
  Result<void> take_word(std::string_view word) override {
    const auto distance = distance_from(word);
    if (!distance) return tl::unexpected(distance.error());
    const std::size_t limit = triangle_size(text().max_points);
    if (distances_.size() == limit) {
      return fail_at(column(), ErrorCode::limit_exceeded,
                     fmt::format("more than {} distances; at most {} points are allowed", limit, text().max_points));
    }
    distances_.push_back(*distance);
    return {};
  }

  Result<DistanceInput> finish_words() override {
    const std::size_t count = distances_.size();
    if (count == 0) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("{}: no distances; wanted n (n - 1) / 2 of them for n points", text().name));
    }
    const std::size_t points = points_of(count);
    if (triangle_size(points) != count) {
      return fail(
          ErrorCode::invalid_data,
          fmt::format("{}: {} distances; wanted n (n - 1) / 2 of them for n points: {} for {}, {} for {}", text().name,
                      count, triangle_size(points), points, triangle_size(points + 1), points + 1));
    }
    if (triangle_ == Triangle::upper) {
      return DistanceInput{.distances = matrix_from_upper(distances_, points), .longest_edge = {}};
    }
    return DistanceInput{.distances = DistanceMatrix::trusted(points, std::move(distances_)), .longest_edge = {}};
  }

  Triangle triangle_;
  std::vector<double> distances_;
};

class SparseReader final : public TextReader {
 public:
  using TextReader::TextReader;

 private:
  static constexpr double kNoEdge = std::numeric_limits<double>::max();
  static constexpr std::string_view kWanted = "wanted 3, two points and their distance";

  Result<void> take_word(std::string_view word) override {
    if (column() == 3) return take_edge(word);
    if (column() > 3) {
      return fail_at(column(), ErrorCode::invalid_data, fmt::format("the line has more than 3 numbers; {}", kWanted));
    }
    const auto number = number_from(word);
    if (!number) return tl::unexpected(number.error());
    if (*number < 0.0 || *number != std::floor(*number)) {
      return fail_at(column(), ErrorCode::invalid_data,
                     fmt::format("wanted a point, a whole number from 0, got {}", quote_text(word)));
    }
    if (*number >= static_cast<double>(text().max_points)) {
      return fail_at(column(), ErrorCode::limit_exceeded,
                     fmt::format("point {}; at most {} points are allowed, 0 to {}", quote_text(word),
                                 text().max_points, text().max_points - 1));
    }
    points_[column() - 1] = static_cast<std::size_t>(*number);
    return {};
  }

  Result<void> take_edge(std::string_view word) {
    const auto distance = distance_from(word);
    if (!distance) return tl::unexpected(distance.error());
    const auto [j, i] = std::minmax(points_[0], points_[1]);
    if (i == j) {
      if (*distance == 0.0) return {};
      return fail_at(column(), ErrorCode::invalid_data,
                     fmt::format("distance {} of point {} to itself; wanted 0", *distance, i));
    }
    if (i >= size_) {
      size_ = i + 1;
      lower_.resize(triangle_size(size_), kNoEdge);
    }
    double& entry = lower_[triangle_size(i) + j];
    if (entry != kNoEdge && entry != *distance) {
      return fail_at(column(), ErrorCode::invalid_data,
                     fmt::format("distance {} of points {} and {} differs from {} in an earlier line", *distance,
                                 points_[0], points_[1], entry));
    }
    entry = *distance;
    longest_ = std::max(longest_, *distance);
    return {};
  }

  Result<void> take_line_end() override {
    if (column() == 0 || column() == 3) return {};
    return fail_at(column() + 1, ErrorCode::invalid_data,
                   fmt::format("the line has {} {}; {}", column(), column() == 1 ? "number" : "numbers", kWanted));
  }

  Result<DistanceInput> finish_words() override {
    if (size_ == 0) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("{}: no distances; wanted lines of two points and their distance", text().name));
    }
    return DistanceInput{.distances = DistanceMatrix::trusted(size_, std::move(lower_)), .longest_edge = longest_};
  }

  std::array<std::size_t, 2> points_{};  // of the line
  std::size_t size_ = 0;
  std::vector<double> lower_;
  double longest_ = 0.0;
};

}  // namespace

std::unique_ptr<DistanceFormatReader> make_lower_distance_reader(DistanceText text) {
  return std::make_unique<TriangleReader>(std::move(text), Triangle::lower);
}

std::unique_ptr<DistanceFormatReader> make_upper_distance_reader(DistanceText text) {
  return std::make_unique<TriangleReader>(std::move(text), Triangle::upper);
}

std::unique_ptr<DistanceFormatReader> make_sparse_reader(DistanceText text) {
  return std::make_unique<SparseReader>(std::move(text));
}

}  // namespace topoforge
