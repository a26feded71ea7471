#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Times our engines for peers.py, which times the others on the same windows. A request is a line on standard input,
/// followed by doubles as they lie in memory; an answer is a line with the processor time of this thread in nanoseconds
/// for each call, then a line for each degree with births and deaths in turn.
///   clock CALLS                         reads the clock twice, with nothing between
///   scratch DEGREE POINTS SLOW          lower triangle: VietorisRips::compute, once more unless it took SLOW
///                                       nanoseconds
///   open DEGREE POINTS DIMENSION        that many points: a stream that slides from here
///   push EVENTS                         points: SlidingVietorisRips, for each event a push and the diagram
/// After a push the diagram is compared, untimed, with that of VietorisRips on the same points.
namespace topoforge {
namespace {

std::int64_t thread_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

std::size_t read_count() {
  std::size_t count = 0;
  if (!(std::cin >> count)) throw std::runtime_error("a number is missing");
  return count;
}

std::vector<double> read_doubles(std::size_t count) {
  std::vector<double> values(count);
  // The doubles begin after the end of the line.
  if (std::cin.get() != '\n') throw std::runtime_error("the end of a request is missing");
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): istream reads chars
  std::cin.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
  if (!std::cin) throw std::runtime_error("doubles are missing");
  return values;
}

void answer(const std::vector<std::int64_t>& times, const PersistenceDiagram& diagram) {
  fmt::print("{}\n", fmt::join(times, " "));
  for (const auto& pairs : diagram.pairs) {
    for (const PersistencePair& pair : pairs) fmt::print("{:.17g} {:.17g} ", pair.birth, pair.death);
    fmt::print("\n");
  }
  std::fflush(stdout);
}

class Stream {
 public:
  Stream(std::size_t degree, std::size_t window, PointCloud points)
      : options_{.window = window, .rips = {.max_dimension = degree}},
        engine_(value_of(SlidingVietorisRips::make(options_))),
        points_(std::move(points)) {
    for (std::size_t k = 0; k < points_.size(); ++k) value_of_push(engine_.push(points_.point(k)));
    value_of(engine_.diagram());
  }

  void push(const std::vector<double>& coordinates) {
    std::vector<std::int64_t> times;
    points_.coordinates.insert(points_.coordinates.end(), coordinates.begin(), coordinates.end());
    const PersistenceDiagram* diagram = nullptr;
    const std::size_t events = coordinates.size() / points_.dimension;
    for (std::size_t k = points_.size() - events; k < points_.size(); ++k) {
      const std::int64_t start = thread_nanoseconds();
      value_of_push(engine_.push(points_.point(k)));
      diagram = value_of(engine_.diagram());
      times.push_back(thread_nanoseconds() - start);
    }
    points_.coordinates.erase(
        points_.coordinates.begin(),
        points_.coordinates.end() - static_cast<std::ptrdiff_t>(options_.window * points_.dimension));
    if (value_of(scratch_.compute(points_, options_.rips)) != *diagram) {
      throw std::runtime_error("the diagram of the stream is not that of its window");
    }
    answer(times, *diagram);
  }

  [[nodiscard]] std::size_t dimension() const { return points_.dimension; }

 private:
  static void value_of_push(const Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().message);
  }

  SlidingVietorisRipsOptions options_;
  SlidingVietorisRips engine_;
  VietorisRips scratch_;
  PointCloud points_;  ///< of the window, oldest first
};

void scratch(VietorisRips& engine) {
  const std::size_t degree = read_count();
  const std::size_t points = read_count();
  const auto slow = static_cast<std::int64_t>(read_count());
  const auto distances = value_of(DistanceMatrix::from_lower_triangle(read_doubles(points * (points - 1) / 2)));
  std::vector<std::int64_t> times;
  PersistenceDiagram diagram;
  while (times.empty() || (times.size() < 2 && times.front() < slow)) {
    const std::int64_t start = thread_nanoseconds();
    auto computed = engine.compute(distances, {.max_dimension = degree});
    times.push_back(thread_nanoseconds() - start);
    diagram = value_of(std::move(computed));
  }
  answer(times, diagram);
}

void serve() {
  VietorisRips engine;
  std::optional<Stream> stream;
  for (std::string request; std::cin >> request;) {
    if (request == "clock") {
      std::vector<std::int64_t> times(read_count());
      for (std::int64_t& time : times) {
        const std::int64_t start = thread_nanoseconds();
        time = thread_nanoseconds() - start;
      }
      answer(times, {});
    } else if (request == "scratch") {
      scratch(engine);
    } else if (request == "open") {
      const std::size_t degree = read_count();
      const std::size_t window = read_count();
      const std::size_t dimension = read_count();
      stream.emplace(degree, window, PointCloud{dimension, read_doubles(window * dimension)});
      answer({}, {});
    } else if (request == "push" && stream) {
      const std::size_t events = read_count();
      stream->push(read_doubles(events * stream->dimension()));
    } else {
      throw std::runtime_error("unknown request " + request);
    }
  }
}

}  // namespace
}  // namespace topoforge

int main() {
  try {
    topoforge::serve();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
