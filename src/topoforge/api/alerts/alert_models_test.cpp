#include "topoforge/api/alerts/alert_models.hpp"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/write_model.hpp"

namespace topoforge::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class HashDigest final : public Digest {
 public:
  [[nodiscard]] std::string sha256_hex(std::string_view text) const override {
    return std::to_string(std::hash<std::string_view>()(text));
  }
  [[nodiscard]] std::string hmac_sha256_hex(std::string_view, std::string_view text) const override {
    return std::string(text);
  }
};

/// The channels of a configuration around them.
std::string with_channels(const std::string& channels) { return R"({"name":"n","channels":[)" + channels + "]}"; }

std::string faults_of(const std::string& json) {
  const auto read = read_model_text<AlertConfigInput>(json);
  return read ? std::string() : print_json(to_json(read.error()));
}

AlertConfigInput input_of(const std::string& json) { return read_model_text<AlertConfigInput>(json).value(); }

TEST(AlertModels, AConfigurationHasDefaults) {
  const auto input = input_of(with_channels(R"({"type":"webhook","url":"https://example.com/h"})"));
  EXPECT_EQ(input.threshold, 0.8);
  EXPECT_EQ(input.cooldown_seconds, 300U);
  EXPECT_TRUE(input.active);
  EXPECT_TRUE(input.sources.empty());
}

TEST(AlertModels, SaysWhereAChannelIsWrong) {
  EXPECT_THAT(faults_of(with_channels(R"({"type":"webhook"})")), HasSubstr(R"(["body","channels",0,"url"])"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"email"})")), HasSubstr(R"(["body","channels",0,"to"])"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"pager"})")), HasSubstr("webhook, slack, email"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"webhook","url":"file:///etc/passwd"})")), HasSubstr("http://"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"slack","url":"https://s.example/x","secret":"0123456789abcdef"})")),
              HasSubstr("a channel of type slack has none"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"email","to":"ada@example.com\r\nBcc: eve@example.com"})")),
              HasSubstr(R"(["body","channels",0,"to"])"));
  EXPECT_THAT(faults_of(with_channels(R"({"type":"email","to":"a@example.com","url":"https://e.example"})")),
              HasSubstr(R"(["body","channels",0,"url"])"));
  const std::string twice = R"({"type":"email","to":"a@example.com"})";
  EXPECT_THAT(faults_of(with_channels(twice + "," + twice)), HasSubstr("twice"));
  EXPECT_THAT(faults_of(with_channels("")), HasSubstr("1 to 8 items"));
  EXPECT_THAT(faults_of(R"({"name":"a\nb","channels":[)" + twice + "]}"), HasSubstr("control characters"));
  EXPECT_THAT(faults_of(R"({"name":"a","threshold":1.5,"channels":[)" + twice + "]}"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(faults_of(R"({"name":"a","sources":[""],"channels":[)" + twice + "]}"), HasSubstr(R"("sources",0])"));
}

TEST(AlertModels, AWrongSecretIsNotQuoted) {
  const std::string faults =
      faults_of(with_channels(R"({"type":"webhook","url":"https://e.example","secret":"hunter2"})"));
  EXPECT_THAT(faults, HasSubstr("16 characters"));
  EXPECT_THAT(faults, Not(HasSubstr("hunter2")));
}

TEST(AlertModels, ASecretGoesInAndNeverComesOut) {
  AlertConfig config;
  apply(input_of(with_channels(R"({"type":"webhook","url":"https://e.example","secret":"0123456789abcdef"})")),
        HashDigest(), config);
  ASSERT_EQ(config.channels.size(), 1U);
  EXPECT_EQ(config.channels[0].secret, "0123456789abcdef");
  const std::string shown = print_model(view_of(config));
  EXPECT_THAT(shown, HasSubstr(R"("has_secret":true)"));
  EXPECT_THAT(shown, Not(HasSubstr("0123456789abcdef")));
}

TEST(AlertModels, AChangeKeepsTheSecretOfAChannelUnlessOneIsGiven) {
  AlertConfig config;
  const auto change = [&config](const std::string& channel) {
    apply(input_of(with_channels(channel)), HashDigest(), config);
    return config.channels.at(0).secret;
  };
  EXPECT_EQ(change(R"({"type":"webhook","url":"https://e.example","secret":"0123456789abcdef"})"), "0123456789abcdef");
  EXPECT_EQ(change(R"({"type":"webhook","url":"https://e.example"})"), "0123456789abcdef");
  EXPECT_EQ(change(R"({"type":"webhook","url":"https://e.example","secret":""})"), std::nullopt);
  EXPECT_EQ(change(R"({"type":"webhook","url":"https://e.example","secret":"fedcba9876543210"})"), "fedcba9876543210");
  EXPECT_EQ(change(R"({"type":"webhook","url":"https://other.example"})"), std::nullopt)
      << "another receiver does not get the secret of the first";
}

}  // namespace
}  // namespace topoforge::api
