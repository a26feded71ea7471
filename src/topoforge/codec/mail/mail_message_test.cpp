#include "topoforge/codec/mail/mail_message.hpp"

#include <chrono>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Timestamp kTime{std::chrono::microseconds{1'700'000'000'123'456}};

MailMessage example() {
  return {.from_name = "TopoForge",
          .from = "alerts@example.com",
          .to = "ada@example.com",
          .subject = "High risk",
          .text = "Hello\n",
          .message_id = "abc@example.com",
          .date = kTime};
}

TEST(MailMessage, HasTheHeadersOfRfc5322InUtc) {
  EXPECT_EQ(write_mail(example()),
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nFrom: TopoForge <alerts@example.com>\r\nTo: "
            "<ada@example.com>\r\nSubject: High risk\r\nMessage-ID: <abc@example.com>\r\nAuto-Submitted: "
            "auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nHello\r\n\r\n");
}

TEST(MailMessage, ASubjectCannotAddAHeader) {
  MailMessage mail = example();
  mail.subject = "a\r\nBcc: eve@example.com";
  EXPECT_THAT(write_mail(mail), HasSubstr("Subject: a  Bcc: eve@example.com\r\nMessage-ID:"));
  EXPECT_THAT(write_mail(mail), Not(HasSubstr("\nBcc")));
}

TEST(MailMessage, ASubjectBeyondAsciiIsEncodedInWordsOfWholeCharacters) {
  EXPECT_EQ(encode_header_text("Grüße"), "=?UTF-8?B?R3LDvMOfZQ==?=");
  std::string longer;
  for (int i = 0; i < 40; ++i) longer += "€";
  const std::string encoded = encode_header_text(longer);
  EXPECT_EQ(encoded,
            "=?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=\r\n "
            "=?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=\r\n "
            "=?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=");
  EXPECT_EQ(encode_header_text("=?UTF-8?B?eA==?="), "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=") << "not taken for encoded";
}

TEST(MailMessage, TextIsQuotedPrintableInShortLines) {
  EXPECT_EQ(encode_quoted_printable("a=b é\nend \n"), "a=3Db =C3=A9\r\nend=20\r\n");
  EXPECT_EQ(encode_quoted_printable("\r.\n"), "=0D.\r\n");
  const std::string encoded = encode_quoted_printable(std::string(500, 'x'));
  std::istringstream lines(encoded);
  std::string joined;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    EXPECT_LE(line.size(), 76U);
    if (line.ends_with('=')) line.pop_back();
    joined += line;
  }
  EXPECT_EQ(joined, std::string(500, 'x'));
}

}  // namespace
}  // namespace topoforge
