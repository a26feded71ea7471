#pragma once

#include <cstddef>
#include <string>

#include "topoforge/codec/report/detection_report.hpp"

/// Purpose: the part of a report page that shows one window: verdict, explanation, shape, values, who said so, what
/// it may mean. Thread safety: pure.
namespace topoforge {

/// A <section>; `number` counts from 1.
std::string window_section(const ReportWindow& window, std::size_t number);

/// "row 1,234" or "row 1,234 (2014-04-10 00:04:00)", escaped.
std::string place_text(const ReportPlace& place);

/// The timestamp, escaped; empty where there is none or it is the number of the row.
std::string time_text(const ReportPlace& place);

/// A risk level as a coloured word.
std::string risk_badge(RiskLevel level);

}  // namespace topoforge
