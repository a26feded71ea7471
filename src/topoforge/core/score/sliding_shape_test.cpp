#include "topoforge/core/score/sliding_shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kWindow = 40;

struct Stream {
  explicit Stream(std::size_t channel_count, std::uint64_t seed) : channels(channel_count), random(seed) {}

  /// Waves, steps and repeated values: ties among the distances, and none.
  void extend(std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row, ++length) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        const double wave = std::sin(static_cast<double>(length) / 4.0 + static_cast<double>(channel));
        const std::size_t mood = length / 60 % 3;
        values.push_back(mood == 0 ? wave + 0.1 * random.normal() : mood == 1 ? std::round(2.0 * wave) : 1.0);
      }
    }
  }
  [[nodiscard]] Matrix window() const { return last(kWindow); }
  [[nodiscard]] Matrix last(std::size_t rows) const {
    return {rows, channels, {values.end() - static_cast<std::ptrdiff_t>(rows * channels), values.end()}};
  }
  [[nodiscard]] ShapeView view() const { return {last(length), RobustScaler::fit(last(length)), {}}; }

  std::size_t channels;
  Random random;
  std::size_t length = 0;
  std::vector<double> values;
};

void expect_equal_diagrams(std::size_t channels, std::size_t stride) {
  SCOPED_TRACE("channels " + std::to_string(channels) + ", stride " + std::to_string(stride));
  VietorisRips engine;
  SlidingShape sliding;
  Stream stream(channels, 11);
  stream.extend(100);
  ShapeView view = stream.view();
  for (std::size_t step = 0; step < 300; ++step) {
    stream.extend(stride);
    if (step % 90 == 50) {
      view = stream.view();
      sliding.begin_anew();
    }
    ASSERT_EQ(sliding.diagram(view, stream.window(), stride, engine), view.diagram(stream.window(), engine))
        << "step " << step;
  }
}

TEST(SlidingShape, IsTheDiagramOfEachWindowFromNothing) {
  for (const std::size_t channels : {1, 2}) {
    for (const std::size_t stride : {1, 7, 90}) expect_equal_diagrams(channels, stride);
  }
}

}  // namespace
}  // namespace topoforge
