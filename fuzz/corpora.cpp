// The first inputs of the fuzz targets, without a fuzzer: topoforge_corpora TARGET FOLDER
#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Which the build writes: TARGET(name) for each.
#define TARGET(name) extern "C" int name##_target(const std::uint8_t* data, std::size_t size);
#include "corpora_targets.inc"
#undef TARGET

namespace {

constexpr std::array kTargets{
#define TARGET(name) std::pair{std::string_view(#name), &name##_target},
#include "corpora_targets.inc"
#undef TARGET
};

std::vector<char> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit);
  return {std::istreambuf_iterator<char>(file), {}};
}

int run(std::string_view name, const std::filesystem::path& folder) {
  for (const auto& [target, test] : kTargets) {
    if (target != name) continue;
    std::size_t inputs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::vector<char> input = content_of(entry.path());
      std::printf("%s\n", entry.path().c_str());
      test(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
      ++inputs;
    }
    return inputs > 0 ? 0 : 1;
  }
  std::fprintf(stderr, "no target %s\n", std::string(name).c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: topoforge_corpora TARGET FOLDER\n", stderr);
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
