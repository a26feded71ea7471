#include <cstdlib>

#include <gtest/gtest.h>
#include <hwy/targets.h>

/// TOPOFORGE_INSTRUCTION_SET=plain: the engines of these tests use what every machine has, not the best that this has.
namespace topoforge::property {
namespace {

class InstructionSet final : public ::testing::Environment {
  void SetUp() override {
    const char* const chosen = std::getenv("TOPOFORGE_INSTRUCTION_SET");
    if (chosen == nullptr) return;
    ASSERT_STREQ(chosen, "plain");
    hwy::SetSupportedTargetsForTest(HWY_STATIC_TARGET);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    ASSERT_EQ(hwy::SupportedTargets(), HWY_STATIC_TARGET);
  }
};

[[maybe_unused]] const auto* const kInstructionSet = ::testing::AddGlobalTestEnvironment(new InstructionSet);

}  // namespace
}  // namespace topoforge::property
