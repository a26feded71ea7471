#include "topoforge/adapters/mongo/anomaly_document.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/adapters/mongo/packed_contributions.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"
#include "topoforge/core/verdict/explanation.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge::mongo {
namespace {

constexpr TimeFields kStoredAt{.date = "stored_at", .microseconds = "stored_microseconds"};
constexpr TimeFields kEventTime{.date = "timestamp", .microseconds = "microseconds"};
constexpr std::array<std::string_view, 4> kRiskLevels = {"Low", "Medium", "High", "Critical"};
constexpr std::array<std::string_view, 4> kChanges = {"none", "opened", "continued", "closed"};
constexpr const char* kAcknowledgedBy = "acknowledged_by";
constexpr const char* kNote = "note";
constexpr double kUsualPValue = 1.0;
constexpr double kUsualThreshold = 0.5;
constexpr std::uint64_t kUsualWindow = 50;

std::int64_t hour_of(Timestamp time) { return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count(); }

std::string explanation_of(const Analysis& analysis) {
  return explain({.anomaly_score = analysis.anomaly_score,
                  .p_value = analysis.p_value,
                  .confidence = analysis.confidence,
                  .is_anomaly = analysis.is_anomaly,
                  .betti_numbers = analysis.betti_numbers,
                  .contributions = analysis.contributions,
                  .attribution = analysis.attribution});
}

double confidence_of(const std::vector<ThreatCandidate>& threats) {
  return threats.empty() ? 0.0 : threats.front().confidence;
}

/// The built-in rule for the technique, of which there may be several that differ in what they measure alone; an empty
/// one for a technique of others.
const ThreatRule& rule_of(std::string_view technique_id) {
  static const ThreatRule none;
  const auto& rules = default_threat_rules();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const ThreatRule& rule) { return rule.technique_id == technique_id; });
  return found == rules.end() ? none : *found;
}

class Writer {
 public:
  void number(std::string_view key, double value, double unsaid = 0.0) {
    if (value != unsaid) document_.number(key, value);
  }
  void integer(std::string_view key, std::uint64_t value, std::uint64_t unsaid = 0) {
    if (value == unsaid) return;
    if (value > INT32_MAX) {
      document_.integer(key, static_cast<std::int64_t>(value));
    } else {
      document_.small_integer(key, static_cast<std::int32_t>(value));
    }
  }
  void text(std::string_view key, std::string_view value, std::string_view unsaid = {}) {
    if (value != unsaid) document_.text(key, value);
  }
  void yes(std::string_view key, bool value) {
    if (value) document_.boolean(key, true);
  }
  void bytes(std::string_view key, std::span<const std::uint8_t> value) {
    if (!value.empty()) document_.bytes(key, value);
  }
  void array(std::string_view key, const Array& values) {
    if (values.size() > 0) document_.array(key, values.values());
  }
  void document(std::string_view key, const Document& value) {
    if (!value.empty()) document_.document(key, value);
  }
  [[nodiscard]] Document& target() { return document_; }

 private:
  Document document_;
};

Array contributions_of(const Analysis& analysis) {
  Array list;
  for (const Contribution& one : analysis.contributions) {
    list.text(one.detector).number(one.share).number(one.p_value);
  }
  return list;
}

/// The number of the event's value that is the newest of the channel.
std::optional<std::int32_t> value_of_event(const Attribution& one, const std::optional<Event>& event) {
  if (!event) return std::nullopt;
  const auto& values = event->values;
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const Measurement& value) { return value.channel == one.channel; });
  if (found == values.end() || found->value != one.value) return std::nullopt;
  return static_cast<std::int32_t>(found - values.begin());
}

Array attribution_of(const Analysis& analysis, const std::optional<Event>& event) {
  Array list;
  for (const Attribution& one : analysis.attribution) {
    if (const auto number = value_of_event(one, event)) {
      list.small_integer(*number).number(one.share);
    } else {
      list.text(one.channel).number(one.share).number(one.value);
    }
    list.number(one.expected).number(one.deviation);
  }
  return list;
}

