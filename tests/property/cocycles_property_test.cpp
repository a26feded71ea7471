#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Cocycles of all degrees are what they claim to be: cocycles while their class lives, and at each length a basis of
/// the cohomology, by linear algebra over Z/2 on all simplices.
namespace topoforge::property {
namespace {

constexpr std::size_t kInputs = 20000;

using Chain = std::uint64_t;  ///< of simplices of one dimension, a bit for each; for up to 7 points

class Complex {
 public:
  Complex(const DistanceMatrix& distances, std::size_t vertices) : distances_(distances) {
    std::vector<std::uint32_t> simplex;
    extend(vertices, 0, simplex);
  }
  [[nodiscard]] std::size_t size() const { return simplices_.size(); }
  [[nodiscard]] const SimplexPoints& simplex(std::size_t i) const { return simplices_[i]; }
  [[nodiscard]] double diameter(std::size_t i) const { return diameters_[i]; }
  [[nodiscard]] std::size_t place(const SimplexPoints& simplex) const { return places_.at(simplex); }

 private:
  void extend(std::size_t vertices, std::uint32_t first, std::vector<std::uint32_t>& simplex) {
    if (simplex.size() == vertices) {
      places_[simplex] = simplices_.size();
      simplices_.push_back(simplex);
      double diameter = 0.0;
      for (const auto a : simplex) {
        for (const auto b : simplex) diameter = std::max(diameter, distances_(a, b));
      }
      diameters_.push_back(diameter);
      return;
    }
    for (auto vertex = first; vertex < distances_.size(); ++vertex) {
      simplex.push_back(vertex);
      extend(vertices, vertex + 1, simplex);
      simplex.pop_back();
    }
  }

  const DistanceMatrix& distances_;
  std::vector<SimplexPoints> simplices_;
  std::vector<double> diameters_;
  std::map<SimplexPoints, std::size_t> places_;
};

/// The simplices of one dimension more that a chain is odd on the boundary of, up to a length.
bool is_cocycle(Chain chain, const Complex& faces, const Complex& cofaces, double death, double longest) {
  for (std::size_t i = 0; i < cofaces.size(); ++i) {
    if (cofaces.diameter(i) >= death || cofaces.diameter(i) > longest) continue;
    bool odd = false;
    for (std::size_t left_out = 0; left_out < cofaces.simplex(i).size(); ++left_out) {
      SimplexPoints face = cofaces.simplex(i);
      face.erase(face.begin() + static_cast<std::ptrdiff_t>(left_out));
      odd ^= (chain >> faces.place(face) & 1U) != 0;
    }
    if (odd) return false;
  }
  return true;
}

/// The coboundary of one simplex among those of one dimension more.
Chain coboundary(const SimplexPoints& face, const Complex& cofaces) {
  Chain chain = 0;
  for (std::size_t i = 0; i < cofaces.size(); ++i) {
    if (std::ranges::includes(cofaces.simplex(i), face)) chain |= Chain{1} << i;
  }
  return chain;
}

bool add_to_basis(std::vector<Chain>& basis, Chain chain) {
  for (const Chain member : basis) chain = std::min(chain, chain ^ member);
  if (chain == 0) return false;
  basis.push_back(chain);
  std::ranges::sort(basis, std::greater<>());
  return true;
}

TEST(CocyclesProperty, AreABasisOfTheCohomologyAtEachLength) {
  std::size_t classes = 0;
  for (std::uint64_t seed = 0; seed < kInputs; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t n = 4 + random.below(4);
    const DistanceMatrix distances =
        seed % 2 == 0 ? pairwise_distances(uniform_points(random, n, 2 + random.below(3))) : any_distances(random, n);
    const double longest = random.below(3) == 0 ? distances.lower()[random.below(distances.lower().size())]
                                                : std::numeric_limits<double>::infinity();
    const VietorisRipsOptions options{.max_dimension = random.below(4), .max_edge_length = longest};
    VietorisRips rips;
    const DiagramWithCocycles result = rips.cocycles(distances, options).value();
    ASSERT_EQ(result.diagram, rips.compute(distances, options).value());
    ASSERT_EQ(result.cocycles.size(), result.diagram.dimensions());
    EXPECT_TRUE(result.cocycles[0].empty());
    for (std::size_t degree = 1; degree < result.cocycles.size(); ++degree) {
      const Complex faces(distances, degree);
      const Complex simplices(distances, degree + 1);
      const Complex cofaces(distances, degree + 2);
      const auto& pairs = result.diagram.pairs[degree];
      ASSERT_EQ(result.cocycles[degree].size(), pairs.size());
      std::vector<Chain> chains;
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        Chain chain = 0;
        double first = std::numeric_limits<double>::infinity();
        for (const SimplexPoints& simplex : result.cocycles[degree][i]) {
          const std::size_t place = simplices.place(simplex);
          EXPECT_EQ(chain >> place & 1U, 0U) << "a simplex comes twice";
          chain |= Chain{1} << place;
          first = std::min(first, simplices.diameter(place));
        }
        EXPECT_EQ(first, pairs[i].birth);
        EXPECT_TRUE(is_cocycle(chain, simplices, cofaces, pairs[i].death, longest));
        chains.push_back(chain);
        ++classes;
      }
      for (const PersistencePair& at : pairs) {
        Chain present = 0;
        std::vector<Chain> basis;
        for (std::size_t i = 0; i < simplices.size(); ++i) {
          if (simplices.diameter(i) <= at.birth) present |= Chain{1} << i;
        }
        for (std::size_t i = 0; i < faces.size(); ++i) {
          if (faces.diameter(i) <= at.birth) add_to_basis(basis, coboundary(faces.simplex(i), simplices) & present);
        }
        for (std::size_t i = 0; i < pairs.size(); ++i) {
          if (pairs[i].birth <= at.birth && at.birth < pairs[i].death) {
            EXPECT_TRUE(add_to_basis(basis, chains[i] & present)) << "degree " << degree << ", class " << i;
          }
        }
      }
    }
    if (HasFailure()) break;
  }
  EXPECT_GT(classes, kInputs / 8);
}

}  // namespace
}  // namespace topoforge::property
