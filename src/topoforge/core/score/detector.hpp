#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/window/trail.hpp"

/// Purpose: detectors, each of which looks at the newest rows of a stream in its own way, learns what is usual of that,
/// and then says how unusual it is. Their units differ: a raw value means something next to those of the same detector
/// alone. Thread safety: kinds are constants, a fitted model is immutable, a Workspace has one user at a time.
namespace topoforge {

/// Memory that looking and scoring reuse.
struct Workspace {
  std::vector<std::size_t> pooling;  ///< pooling_blocks() of as many channels as
  std::size_t pooled_channels = 0;   ///< these
  std::vector<float> features;
  std::vector<float> results;
  VietorisRips engine;
};

/// Vectors of equal length in one place, which may overlap.
class Samples {
 public:
  Samples(std::span<const float> values, std::vector<std::size_t> starts, std::size_t size)
      : values_(values), starts_(std::move(starts)), size_(size) {}

  [[nodiscard]] std::size_t count() const { return starts_.size(); }
  [[nodiscard]] std::size_t size() const { return size_; }  ///< of a vector
  [[nodiscard]] std::span<const float> operator[](std::size_t index) const {
    return values_.subspan(starts_[index], size_);
  }
  /// Where in the values they begin, ascending.
  [[nodiscard]] std::span<const std::size_t> starts() const { return starts_; }
  /// At most `most` of them, evenly spread.
  [[nodiscard]] Samples thinned(std::size_t most) const;
  /// At most `most` of them, drawn without replacement: even steps could keep time with a period of the stream.
  [[nodiscard]] Samples drawn(std::size_t most, std::uint64_t seed) const;
  /// One after the other.
  [[nodiscard]] std::vector<float> copied() const;

 private:
  std::span<const float> values_;
  std::vector<std::size_t> starts_;
  std::size_t size_;
};

/// What a model takes over from one row to the next.
struct Carry {
  std::vector<double> numbers;
  float left = 0.0F;      ///< what the next row's features no longer have
  std::size_t steps = 0;  ///< since it began anew
};

/// What is usual of one kind of features.
class NoveltyModel {
 public:
  NoveltyModel() = default;
  NoveltyModel(const NoveltyModel&) = delete;
  NoveltyModel& operator=(const NoveltyModel&) = delete;
  virtual ~NoveltyModel() = default;

  /// Not negative, finite; higher is stranger.
  virtual float raw(std::span<const float> features, std::vector<float>& scratch) const = 0;
  /// The same, but for rounding, of the features a row after those of the last call with this carry; an empty carry
  /// begins anew.
  virtual float next(std::span<const float> features, std::vector<float>& scratch, Carry& /*carry*/) const {
    return raw(features, scratch);
  }
  /// Adds to `out`, by channel, the squares of what it could not account for, where it can tell.
  virtual void blame(std::span<const float> /*features*/, std::span<float> /*out*/) const {}
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

struct DetectorSettings {
  std::size_t channels = 1;
  std::size_t rows = 0;  ///< that there are to learn from
  std::size_t lag = 1;   ///< of delay embeddings, in rows
  std::uint64_t seed = 42;
};

/// Which evidence goes together, see Combination.
enum class DetectorGroup { values, shape, second_order };

struct DetectorKind {
  std::string_view name;
  DetectorGroup group = DetectorGroup::values;
  std::size_t least_channels = 1;
  std::size_t most_channels = static_cast<std::size_t>(-1);
  /// It looks at every such row; between them its value holds.
  std::size_t every = 1;
  /// Newest raw values of which the mean is taken.
  std::size_t smoothing = 1;
  /// Newest rows that it looks at.
  std::size_t (*span)(const DetectorSettings& settings);
  /// Numbers that it makes of them; nullptr: all of them as they are.
  std::size_t (*size)(const DetectorSettings& settings) = nullptr;
  /// trail: the newest span rows. Nothing where size is nullptr.
  void (*look)(const Trail& trail, const DetectorSettings& settings, Workspace& workspace,
               std::span<float> out) = nullptr;
  /// samples: one or more.
  std::unique_ptr<NoveltyModel> (*fit)(const Samples& samples, const DetectorSettings& settings);

  [[nodiscard]] std::size_t features(const DetectorSettings& settings) const {
    return size != nullptr ? size(settings) : span(settings) * settings.channels;
  }
};

/// All kinds, in the order in which verdicts name them.
std::span<const DetectorKind> detector_kinds();

}  // namespace topoforge
