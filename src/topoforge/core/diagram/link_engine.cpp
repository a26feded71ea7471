#include "topoforge/core/diagram/link_engine.hpp"

#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

// This file is compiled once for AVX-512, once for AVX2 and once for what every machine has.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topoforge/core/diagram/link_engine.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "topoforge/core/diagram/link_algebra-inl.hpp"
#include "topoforge/core/diagram/link_gradient-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {
namespace {

template <std::size_t kWords>
class SizedLinkEngine final : public LinkEngine {
 public:
  ExactBelow compute(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, const Limits& limits,
                     Pairs& pairs) override {
    if (!gradient_.build(lengths, n, edges, limits)) return std::nullopt;
    return solve(limits, pairs);
  }
  void trace(std::span<const EdgeEnds> edges, LinkTrace& trace) override { algebra_.trace(edges, trace); }
  bool start(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, SlideFrom from,
             const Limits& limits) override {
    return gradient_.build(lengths, n, edges, limits, from) && std::isinf(gradient_.cut());
  }
  void replace(std::size_t slot) override { gradient_.replace(slot); }
  ExactBelow solve(const Limits& limits, Pairs& pairs) override {
    if (gradient_.links().words() > limits.max_words) return std::nullopt;
    // A cut takes away what was too much, so that few are needed.
    for (double cut = gradient_.cut();;) {
      if (algebra_.solve(gradient_, cut, limits, pairs)) return cut;
      if (algebra_.words() > limits.max_words) return std::nullopt;
      cut = algebra_.stopped_at();
      for (std::vector<PersistencePair>& list : pairs) list.clear();
    }
  }
  [[nodiscard]] Effort effort() const override { return gradient_.effort(); }

 private:
  LinkGradient<kWords> gradient_;
  LinkAlgebra<kWords> algebra_;
};

std::unique_ptr<LinkEngine> make_engine(std::size_t n) {
  if (n <= 64) return std::make_unique<SizedLinkEngine<1>>();
  if (n <= 128) return std::make_unique<SizedLinkEngine<2>>();
  if (n <= 256) return std::make_unique<SizedLinkEngine<4>>();
  if (n <= 512) return std::make_unique<SizedLinkEngine<8>>();
  if (n <= 1024) return std::make_unique<SizedLinkEngine<16>>();
  return std::make_unique<SizedLinkEngine<32>>();
}

}  // namespace
}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace topoforge {

HWY_EXPORT(make_engine);

std::unique_ptr<LinkEngine> make_link_engine(std::size_t n) { return HWY_DYNAMIC_DISPATCH(make_engine)(n); }

}  // namespace topoforge
#endif
