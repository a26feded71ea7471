#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/window_inputs.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// The main table: processor time per window, so that a busy machine blurs it little, as a ratio to Debian's program
/// `ripser` in the same run, interleaved, from the same distances. Ripser runs as its own process over a text file; the
/// median time of a run over the same file that asks for no edge (--dim 0 --threshold 0) is subtracted, so that process
/// start and reading are left out. Ours runs in this process, in double precision; ripser computes in float.
extern char** environ;

namespace topoforge {
namespace {

double milliseconds(const timeval& time) {
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
}

double own_cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void write_text(const std::filesystem::path& path, const DistanceMatrix& distances) {
  std::ofstream file(path);
  for (const double entry : distances.lower()) file << fmt::format("{:.9g}\n", entry);
}

/// Processor time of one run of ripser in milliseconds; nothing if it cannot be started or fails.
std::optional<double> time_ripser(const std::filesystem::path& input, std::vector<std::string> options) {
  std::vector<std::string> words{"ripser", "--format", "lower-distance"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(input.string());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, "ripser", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage{};
  if (failure != 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return {};
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

struct Case {
  std::string name;
  PointCloud (*make_window)(std::size_t points, std::uint64_t seed);
};

/// Prints one row. False if ripser failed.
bool measure(const Case& input, std::size_t points, std::size_t degree, const std::filesystem::path& folder) {
  const std::size_t runs = points >= 200 && degree >= 2 ? 9 : 41;
  const std::filesystem::path window_file = folder / "window.txt";
  VietorisRips engine;
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> starts;
  for (std::size_t run = 0; run < runs; ++run) {
    const DistanceMatrix distances = pairwise_distances(input.make_window(points, run));
    write_text(window_file, distances);
    const auto start_time = time_ripser(window_file, {"--dim", "0", "--threshold", "0"});
    const auto their_time = time_ripser(window_file, {"--dim", std::to_string(degree)});
    if (!start_time || !their_time) return false;
    const double start = own_cpu_milliseconds();
    const auto diagram = engine.compute(distances, {.max_dimension = degree});
    ours.push_back(own_cpu_milliseconds() - start);
    if (!diagram) return false;
    starts.push_back(*start_time);
    theirs.push_back(*their_time);
  }
  const double their_work = median(theirs) - median(starts);
  fmt::print("{:<34} {:>4} {:>6} {:>12.3f} {:>12.3f} {:>12.3f} {:>10.1f}x\n", input.name, points, degree, median(ours),
             their_work, median(starts), their_work / median(ours));
  return true;
}

int run() {
  std::string folder = (std::filesystem::temp_directory_path() / "topoforge_bench_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "cannot make a folder in {}\n", std::filesystem::temp_directory_path().string());
    return 1;
  }
  fmt::print(
      "Milliseconds of processor time per window, median over windows; ripser's start and reading are left out and "
      "shown beside.\n");
  fmt::print("{:<34} {:>4} {:>6} {:>12} {:>12} {:>12} {:>11}\n", "input", "n", "degree", "topoforge", "ripser",
             "its start", "faster");
  bool complete = true;
  for (const Case& input : {Case{"delay embedding in R^3, periodic", bench::noisy_periodic_window},
                            Case{"uniform in [0,1]^8", bench::uniform_window}}) {
    for (const std::size_t degree : {1u, 2u}) {
      for (const std::size_t points : {50u, 100u, 200u}) complete = complete && measure(input, points, degree, folder);
    }
  }
  std::filesystem::remove_all(folder);
  if (!complete) fmt::print(stderr, "ripser cannot be run: apt-get install ripser\n");
  return complete ? 0 : 1;
}

}  // namespace
}  // namespace topoforge

int main() { return topoforge::run(); }