Document episode_of(const Analysis& analysis) {
  Writer writer;
  const Episode& episode = *analysis.episode;
  writer.integer("start", episode.start);
  writer.integer("peak", episode.peak, analysis.sequence);
  writer.integer("last_alarm", episode.last_alarm, analysis.sequence);
  writer.number("peak_score", episode.peak_score, analysis.anomaly_score);
  writer.integer("alarms", episode.alarms);
  writer.yes("closed", !episode.open);
  writer.text("change", kChanges.at(static_cast<std::size_t>(analysis.episode_change)), kChanges[0]);
  return std::move(writer.target());
}

Array threats_of(const SecurityAnalysis& security) {
  Array list;
  for (const ThreatCandidate& threat : security.threats) {
    const ThreatRule& rule = rule_of(threat.technique_id);
    Writer writer;
    writer.text("id", threat.technique_id);
    writer.text("technique", threat.technique, rule.technique);
    writer.text("tactic_id", threat.tactic_id, rule.tactic_id);
    writer.text("tactic", threat.tactic, rule.tactic);
    writer.number("confidence", threat.confidence);
    writer.text("evidence", threat.evidence);
    writer.text("mitigation", threat.mitigation, rule.mitigation);
    list.document(writer.target());
  }
  return list;
}

Document analysis_of(const Analysis& analysis, const std::optional<Event>& event) {
  Writer writer;
  writer.integer("sequence", analysis.sequence);
  writer.integer("window", analysis.window_size, kUsualWindow);
  writer.number("p_value", analysis.p_value, kUsualPValue);
  writer.number("confidence", analysis.confidence);
  writer.number("threshold", analysis.threshold, kUsualThreshold);
  writer.integer("h0", analysis.betti_numbers.h0);
  writer.integer("h1", analysis.betti_numbers.h1);
  writer.integer("h2", analysis.betti_numbers.h2);
  writer.number("entropy", analysis.topology.entropy);
  writer.number("lifetime", analysis.topology.total_lifetime);
  if (const auto few_bytes = packed(analysis.contributions)) {
    writer.integer("detectors", few_bytes->detectors);
    writer.bytes("evidence", few_bytes->evidence);
  } else {
    writer.array("contributions", contributions_of(analysis));
  }
  writer.array("attribution", attribution_of(analysis, event));
  if (analysis.episode) writer.target().document("episode", episode_of(analysis));
  const SecurityAnalysis& security = analysis.security;
  writer.array("threats", threats_of(security));
  writer.text("risk_level", to_string(security.risk_level), to_string(analysis.risk_level));
  writer.number("security_confidence", security.confidence, confidence_of(security.threats));
  writer.text("mitigation", security.mitigation, mitigation_of(security.threats, security.risk_level));
  writer.text("explanation", analysis.explanation, explanation_of(analysis));
  writer.text("detector", analysis.detector);
  return std::move(writer.target());
}

Document event_of(const Event& event, const Analysis& analysis) {
  Writer writer;
  Array values;
  for (const Measurement& one : event.values) values.text(one.channel).number(one.value);
  writer.array("values", values);
  Array attributes;
  for (const auto& [name, text] : event.attributes) attributes.text(name).text(text);
  writer.array("attributes", attributes);
  writer.text("id", event.id);
  writer.text("source", event.stream.source, analysis.stream.source);
  writer.text("entity", event.stream.entity, analysis.stream.entity);
  if (event.timestamp != analysis.timestamp) {
    if (event.timestamp) add_time(writer.target(), kEventTime, *event.timestamp);
    writer.yes("untimed", !event.timestamp);
  }
  return std::move(writer.target());
}

