#include "topoforge/codec/mail/mail_message.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kLineCharacters = 76;
/// Bytes in one encoded word: 60 characters of base64 and 12 around them, in a line of at most 76.
constexpr std::size_t kEncodedWordBytes = 45;
/// A plain subject stands on one line with its name.
constexpr std::size_t kPlainHeaderBytes = 60;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

std::string encode_base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

}  // namespace

std::string encode_header_text(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(clean, is_control, ' ');
  clean.resize(valid_utf8_prefix(clean));
  if (clean.size() <= kPlainHeaderBytes && std::ranges::all_of(clean, is_plain) &&
      clean.find("=?") == std::string::npos) {
    return clean;
  }
  std::string encoded;
  for (std::string_view rest = clean; !rest.empty();) {
    const std::string_view part = utf8_prefix(rest, kEncodedWordBytes);
    if (!encoded.empty()) encoded += "\r\n ";
    encoded += "=?UTF-8?B?" + encode_base64(part) + "?=";
    rest.remove_prefix(part.size());
  }
  return encoded;
}

std::string encode_quoted_printable(std::string_view text) {
  std::string encoded;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      encoded += "\r\n";
      column = 0;
      continue;
    }
    const bool blank_at_end = (c == ' ' || c == '\t') && (i + 1 == text.size() || text[i + 1] == '\n');
    const bool literal = (is_plain(c) || c == '\t') && c != '=' && !blank_at_end;
    const std::string piece =
        literal ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    if (column + piece.size() >= kLineCharacters) {
      encoded += "=\r\n";
      column = 0;
    }
    encoded += piece;
    column += piece.size();
  }
  return encoded;
}

std::string mail_date(Timestamp time) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string write_mail(const MailMessage& mail) {
  return fmt::format(
      "Date: {}\r\nFrom: {} <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{}>\r\nAuto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
      "\r\n{}\r\n",
      mail_date(mail.date), mail.from_name, mail.from, mail.to, encode_header_text(mail.subject), mail.message_id,
      encode_quoted_printable(mail.text));
}

}  // namespace topoforge
