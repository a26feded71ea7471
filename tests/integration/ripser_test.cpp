#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
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
extern char** environ;

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A file that goes when its owner goes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("topoforge_ripser_" + std::to_string(::getpid()) + "_" + name)) {}
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

/// Runs ripser with its output in a file. False if it could not be started or failed.
bool run_ripser(std::vector<std::string> words, const std::filesystem::path& output) {
  words.insert(words.begin(), "ripser");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, "ripser", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return failure == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

PersistenceDiagram ripser(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  const TemporaryFile input("input");
  const TemporaryFile output("output");
  {
    std::ofstream file(input.path());
    file << std::setprecision(9);
    std::size_t position = 0;
    for (std::size_t i = 1; i < distances.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) file << distances.lower()[position++] << ' ';
      file << '\n';
    }
  }
  std::vector<std::string> words{"--format", "lower-distance", "--dim", std::to_string(options.max_dimension)};
  if (std::isfinite(options.max_edge_length)) {
    words.insert(words.end(), {"--threshold", std::to_string(options.max_edge_length)});
  }
  words.push_back(input.path().string());
  if (!run_ripser(words, output.path())) throw std::runtime_error("ripser failed");
  std::ifstream file(output.path());
  return parse(file);
}

PersistenceDiagram ours(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  return VietorisRips().compute(distances, options).value();
}

class RipserAgreement : public ::testing::Test {
 protected:
  void SetUp() override {
    const TemporaryFile three_points("three_points");
    std::ofstream(three_points.path()) << "1\n2 3\n";
    if (!run_ripser({"--dim", "1", three_points.path().string()}, "/dev/null")) {
      GTEST_SKIP() << "the program ripser is missing: apt-get install ripser";
    }
  }
};

TEST_F(RipserAgreement, OnIntegerDistancesIsExact) {
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

TEST_F(RipserAgreement, OnGridPointsWithManyTiesIsExact) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    property::Random random(seed);
    const PointCloud cloud = property::grid_points(random, 100, 3, 9);
    const DistanceMatrix distances = pairwise_distances(cloud, Metric::manhattan);
    EXPECT_EQ(ours(distances, {}), ripser(distances, {}));
  }
}

TEST_F(RipserAgreement, OnUniformPointsIsWithinItsRounding) {
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