/// Reads elements one after the other; what is missing or of another kind is wrong.
class Sequence {
 public:
  Sequence(Reader& reader, const char* key) : reader_(reader), key_(key) {
    if (const auto inner = reader.inner(key)) elements_ = elements_of(*inner);
  }
  [[nodiscard]] bool at_end() const { return at_ >= elements_.size() || !reader_.wrong().empty(); }
  std::string text() { return next(&Element::text); }
  double number() { return next(&Element::number); }
  /// Of a list in which a number may stand for a text; nothing for a text.
  std::optional<std::size_t> place() {
    if (at_end() || elements_[at_].text()) return std::nullopt;
    return static_cast<std::size_t>(next(&Element::integer));
  }
  std::optional<View> inner() {
    if (at_end()) return std::nullopt;
    auto inner = elements_[at_++].inner();
    if (!inner) reader_.note_wrong(key_);
    return inner;
  }
  void wrong() { reader_.note_wrong(key_); }

 private:
  template <class T>
  T next(std::optional<T> (Element::*kind)() const) {
    const auto value = at_ < elements_.size() ? (elements_[at_++].*kind)() : std::nullopt;
    if (!value) wrong();
    return value.value_or(T{});
  }

  Reader& reader_;
  const char* key_;
  std::vector<Element> elements_;
  std::size_t at_ = 0;
};

std::uint64_t count(Reader& reader, const char* key, std::uint64_t otherwise = 0) {
  return static_cast<std::uint64_t>(reader.integer(key, static_cast<std::int64_t>(otherwise)));
}

RiskLevel read_risk(Reader& reader, const char* key, RiskLevel otherwise) {
  if (!reader.has(key)) return otherwise;
  const auto level = risk_from_text(reader.text(key));
  if (!level) reader.note_wrong(key);
  return level.value_or(otherwise);
}

Event read_event(Reader& reader, const Analysis& analysis) {
  Event event{.stream = {reader.text("source", analysis.stream.source), reader.text("entity", analysis.stream.entity)},
              .timestamp = analysis.timestamp,
              .values = {},
              .attributes = {},
              .id = reader.text("id")};
  if (const auto time = read_time(reader, kEventTime)) event.timestamp = time;
  if (reader.boolean("untimed")) event.timestamp.reset();
  for (Sequence values(reader, "values"); !values.at_end();) {
    Measurement one{.channel = values.text()};
    one.value = values.number();
    event.values.push_back(std::move(one));
  }
  for (Sequence attributes(reader, "attributes"); !attributes.at_end();) {
    std::string name = attributes.text();
    event.attributes.emplace_back(std::move(name), attributes.text());
  }
  return event;
}

void read_contributions(Reader& reader, Analysis& analysis) {
  auto usual = unpacked(count(reader, "detectors"), reader.bytes("evidence"));
  if (!usual) return reader.note_wrong("detectors");
  analysis.contributions = *std::move(usual);
  for (Sequence list(reader, "contributions"); !list.at_end();) {
    Contribution one{.detector = list.text()};
    one.share = list.number();
    one.p_value = list.number();
    analysis.contributions.push_back(std::move(one));
  }
}

void read_attribution(Reader& reader, const std::optional<Event>& event, Analysis& analysis) {
  for (Sequence list(reader, "attribution"); !list.at_end();) {
    Attribution one;
    if (const auto place = list.place()) {
      if (!event || *place >= event->values.size()) return list.wrong();
      one.channel = event->values.at(*place).channel;
      one.value = event->values.at(*place).value;
      one.share = list.number();
    } else {
      one.channel = list.text();
      one.share = list.number();
      one.value = list.number();
    }
    one.expected = list.number();
    one.deviation = list.number();
    analysis.attribution.push_back(std::move(one));
  }
}

