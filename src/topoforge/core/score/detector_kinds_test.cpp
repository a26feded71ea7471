#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/score/detector.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kRows = 1500;

std::vector<float> rows_of(std::size_t channels, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> rows;
  for (std::size_t t = 0; t < kRows; ++t) {
    for (std::size_t channel = 0; channel < channels; ++channel)
      rows.push_back(static_cast<float>(std::sin(0.3 * static_cast<double>(t + channel)) + 0.3 * random.normal()));
  }
  return rows;
}

/// Looks of a kind at each row from `first` on, as it would see them.
struct Looks {
  std::vector<float> features;
  std::vector<std::size_t> starts;
};

Looks look(const DetectorKind& kind, const std::vector<float>& rows, const DetectorSettings& settings) {
  Looks looks;
  Workspace workspace;
  const std::size_t span = kind.span(settings);
  const std::size_t size = kind.features(settings);
  for (std::size_t end = span; end <= kRows; end += kind.every) {
    const auto trail = std::span(rows).subspan((end - span) * settings.channels, span * settings.channels);
    looks.starts.push_back(looks.features.size());
    if (kind.look == nullptr) {
      looks.features.insert(looks.features.end(), trail.begin(), trail.end());
      continue;
    }
    looks.features.resize(looks.features.size() + size);
    kind.look({trail, settings.channels}, settings, workspace, std::span(looks.features).last(size));
  }
  return looks;
}

bool takes(const DetectorKind& kind, std::size_t channels) {
  return channels >= kind.least_channels && channels <= kind.most_channels;
}

TEST(DetectorKinds, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const DetectorKind& kind : detector_kinds()) EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
}

TEST(DetectorKinds, AreFiniteAndTheSameEachTime) {
  for (const std::size_t channels : {1, 2, 6, 15}) {
    const DetectorSettings settings{.channels = channels, .rows = kRows, .lag = 3};
    const std::vector<float> rows = rows_of(channels, channels);
    for (const DetectorKind& kind : detector_kinds()) {
      if (!takes(kind, channels)) continue;
      SCOPED_TRACE(kind.name);
      const Looks looks = look(kind, rows, settings);
      ASSERT_EQ(looks.features, look(kind, rows, settings).features);
      const Samples samples(looks.features, looks.starts, kind.features(settings));
      const auto model = kind.fit(samples, settings);
      const auto again = kind.fit(samples, settings);
      std::vector<float> scratch;
      for (std::size_t i = 0; i < samples.count(); i += 7) {
        const float raw = model->raw(samples[i], scratch);
        ASSERT_TRUE(std::isfinite(raw) && raw >= 0.0F);
        ASSERT_EQ(raw, again->raw(samples[i], scratch));
      }
      EXPECT_GT(model->memory_bytes(), 0U);
    }
  }
}

TEST(DetectorKinds, SayTheSameOfRowsOneByOneAsOfEachAlone) {
  for (const std::size_t channels : {1, 3}) {
    const DetectorSettings settings{.channels = channels, .rows = kRows, .lag = 3};
    std::vector<float> rows = rows_of(channels, channels);
    std::vector<float> wild = rows;
    wild[kRows / 2 * channels] = 3e6F;
    for (const DetectorKind& kind : detector_kinds()) {
      if (!takes(kind, channels)) continue;
      SCOPED_TRACE(kind.name);
      const std::size_t size = kind.features(settings);
      // What is learned from, and what is looked at: tame, and with a value that squares cannot forget.
      for (const auto& [learned, seen] : {std::pair(&rows, &rows), std::pair(&rows, &wild), std::pair(&wild, &rows)}) {
        const Looks normal = look(kind, *learned, settings);
        const Looks looks = look(kind, *seen, settings);
        const auto model = kind.fit(Samples(normal.features, normal.starts, size), settings);
        const Samples samples(looks.features, looks.starts, size);
        std::vector<float> scratch;
        Carry carry;
        for (std::size_t i = 0; i < samples.count(); ++i) {
          if (i % 150 == 149) carry = {};
          const float alone = model->raw(samples[i], scratch);
          ASSERT_NEAR(model->next(samples[i], scratch, carry), alone, 1e-3F * (1.0F + alone)) << i;
        }
      }
    }
  }
}

TEST(DetectorKinds, TakeRowsThatAreAllAlike) {
  for (const std::size_t channels : {1, 2, 15}) {
    const DetectorSettings settings{.channels = channels, .rows = kRows};
    const std::vector<float> rows(kRows * channels, 0.0F);
    for (const DetectorKind& kind : detector_kinds()) {
      if (!takes(kind, channels)) continue;
      const Looks looks = look(kind, rows, settings);
      const Samples samples(looks.features, looks.starts, kind.features(settings));
      std::vector<float> scratch;
      EXPECT_TRUE(std::isfinite(kind.fit(samples, settings)->raw(samples[0], scratch))) << kind.name;
    }
  }
}

TEST(DetectorKinds, FindRowsFarFromAllThatTheyLearnedFrom) {
  for (const std::size_t channels : {1, 3, 15}) {
    const DetectorSettings settings{.channels = channels, .rows = kRows, .lag = 3};
    for (const DetectorKind& kind : detector_kinds()) {
      // Form is seen by its own tests; a level by its change.
      if (!takes(kind, channels) || kind.group == DetectorGroup::shape || kind.name == "topology") continue;
      const Looks looks = look(kind, rows_of(channels, 1), settings);
      std::vector<float> strange = rows_of(channels, 2);
      Random random(3);
      for (std::size_t i = strange.size() - 10 * channels; i < strange.size(); ++i)
        strange[i] += static_cast<float>(8.0 + 3.0 * random.normal());
      const Looks odd = look(kind, strange, settings);
      const std::size_t size = kind.features(settings);
      const auto model = kind.fit(Samples(looks.features, looks.starts, size), settings);
      std::vector<float> scratch;
      std::vector<float> normal;
      for (const std::size_t start : odd.starts)
        normal.push_back(model->raw(std::span(odd.features).subspan(start, size), scratch));
      const float last = normal.back();
      std::size_t higher = 0;
      for (const float raw : normal) higher += raw > last ? 1 : 0;
      EXPECT_LE(higher, 12U) << kind.name << " of " << normal.size();
    }
  }
}

}  // namespace
}  // namespace topoforge
