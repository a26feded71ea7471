#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// The engine against Debian's program `ripser` on inputs too large for the oracle. Ripser computes in float and prints
/// six digits: integer distances below a million are exact, others agree within 2e-5.
namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool ripser_is_installed() { return std::system("command -v ripser > /dev/null 2>&1") == 0; }

#define TOPOFORGE_NEEDS_RIPSER() \
  if (!ripser_is_installed()) GTEST_SKIP() << "the program ripser is missing: apt-get install ripser"

/// A file that goes when its owner goes.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(std::filesystem::temp_directory_path() / ("topoforge_ripser_" + std::to_string(::getpid()) + ".txt")) {}
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Reads "persistence intervals in dim k:" and the lines " [birth,death)" and " [birth, )" that follow.
PersistenceDiagram parse(std::istream& output) {
  PersistenceDiagram diagram;
  std::string line;
  while (std::getline(output, line)) {
    if (line.starts_with("persistence intervals in dim")) {
      diagram.pairs.emplace_back();
    } else if (line.starts_with(" [") && !diagram.pairs.empty()) {
      const std::size_t comma = line.find(',');
      const std::string death = line.substr(comma + 1, line.find(')') - comma - 1);
      diagram.pairs.back().push_back({std::stod(line.substr(2)), death == " " ? kInfinity : std::stod(death)});
    }
  }
  for (auto& pairs : diagram.pairs) std::ranges::sort(pairs);
  return diagram;
}

PersistenceDiagram ripser(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  const TemporaryFile input;
  {
    std::ofstream file(input.path());
    file << std::setprecision(9);
    std::size_t position = 0;
    for (std::size_t i = 1; i < distances.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) file << distances.lower()[position++] << ' ';
      file << '\n';
    }
  }
  std::ostringstream command;
  command << "ripser --format lower-distance --dim " << options.max_dimension;
  if (std::isfinite(options.max_edge_length)) command << " --threshold " << options.max_edge_length;
  command << " '" << input.path().string() << "'";
  std::FILE* const pipe = ::popen(command.str().c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start ripser");
  std::stringstream output;
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    output.write(buffer, static_cast<std::streamsize>(count));
  }
  const int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("ripser failed: " + command.str());
  return parse(output);
}

PersistenceDiagram ours(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  return VietorisRips().compute(distances, options).value();
}

TEST(RipserAgreement, OnIntegerDistancesIsExact) {
  TOPOFORGE_NEEDS_RIPSER();
  struct Case {
    std::size_t points;
    std::size_t values;
    std::size_t max_dimension;
    double max_edge_length;
  };
  for (const Case& input : {Case{120, 300, 1, kInfinity}, Case{60, 100, 2, kInfinity}, Case{25, 50, 3, kInfinity},
                            Case{80, 900'000, 2, 250'000}, Case{200, 2000, 1, 200}, Case{40, 30, 3, 12}}) {
    std::size_t highest_classes = 0;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      SCOPED_TRACE(::testing::Message() << input.points << " points, degree " << input.max_dimension << ", seed "
                                        << seed);
      property::Random random(seed);
      const DistanceMatrix distances = property::integer_distances(random, input.points, input.values);
      const VietorisRipsOptions options{.max_dimension = input.max_dimension, .max_edge_length = input.max_edge_length};
      const PersistenceDiagram expected = ripser(distances, options);
      ASSERT_EQ(expected.pairs.size(), input.max_dimension + 1);
      highest_classes += expected.pairs[input.max_dimension].size();
      EXPECT_EQ(ours(distances, options), expected);
    }
    EXPECT_GT(highest_classes, 0u) << "nothing was compared in the highest degree";
  }
}

TEST(RipserAgreement, OnGridPointsWithManyTiesIsExact) {
  TOPOFORGE_NEEDS_RIPSER();
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    property::Random random(seed);
    const PointCloud cloud = property::grid_points(random, 100, 3, 9);
    const DistanceMatrix distances = pairwise_distances(cloud, Metric::manhattan);
    EXPECT_EQ(ours(distances, {}), ripser(distances, {}));
  }
}

TEST(RipserAgreement, OnUniformPointsIsWithinItsRounding) {
  TOPOFORGE_NEEDS_RIPSER();
  for (const std::size_t dimension : {2u, 3u, 8u}) {
    SCOPED_TRACE(::testing::Message() << "dimension " << dimension);
    property::Random random(dimension);
    const DistanceMatrix distances = pairwise_distances(property::uniform_points(random, 150, dimension));
    const PersistenceDiagram diagram = ours(distances, {});
    const PersistenceDiagram expected = ripser(distances, {});
    ASSERT_EQ(diagram.pairs.size(), expected.pairs.size());
    for (std::size_t degree = 0; degree < diagram.pairs.size(); ++degree) {
      // Stability: rounding the distances moves the diagram no farther than it moves them.
      EXPECT_LE(bottleneck_distance(diagram.pairs[degree], expected.pairs[degree]).value(), 2e-5)
          << "degree " << degree;
    }
  }
}

}  // namespace
}  // namespace topoforge
