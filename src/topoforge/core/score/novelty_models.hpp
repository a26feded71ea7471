#pragma once

#include <cstddef>
#include <memory>

#include "topoforge/core/score/detector.hpp"

/// Purpose: the ways in which detectors tell what is usual of the features they are given. Each is a fit function of a
/// DetectorKind. Thread safety: pure functions.
namespace topoforge {

/// Samples of a fit that takes a matrix of them, and references of a search: more teach little and cost much.
inline constexpr std::size_t kMostSamples = 4000;
inline constexpr std::size_t kMostReferences = 1000;
inline constexpr std::size_t kMostStretches = 512;
/// Numbers in the references of a search: they are what a detector keeps most of.
inline constexpr std::size_t kMostReferenceNumbers = 65'536;

/// What principal components do not restore of the newest features.
std::unique_ptr<NoveltyModel> fit_components(const Samples& samples, const DetectorSettings& settings);
/// Mahalanobis distance.
std::unique_ptr<NoveltyModel> fit_mahalanobis(const Samples& samples, const DetectorSettings& settings);
/// Distance to the nearest neighbours, as it is or with every feature measured in its spread.
std::unique_ptr<NoveltyModel> fit_neighbours(const Samples& samples, const DetectorSettings& settings);
std::unique_ptr<NoveltyModel> fit_scaled_neighbours(const Samples& samples, const DetectorSettings& settings);
/// Of a stretch of one channel to the nearest stretches of the past, and the same with the means removed.
std::unique_ptr<NoveltyModel> fit_stretches(const Samples& samples, const DetectorSettings& settings);
std::unique_ptr<NoveltyModel> fit_centred_stretches(const Samples& samples, const DetectorSettings& settings);
/// Errors of an autoregression, their root mean square; of a regression across channels, the mean of the greatest.
std::unique_ptr<NoveltyModel> fit_autoregression(const Samples& samples, const DetectorSettings& settings);
std::unique_ptr<NoveltyModel> fit_cross_regression(const Samples& samples, const DetectorSettings& settings);
std::unique_ptr<NoveltyModel> fit_isolation_forest(const Samples& samples, const DetectorSettings& settings);
/// What an autoencoder does not restore of the newest features.
std::unique_ptr<NoveltyModel> fit_autoencoder(const Samples& samples, const DetectorSettings& settings);
/// The one feature itself.
std::unique_ptr<NoveltyModel> fit_nothing(const Samples& samples, const DetectorSettings& settings);

/// Features that come first and belong to the newest rows: those of one row of several channels, five rows of one.
inline std::size_t newest_features(const DetectorSettings& settings) {
  constexpr std::size_t kRowsOfOne = 5;
  return settings.channels == 1 ? kRowsOfOne : settings.channels;
}

}  // namespace topoforge