void read_episode(Reader& outer, Analysis& analysis) {
  const auto inner = outer.inner("episode");
  if (!inner) return;
  Reader reader(*inner);
  analysis.episode = Episode{.start = count(reader, "start"),
                             .peak = count(reader, "peak", analysis.sequence),
                             .last_alarm = count(reader, "last_alarm", analysis.sequence),
                             .peak_score = reader.number("peak_score", analysis.anomaly_score),
                             .alarms = count(reader, "alarms"),
                             .open = !reader.boolean("closed")};
  const std::string change = reader.text("change", std::string(kChanges[0]));
  const auto* const found = std::find(kChanges.begin(), kChanges.end(), change);
  if (found == kChanges.end() || !reader.wrong().empty()) return outer.note_wrong("episode");
  analysis.episode_change = static_cast<EpisodeChange>(found - kChanges.begin());
}

void read_security(Reader& reader, Analysis& analysis) {
  SecurityAnalysis& security = analysis.security;
  for (Sequence list(reader, "threats"); !list.at_end();) {
    const auto inner = list.inner();
    if (!inner) return;
    Reader threat(*inner);
    const std::string id = threat.text("id");
    const ThreatRule& rule = rule_of(id);
    security.threats.push_back({.technique_id = id,
                                .technique = threat.text("technique", rule.technique),
                                .tactic_id = threat.text("tactic_id", rule.tactic_id),
                                .tactic = threat.text("tactic", rule.tactic),
                                .confidence = threat.number("confidence"),
                                .evidence = threat.text("evidence"),
                                .mitigation = threat.text("mitigation", rule.mitigation)});
    if (!threat.wrong().empty()) return list.wrong();
  }
  security.risk_level = read_risk(reader, "risk_level", analysis.risk_level);
  security.confidence = reader.number("security_confidence", confidence_of(security.threats));
  security.mitigation = reader.text("mitigation", mitigation_of(security.threats, security.risk_level));
}

/// What of the analysis stands in its own document; the members beside it are there already.
void read_analysis(Reader& reader, const std::optional<Event>& event, Analysis& analysis) {
  analysis.sequence = count(reader, "sequence");
  analysis.window_size = count(reader, "window", kUsualWindow);
  analysis.p_value = reader.number("p_value", kUsualPValue);
  analysis.confidence = reader.number("confidence");
  analysis.threshold = reader.number("threshold", kUsualThreshold);
  analysis.betti_numbers = {.h0 = count(reader, "h0"), .h1 = count(reader, "h1"), .h2 = count(reader, "h2")};
  analysis.topology.entropy = reader.number("entropy");
  analysis.topology.total_lifetime = reader.number("lifetime");
  read_contributions(reader, analysis);
  read_attribution(reader, event, analysis);
  read_episode(reader, analysis);
  read_security(reader, analysis);
  analysis.explanation = reader.has("explanation") ? reader.text("explanation") : explanation_of(analysis);
  analysis.detector = reader.text("detector");
}

constexpr std::array<const char*, 6> kReviewMembers = {
    kLabel, kRevision, kAcknowledged.date, kAcknowledged.microseconds, kAcknowledgedBy, kNote};

Document review_of(const AnomalyReview& review) {
  Writer writer;
  writer.integer(kLabel, static_cast<std::uint64_t>(review.label));
  writer.integer(kRevision, review.revision);
  if (review.acknowledged_at) add_time(writer.target(), kAcknowledged, *review.acknowledged_at);
  writer.text(kAcknowledgedBy, review.acknowledged_by);
  writer.text(kNote, review.note);
  return std::move(writer.target());
}

AnomalyReview read_review(Reader& reader) {
  return {.label = static_cast<AnomalyLabel>(reader.integer(kLabel)),
          .acknowledged_by = reader.text(kAcknowledgedBy),
          .acknowledged_at = read_time(reader, kAcknowledged),
          .note = reader.text(kNote),
          .revision = count(reader, kRevision)};
}

}  // namespace

std::optional<RiskLevel> risk_from_text(std::string_view text) {
  const auto* const found = std::find(kRiskLevels.begin(), kRiskLevels.end(), text);
  if (found == kRiskLevels.end()) return std::nullopt;
  return static_cast<RiskLevel>(found - kRiskLevels.begin());
}

