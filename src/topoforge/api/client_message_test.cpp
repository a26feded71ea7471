#include "topoforge/api/client_message.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

TEST(ClientMessage, AnEventIsRawOrWrapped) {
  for (const char* text : {R"({"source":"s","value":1})", R"({"type":"event","payload":{"source":"s","value":1}})",
                           R"({"type":"edit","source":"s","value":1})", R"({"type":"event","source":"s","value":1})"}) {
    const auto message = read_client_message(text);
    ASSERT_TRUE(message) << text;
    ASSERT_TRUE(std::holds_alternative<Event>(*message)) << text;
    const Event& event = std::get<Event>(*message);
    EXPECT_EQ(event.stream.source, "s");
    ASSERT_EQ(event.values.size(), 1U);
    EXPECT_EQ(event.values[0], (Measurement{"value", 1.0}));
  }
}

TEST(ClientMessage, AConfigHasAThresholdInPercent) {
  for (const auto& [text, percent] : {std::pair("0", 0.0), std::pair("37.5", 37.5), std::pair("1e2", 100.0)}) {
    const auto message =
        read_client_message(std::string(R"({"type":"config","payload":{"anomaly_threshold":)") + text + "}}");
    ASSERT_TRUE(message) << text;
    ASSERT_TRUE(std::holds_alternative<ClientConfig>(*message));
    EXPECT_EQ(std::get<ClientConfig>(*message).anomaly_threshold, percent);
  }
}

TEST(ClientMessage, AConfigMayNameSources) {
  const auto message =
      read_client_message(R"({"type":"config","payload":{"anomaly_threshold":5,"sources":["a","b"]}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<ClientConfig>(*message).anomaly_threshold, 5.0);
  EXPECT_THAT(*std::get<ClientConfig>(*message).sources, testing::ElementsAre("a", "b"));
  const auto all = read_client_message(R"({"type":"config","payload":{"sources":null}})");
  ASSERT_TRUE(all);
  EXPECT_FALSE(std::get<ClientConfig>(*all).anomaly_threshold);
  EXPECT_TRUE(std::get<ClientConfig>(*all).sources->empty());
}

struct Wrong {
  const char* name;
  const char* text;
  const char* loc;
  const char* type;
};

class WrongMessage : public testing::TestWithParam<Wrong> {};

TEST_P(WrongMessage, IsNamed) {
  const auto message = read_client_message(GetParam().text);
  ASSERT_FALSE(message) << GetParam().text;
  ASSERT_EQ(message.error().size(), 1U);
  const auto json = to_json(message.error());
  EXPECT_EQ(print_json(json.as_array()[0].at("loc")), GetParam().loc);
  EXPECT_EQ(json.as_array()[0].at("type").as_string(), GetParam().type);
  EXPECT_FALSE(message.error()[0].message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    ClientMessage, WrongMessage,
    testing::Values(Wrong{"Empty", "", R"(["body"])", "json_invalid"},
                    Wrong{"Truncated", "{\"value\":1", R"(["body","value"])", "json_invalid"},
                    Wrong{"TextValue", R"({"value":"x"})", R"(["body","value"])", "float_type"},
                    Wrong{"TextValueInAPayload", R"({"type":"event","payload":{"values":{"cpu":"x"}}})",
                          R"(["body","payload","values","cpu"])", "float_type"},
                    Wrong{"ArrayAsConfig", R"({"type":"config","payload":[]})", R"(["body","payload"])", "dict_type"},
                    Wrong{"EmptyConfig", R"({"type":"config","payload":{}})",
                          R"(["body","payload","anomaly_threshold"])", "missing"},
                    Wrong{"SourcesThatAreNoNames", R"({"type":"config","payload":{"sources":["a",1]}})",
                          R"(["body","payload","sources"])", "list_type"},
                    Wrong{"TextThreshold", R"({"type":"config","payload":{"anomaly_threshold":"5"}})",
                          R"(["body","payload","anomaly_threshold"])", "float_type"},
                    Wrong{"ThresholdAboveRange", R"({"type":"config","payload":{"anomaly_threshold":100.5}})",
                          R"(["body","payload","anomaly_threshold"])", "value_error"},
                    Wrong{"ThresholdBelowRange", R"({"type":"config","payload":{"anomaly_threshold":-1}})",
                          R"(["body","payload","anomaly_threshold"])", "value_error"}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace topoforge::api
