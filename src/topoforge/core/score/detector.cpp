#include <algorithm>
#include <numeric>

#include "topoforge/base/random.hpp"
#include "topoforge/core/score/detector.hpp"

namespace topoforge {

Samples Samples::thinned(std::size_t most) const {
  if (count() <= most) return *this;
  std::vector<std::size_t> chosen(most);
  for (std::size_t i = 0; i < most; ++i) chosen[i] = starts_[(i + 1) * count() / most - 1];
  return {values_, std::move(chosen), size_};
}

Samples Samples::drawn(std::size_t most, std::uint64_t seed) const {
  if (count() <= most) return *this;
  std::vector<std::size_t> chosen = starts_;
  Random random(seed);
  for (std::size_t i = 0; i < most; ++i) std::swap(chosen[i], chosen[i + random.below(chosen.size() - i)]);
  chosen.resize(most);
  std::sort(chosen.begin(), chosen.end());
  return {values_, std::move(chosen), size_};
}

std::vector<float> Samples::copied() const {
  std::vector<float> result;
  result.reserve(count() * size_);
  for (const std::size_t start : starts_) {
    const auto sample = values_.subspan(start, size_);
    result.insert(result.end(), sample.begin(), sample.end());
  }
  return result;
}

}  // namespace topoforge