Result<Document> document_of(const std::string& id, const NewAnomaly& anomaly, Timestamp stored_at) {
  const Analysis& analysis = anomaly.analysis;
  if (auto good = check_score(analysis); !good) return tl::unexpected(std::move(good.error()));
  const auto techniques = techniques_of(analysis);
  if (!techniques) return tl::unexpected(techniques.error());
  const Timestamp time = analysis.timestamp.value_or(stored_at);
  Writer writer;
  Document& document = writer.target();
  document.text("_id", id);
  add_time(document, kTime, time);
  document.text(kSource, analysis.stream.source);
  writer.text(kEntity, analysis.stream.entity);
  document.boolean(kIsAnomaly, analysis.is_anomaly);
  document.number(kScore, analysis.anomaly_score);
  document.text(kRisk, to_string(analysis.risk_level));
  Array ids;
  for (const std::string_view technique : *techniques) ids.text(technique);
  writer.array(kTechniques, ids);
  document.small_integer(kHour, static_cast<std::int32_t>(hour_of(time)));
  if (stored_at != time) add_time(document, kStoredAt, stored_at);
  writer.yes("untimed", !analysis.timestamp);
  if (anomaly.origin == AnomalyOrigin::manual) document.text("origin", "manual");
  writer.text("created_by", anomaly.created_by);
  writer.document("analysis", analysis_of(analysis, anomaly.event));
  if (anomaly.event) document.document("event", event_of(*anomaly.event, analysis));
  return std::move(document);
}

Result<StoredAnomaly> anomaly_of(const Document& document) {
  Reader reader(document);
  StoredAnomaly anomaly;
  anomaly.id = reader.text("_id");
  const auto damaged = [&anomaly](const std::string& member) {
    return fail(ErrorCode::corrupt, fmt::format("anomaly {} in the database is damaged: {}", anomaly.id, member));
  };
  const auto time = read_time(reader, kTime);
  if (!time) return damaged(kTime.date);
  anomaly.time = *time;
  anomaly.stored_at = read_time(reader, kStoredAt).value_or(*time);
  anomaly.origin = reader.has("origin") ? AnomalyOrigin::manual : AnomalyOrigin::engine;
  anomaly.created_by = reader.text("created_by");
  anomaly.review = read_review(reader);
  Analysis& analysis = anomaly.analysis;
  if (!reader.boolean("untimed")) analysis.timestamp = time;
  analysis.stream = {reader.text(kSource), reader.text(kEntity)};
  analysis.is_anomaly = reader.boolean(kIsAnomaly);
  analysis.anomaly_score = reader.number(kScore);
  analysis.risk_level = read_risk(reader, kRisk, RiskLevel::low);
  if (const auto event = reader.inner("event")) {
    Reader inner(*event);
    anomaly.event = read_event(inner, analysis);
    if (!inner.wrong().empty()) return damaged("event." + inner.wrong());
  }
  const Document nothing;
  Reader inner(reader.inner("analysis").value_or(nothing));
  read_analysis(inner, anomaly.event, analysis);
  if (!inner.wrong().empty()) return damaged("analysis." + inner.wrong());
  if (!reader.wrong().empty()) return damaged(reader.wrong());
  return anomaly;
}

Result<Document> document_of(const StoredAnomaly& anomaly) {
  const NewAnomaly added{
      .analysis = anomaly.analysis, .event = anomaly.event, .origin = anomaly.origin, .created_by = anomaly.created_by};
  auto document = document_of(anomaly.id, added, anomaly.stored_at);
  if (document && anomaly.review.revision > 0) document->all_of(review_of(anomaly.review));
  return document;
}

Document review_update(const AnomalyReview& review) {
  const Document set = review_of(review);
  Document unset;
  for (const char* const member : kReviewMembers) {
    if (!Reader(set).has(member)) unset.text(member, "");
  }
  Document update = with("$set", set);
  if (!unset.empty()) update.document("$unset", unset);
  return update;
}

}  // namespace topoforge::mongo
