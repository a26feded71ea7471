#include "topoforge/codec/text/email_address.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_atom_character(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Periods that begin or end the text or stand side by side.
bool has_empty_label(std::string_view text) {
  return text.starts_with('.') || text.ends_with('.') || text.find("..") != std::string_view::npos;
}

/// What is wrong, or nothing.
std::optional<std::string> fault_of_local(std::string_view local) {
  if (local.empty()) return "nothing stands before the @";
  if (local.size() > kMaxEmailLocalBytes) {
    return fmt::format("{} bytes stand before the @; wanted at most {}", local.size(), kMaxEmailLocalBytes);
  }
  if (has_empty_label(local)) return "before the @ a period stands at an end or beside another";
  const bool fits = std::all_of(local.begin(), local.end(), [](char c) { return c == '.' || is_atom_character(c); });
  if (!fits) return "before the @ stands what is no ASCII letter, digit, period or any of !#$%&'*+-/=?^_`{|}~";
  return std::nullopt;
}

std::optional<std::string> fault_of_label(std::string_view label) {
  if (label.size() > kMaxDomainLabelBytes) {
    return fmt::format("a part of the domain has {} bytes; wanted at most {}", label.size(), kMaxDomainLabelBytes);
  }
  if (label.starts_with('-') || label.ends_with('-')) return "a part of the domain begins or ends with a hyphen";
  // RFC 5891, section 4.2.3.1.
  if (label.size() >= 4 && label.substr(2, 2) == "--" && lower_case(label.substr(0, 2)) != "xn") {
    return "a part of the domain has two hyphens after its second letter, and is not xn--";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_domain(std::string_view domain) {
  if (domain.empty()) return "nothing stands after the @";
  const bool fits =
      std::all_of(domain.begin(), domain.end(), [](char c) { return c == '.' || c == '-' || is_letter_or_digit(c); });
  if (!fits) return "after the @ stands what is no ASCII letter, digit, period or hyphen";
  if (has_empty_label(domain)) return "after the @ a period stands at an end or beside another";
  if (domain.find('.') == std::string_view::npos) return "the domain has no period";
  for (std::string_view rest = domain; !rest.empty();) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    if (auto fault = fault_of_label(label)) return fault;
    rest.remove_prefix(std::min(label.size() + 1, rest.size()));
  }
  if (!is_letter(domain.back())) return "the domain does not end with a letter";
  return std::nullopt;
}

}  // namespace

Result<EmailAddress> parse_email_address(std::string_view text) {
  const auto refused = [](std::string_view why) {
    return fail(ErrorCode::invalid_data, fmt::format("no e-mail address: {}", why));
  };
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return refused("it has no @");
  if (text.size() > kMaxEmailBytes) {
    return refused(fmt::format("it has {} bytes; wanted at most {}", text.size(), kMaxEmailBytes));
  }
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (const auto fault = fault_of_local(local)) return refused(*fault);
  if (const auto fault = fault_of_domain(domain)) return refused(*fault);
  return EmailAddress{.text = fmt::format("{}@{}", local, lower_case(domain)), .lookup = lower_case(text)};
}

}  // namespace topoforge
