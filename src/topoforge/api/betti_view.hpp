#pragma once

#include <cstdint>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/core/features/betti.hpp"

/// Purpose: Betti numbers as they are answered. Thread safety: values.
namespace topoforge::api {

struct BettiView {
  std::uint64_t h0 = 0;
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  static constexpr auto model() { return topoforge::model("BettiNumbers", "Components, loops and voids"); }
};
BOOST_DESCRIBE_STRUCT(BettiView, (), (h0, h1, h2))

inline BettiView view_of(const BettiNumbers& numbers) { return {.h0 = numbers.h0, .h1 = numbers.h1, .h2 = numbers.h2}; }

}  // namespace topoforge::api
