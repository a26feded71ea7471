#include "topoforge/api/alerts/notice.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/value.hpp>

#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class NoticeTest : public testing::Test {
 protected:
  NoticeTest() {
    config_.id = "7";
    config_.name = "Night <shift> & co";
    analysis_.stream = {.source = "web\r\nBcc: eve@example.com", .entity = "<!channel>"};
    analysis_.timestamp = Timestamp{std::chrono::microseconds{1'700'000'000'000'000}};
    analysis_.anomaly_score = 0.934;
    analysis_.risk_level = RiskLevel::critical;
    analysis_.explanation = std::string("Rare & odd\0.", 12);
    analysis_.security.threats = {{.technique_id = "T1071",
                                   .technique = "Application Layer Protocol",
                                   .tactic_id = "TA0011",
                                   .tactic = "Command and Control",
                                   .confidence = 0.755,
                                   .evidence = "",
                                   .mitigation = ""}};
  }
  [[nodiscard]] NoticeContext context() const {
    return {.config = config_, .delivery_id = "d1", .public_url = "https://topoforge.example"};
  }

  AlertConfig config_;
  Analysis analysis_;
};

TEST_F(NoticeTest, AWebhookGetsWhatProgramsAskFor) {
  const auto json = *parse_json(webhook_json(notice_of(analysis_, "42"), context()));
  EXPECT_EQ(json.at("type"), "alert");
  EXPECT_EQ(json.at("delivery_id"), "d1");
  EXPECT_EQ(json.at("anomaly_id"), "42");
  EXPECT_EQ(json.at("anomaly_url"), "https://topoforge.example/api/anomalies/42");
  EXPECT_EQ(json.at("anomaly_score"), 0.934);
  EXPECT_EQ(json.at("risk_level"), "Critical");
  EXPECT_EQ(json.at("timestamp"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(json.at("alert_config").at("name"), "Night <shift> & co");
  EXPECT_EQ(json.at("techniques").at(0).at("technique_id"), "T1071");
  EXPECT_EQ(json.at("test"), false);
}

TEST_F(NoticeTest, NamesAreNoMarkupForSlack) {
  const auto json = *parse_json(slack_json(notice_of(analysis_, "42"), context()));
  const std::string text(json.at("text").as_string());
  EXPECT_THAT(text, HasSubstr("*Critical risk: anomaly score 0.93 in web  Bcc: eve@example.com / &lt;!channel&gt;*"));
  EXPECT_THAT(text, HasSubstr("Rare &amp; odd"));
  EXPECT_THAT(text, HasSubstr("T1071 Application Layer Protocol (Command and Control), confidence 76 %"));
  EXPECT_THAT(text, HasSubstr("Night &lt;shift&gt; &amp; co"));
  EXPECT_THAT(text, Not(HasSubstr("<!channel>")));
}

TEST_F(NoticeTest, NamesAreNoHeadersOfAMail) {
  const Mail mail = notice_mail(notice_of(analysis_, "42"), context(), "ada@example.com");
  EXPECT_EQ(mail.to, "ada@example.com");
  EXPECT_EQ(mail.id, "d1");
  EXPECT_EQ(mail.subject.find_first_of("\r\n"), std::string::npos);
  EXPECT_THAT(mail.subject, HasSubstr("TopoForge: Critical risk"));
  EXPECT_THAT(mail.text, HasSubstr("https://topoforge.example/api/anomalies/42"));
}

TEST_F(NoticeTest, ATextFitsIntoARecord) {
  analysis_.explanation = std::string(10'000, 'x');
  const AlertNotice notice = notice_of(analysis_, "42");
  EXPECT_LE(notice.explanation.size(), 2000U);
  analysis_.explanation = std::string("a\0b", 3);
  EXPECT_EQ(notice_of(analysis_, "42").explanation, "a b");
}

TEST_F(NoticeTest, ATestSaysThatItIsOne) {
  const AlertNotice notice = test_notice(config_, *analysis_.timestamp);
  EXPECT_THAT(slack_json(notice, context()), HasSubstr("[Test]"));
  const auto json = *parse_json(webhook_json(notice, context()));
  EXPECT_EQ(json.at("test"), true);
  EXPECT_EQ(json.at("anomaly_url"), nullptr);
}

}  // namespace
}  // namespace topoforge::api
