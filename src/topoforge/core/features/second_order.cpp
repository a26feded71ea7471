#include "topoforge/core/features/second_order.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace topoforge {

void second_order(const Trail& trail, std::size_t window, std::size_t lag, std::span<float> out) {
  const std::size_t d = trail.channels;
  assert(lag >= 1 && trail.rows() >= window + 2 * lag && out.size() == second_order_features(d));
  const auto share = 1.0F / static_cast<float>(window);
  const auto means_before = [&](std::size_t shift, std::span<float> means) {
    std::fill(means.begin(), means.end(), 0.0F);
    for (std::size_t age = shift; age < window + shift; ++age) {
      const auto row = trail.row(age);
      for (std::size_t c = 0; c < d; ++c) means[c] += share * row[c];
    }
  };
  std::fill(out.begin(), out.end(), 0.0F);
  const auto means = out.first(d);
  means_before(0, means);
  float* place = out.data() + d;
  for (std::size_t age = 0; age < window; ++age) {
    const auto row = trail.row(age);
    float* sum = place;
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b <= a; ++b) *sum++ += share * (row[a] - means[a]) * (row[b] - means[b]);
    }
  }
  place += d * (d + 1) / 2;
  std::vector<float> past(d);
  for (const std::size_t shift : {std::size_t{1}, lag, 2 * lag}) {
    means_before(shift, past);
    for (std::size_t age = 0; age < window; ++age) {
      const auto row = trail.row(age);
      const auto before = trail.row(age + shift);
      float* sum = place;
      for (std::size_t a = 0; a < d; ++a) {
        for (std::size_t b = 0; b < d; ++b) *sum++ += share * (row[a] - means[a]) * (before[b] - past[b]);
      }
    }
    place += d * d;
  }
}

}  // namespace topoforge
