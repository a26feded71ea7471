#pragma once

#include <cstddef>
#include <span>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: how far apart two persistence diagrams of one degree are: the cheapest matching of their pairs, where each
/// pair may also be matched to the diagonal. The ground metric is L-infinity on (birth, death); the diagonal is half a
/// lifetime away.
/// Essential classes (death +inf) are matched among themselves, sorted by birth; different numbers of them are +inf
/// apart. Order within a list does not matter; births and finite deaths are finite, births at most deaths (asserted).
/// Source: Cohen-Steiner, Edelsbrunner and Harer, "Stability of persistence diagrams" (2007); Kerber, Morozov and
/// Nigmetov, "Geometry helps to compare persistence diagrams" (2017).
/// Corresponds to gudhi's bottleneck_distance(X, Y, e=0) and, as its order and internal_p, to
/// gudhi.wasserstein.wasserstein_distance(X, Y, order=p, internal_p=inf). persim's `bottleneck` and `wasserstein` leave
/// essential classes out and measure its Wasserstein distance with p = 1 in the Euclidean plane.
/// A DiagramMatcher (diagram_matching.hpp) computes both with memory that it keeps.
/// Errors: limit_exceeded if one list has a and the other b finite pairs and a * b > kMaxMatchedProducts.
/// Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxMatchedProducts = std::size_t{1} << 25;

/// The longest edge of a matching whose longest edge is shortest; one of the distances itself, without rounding.
/// Augmenting paths over bit sets, for a radius between bounds that mostly meet: O(a b) time as a rule,
/// O(a b max(a, b) log(a b) / 64) at worst; 8 a b bytes.
Result<double> bottleneck_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second);

/// The p-th root of the least sum of p-th powers of edges, up to rounding; 0 for equal lists. invalid_argument unless p
/// is finite and at least 1. Shortest augmenting paths (Jonker and Volgenant 1987) over the matches that cost no more
/// than the diagonal: O(a b min(a, b)) time, 16 a b bytes at worst.
Result<double> wasserstein_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                                    double p = 1.0);

}  // namespace topoforge
