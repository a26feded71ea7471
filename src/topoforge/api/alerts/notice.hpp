#pragma once

#include <string>
#include <string_view>

#include "topoforge/core/pipeline/analysis.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/delivery.hpp"
#include "topoforge/ports/postbox.hpp"

/// Purpose: a notification in words, for each kind of channel. Names of sources and entities are outside text: they
/// become neither markup nor headers. Thread safety: pure.
namespace topoforge::api {

AlertNotice notice_of(const Analysis& analysis, const std::string& anomaly_id);
/// What a test of the configuration tells.
AlertNotice test_notice(const AlertConfig& config, Timestamp now);

/// Around a notice.
struct NoticeContext {
  const AlertConfig& config;
  std::string_view delivery_id;
  std::string_view public_url;  ///< of this server, without a slash at the end; empty: no links
};

/// The body for a webhook: {"type":"alert","delivery_id",...,"alert_config":{id,name,threshold},"techniques":[...]}.
std::string webhook_json(const AlertNotice& notice, const NoticeContext& context);
/// {"text": ...} with &, < and > as Slack wants them.
std::string slack_json(const AlertNotice& notice, const NoticeContext& context);
Mail notice_mail(const AlertNotice& notice, const NoticeContext& context, const std::string& to);

}  // namespace topoforge::api
