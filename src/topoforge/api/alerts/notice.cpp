#include "topoforge/api/alerts/notice.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge::api {
namespace {

/// A record's text holds kMaxModelText characters.
constexpr std::size_t kMaxNoticeTextBytes = 2000;
constexpr std::size_t kMaxNoticeTechniques = 16;

/// One line that a record can hold: control characters become spaces.
std::string one_line(std::string_view text) {
  std::string line(utf8_prefix(text, kMaxNoticeTextBytes));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

std::string stream_text(const AlertNotice& notice) {
  return notice.entity.empty() ? notice.source : fmt::format("{} / {}", notice.source, notice.entity);
}

std::string headline(const AlertNotice& notice) {
  return fmt::format("{}{} risk: anomaly score {:.2f} in {}", notice.test ? "[Test] " : "", notice.risk_level,
                     notice.anomaly_score, stream_text(notice));
}

std::string link_to(const AlertNotice& notice, const NoticeContext& context) {
  if (context.public_url.empty() || notice.anomaly_id.empty()) return {};
  return fmt::format("{}/api/anomalies/{}", context.public_url, notice.anomaly_id);
}

/// What follows the headline, line by line.
std::string details(const AlertNotice& notice, const NoticeContext& context) {
  std::string text = notice.explanation + '\n';
  if (!notice.techniques.empty()) text += "\nMay point to:\n";
  for (const AlertTechnique& technique : notice.techniques) {
    text += fmt::format("- {} {} ({}), confidence {:.0f} %\n", technique.technique_id, technique.technique,
                        technique.tactic, 100.0 * technique.confidence);
  }
  text += '\n';
  if (notice.timestamp) text += fmt::format("Time: {}\n", format_timestamp(*notice.timestamp));
  if (const std::string link = link_to(notice, context); !link.empty()) text += fmt::format("Anomaly: {}\n", link);
  text += fmt::format("Alert configuration: {}\n", context.config.name);
  return text;
}

std::string escape_for_slack(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

}  // namespace

AlertNotice notice_of(const Analysis& analysis, const std::string& anomaly_id) {
  AlertNotice notice{.anomaly_id = anomaly_id,
                     .source = one_line(analysis.stream.source),
                     .entity = one_line(analysis.stream.entity),
                     .timestamp = analysis.timestamp,
                     .anomaly_score = analysis.anomaly_score,
                     .risk_level = std::string(to_string(analysis.risk_level)),
                     .explanation = one_line(analysis.explanation),
                     .techniques = {},
                     .test = false};
  for (const ThreatCandidate& threat : analysis.security.threats) {
    if (notice.techniques.size() == kMaxNoticeTechniques) break;
    notice.techniques.push_back({.technique_id = threat.technique_id,
                                 .technique = one_line(threat.technique),
                                 .tactic = one_line(threat.tactic),
                                 .confidence = threat.confidence});
  }
  return notice;
}

AlertNotice test_notice(const AlertConfig& config, Timestamp now) {
  return {.anomaly_id = {},
          .source = config.sources.empty() ? "example" : one_line(config.sources.front()),
          .entity = {},
          .timestamp = now,
          .anomaly_score = config.threshold,
          .risk_level = std::string(to_string(risk_level(config.threshold))),
          .explanation = "Somebody tries this alert configuration; nothing happened.",
          .techniques = {},
          .test = true};
}

std::string webhook_json(const AlertNotice& notice, const NoticeContext& context) {
  boost::json::object json = write_model(notice).as_object();
  json["type"] = "alert";
  json["delivery_id"] = context.delivery_id;
  json["alert_config"] = boost::json::object{
      {"id", context.config.id}, {"name", context.config.name}, {"threshold", context.config.threshold}};
  const std::string link = link_to(notice, context);
  json["anomaly_url"] = link.empty() ? boost::json::value(nullptr) : boost::json::value(link);
  return print_json(json);
}

std::string slack_json(const AlertNotice& notice, const NoticeContext& context) {
  return print_json(boost::json::object{{"text", fmt::format("*{}*\n{}", escape_for_slack(headline(notice)),
                                                             escape_for_slack(details(notice, context)))}});
}

Mail notice_mail(const AlertNotice& notice, const NoticeContext& context, const std::string& to) {
  return {.to = to,
          .subject = "TopoForge: " + headline(notice),
          .text = headline(notice) + "\n\n" + details(notice, context),
          .id = std::string(context.delivery_id)};
}

}  // namespace topoforge::api
