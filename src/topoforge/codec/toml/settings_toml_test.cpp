#include "topoforge/codec/toml/settings_toml.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string problem(std::string_view text) {
  const auto read = read_settings_toml(text, "topoforge.toml");
  return read ? "" : read.error().message;
}

TEST(SettingsToml, ValuesAreTextInTheOrderOfTheLines) {
  const auto read = read_settings_toml(
      "# settings\nwindow = 80\nport = 9_000\nthreshold = 0.25\nopen_stream = false\nhost = '::1' # v6\nrate = 1e2\n"
      "cors_origins = \"\"\n",
      "topoforge.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(*read, ElementsAre(SettingEntry{.key = "window", .value = "80", .line = 2},
                                 SettingEntry{.key = "port", .value = "9000", .line = 3},
                                 SettingEntry{.key = "threshold", .value = "0.25", .line = 4},
                                 SettingEntry{.key = "open_stream", .value = "false", .line = 5},
                                 SettingEntry{.key = "host", .value = "::1", .line = 6},
                                 SettingEntry{.key = "rate", .value = "100", .line = 7},
                                 SettingEntry{.key = "cors_origins", .value = "", .line = 8}));
  EXPECT_THAT(read_settings_toml("", "topoforge.toml").value(), IsEmpty());
}

TEST(SettingsToml, ProblemsNameLineAndKind) {
  EXPECT_EQ(problem("window = 80\nhost = [\"a\"]\n"),
            "topoforge.toml:2: 'host' is an array; wanted a text, a number or a boolean");
  EXPECT_EQ(problem("\n[limits]\ngeneral = 3\n"),
            "topoforge.toml:2: 'limits' is a table; wanted a text, a number or a boolean");
  EXPECT_THAT(problem("port = 2026-01-01\n"), HasSubstr("'port' is a date or time"));
  EXPECT_THAT(problem("port = 1\nport = 2\n"), StartsWith("topoforge.toml:2: not TOML: "));
  EXPECT_THAT(problem("port = 1\nhost localhost\n"), StartsWith("topoforge.toml:2: not TOML: "));
  EXPECT_THAT(problem(std::string_view("#\n[[\0", 5)), StartsWith("topoforge.toml:2: a byte that is no text"));
  EXPECT_THAT(problem(std::string(kMaxSettingsBytes + 1, '#')), HasSubstr("at most 262144 are allowed"));
}

TEST(SettingsToml, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_THAT(problem("a = " + std::string(5000, '[')), HasSubstr("not TOML: "));
}

}  // namespace
}  // namespace topoforge
