#include "topoforge/adapters/http/request_head.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr HeadLimits kLimits{.bytes = 1000, .target_bytes = 100, .fields = 5};

/// The status that the bytes are refused with when they come one by one; 0 for a whole head, 1 when more is wanted.
unsigned scan(const std::string& bytes, std::size_t* refused_after = nullptr) {
  HeadScanner scanner(kLimits);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto found = scanner.scan(std::string_view(bytes).substr(0, size));
    if (refused_after != nullptr) *refused_after = size;
    if (!found) return found.error().status;
    if (*found > 0) return 0;
  }
  return 1;
}

unsigned parse(const std::string& head) {
  const auto parsed = parse_head(head);
  return parsed ? 0 : parsed.error().status;
}

std::string with(const std::string& headers, const std::string& line = "POST / HTTP/1.1") {
  return line + "\r\nHost: x\r\n" + headers + "\r\n";
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesCome) {
  const std::string head = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX:\t\xc3\xa9 \r\n\r\n";
  EXPECT_EQ(scan(head), 0U);
  for (std::size_t cut = 0; cut <= head.size(); ++cut) {
    HeadScanner scanner(kLimits);
    const auto part = scanner.scan(std::string_view(head).substr(0, cut));
    ASSERT_TRUE(part) << cut;
    EXPECT_EQ(*part, cut == head.size() ? head.size() : 0);
    const std::string more = head + "the body\n";
    const auto whole = scanner.scan(more);
    ASSERT_TRUE(whole) << cut;
    EXPECT_EQ(*whole, head.size()) << cut;
  }
  EXPECT_EQ(scan("GET / HTTP/1.1\r\nHost: x\r\n"), 1U);
}

TEST(HeadScanner, RefusesBytesThatHaveNoPlaceInAHead) {
  for (const std::string& bytes : {
           std::string("GET / HTTP/1.1\nHost: x\n\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", 26),
           std::string("GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nX: a\x1b[0m\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n\tX: a\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\x00", 7),
       }) {
    EXPECT_EQ(scan(bytes), 400U) << testing::PrintToString(bytes);
  }
}

TEST(HeadScanner, RefusesAWrongLineBeforeMoreComes) {
  std::size_t after = 0;
  for (const std::string line :
       {"GET /", "GET", "nonsense", "", "GET  / HTTP/1.1", "GET / / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
        "G(T / HTTP/1.1", "GET\t/ HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/x.1", "GET / XTTP/1.1",
        "GET /\xc3\xa9 HTTP/1,1"}) {
    EXPECT_EQ(scan(line + "\r\n", &after), 400U) << line;
    EXPECT_EQ(after, line.size() + 2) << line;
  }
  for (const std::string line : {"GET / HTTP/2.0", "PRI * HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2"}) {
    EXPECT_EQ(scan(line + "\r\n"), 505U) << line;
  }
}

TEST(HeadScanner, MeetsItsLimits) {
  EXPECT_EQ(scan("GET /" + std::string(80, 'a') + " HTTP/1.1\r\n"), 1U);
  EXPECT_EQ(scan("GET /" + std::string(100, 'a')), 414U);
  EXPECT_EQ(scan(std::string(101, 'A')), 400U) << "a method without end";
  EXPECT_EQ(scan("GET / HTTP/1.1\r\nX: " + std::string(1000, 'a')), 431U);
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 5; ++i) head += "X: y\r\n";
  EXPECT_EQ(scan(head + "\r\n"), 0U);
  EXPECT_EQ(scan(head + "X: y\r\n\r\n"), 431U);
}

TEST(RequestHead, HasWhatWasSent) {
  const auto head = parse_head("PUT /a%20b?c HTTP/1.1\r\nHost: h:80\r\nX-A:b\r\nx-a: \t c d \t\r\nEmpty:\r\n\r\n");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->method, "PUT");
  EXPECT_EQ(head->target, "/a%20b?c");
  EXPECT_EQ(head->version, 11U);
  EXPECT_THAT(head->headers,
              ElementsAre(Pair("Host", "h:80"), Pair("X-A", "b"), Pair("x-a", "c d"), Pair("Empty", "")));
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->chunked);
  EXPECT_EQ(head->content_length, 0U);
}

TEST(RequestHead, NamesOfHeadersAreTokens) {
  for (const char* header : {"X Y: z", "X : y", " X: y", ": y", "X", "X\xc3\xa9: y", "X@: y", "X(: y"}) {
    EXPECT_EQ(parse(with(std::string(header) + "\r\n")), 400U) << header;
  }
}

TEST(RequestHead, ThereIsOneHost) {
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n"), 400U);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n"), 0U);
  EXPECT_EQ(parse(with("host: x\r\n")), 400U) << "even the same";
  EXPECT_EQ(parse("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"), 400U);
  for (const char* host : {"a b", "a,b", "a/b", "a@b", "a?b", "a:b", "a:80:80", ":80", "[::1", "[::1]x", "[]",
                           "a:123456", "[a%0]", "\xc3\xa9"}) {
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 400U) << host;
  }
  for (const char* host : {"", "a", "a.b-c:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "a_b", "a:"}) {
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 0U) << host;
  }
}

TEST(RequestHead, TheLengthOfTheBodyIsNeverAmbiguous) {
  EXPECT_EQ(parse_head(with("Content-Length: 12\r\n"))->content_length, 12U);
  EXPECT_TRUE(parse_head(with("transfer-encoding: Chunked\r\n"))->chunked);
  for (const char* headers :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length: 1 1\r\n", "Content-Length: \r\n", "Content-Length: 1;\r\n", "Content-Length: 1.0\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 3\r\n"}) {
    EXPECT_EQ(parse(with(headers)), 400U) << headers;
  }
  for (const char* coding : {"identity", "gzip", "gzip, chunked", "chunked, identity", "chunked, chunked", "xchunked",
                             "chunked;q=1", "\"chunked\"", "", "chunked,"}) {
    EXPECT_EQ(parse(with("Transfer-Encoding: " + std::string(coding) + "\r\n")), 501U) << coding;
  }
  EXPECT_EQ(parse(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 501U);
  EXPECT_EQ(parse(with("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0")), 400U);
  EXPECT_EQ(parse(with("Content-Length: 99999999999999999999\r\n")), 413U);
}

TEST(RequestHead, AnExpectationIsOneThatIsKnown) {
  EXPECT_TRUE(parse_head(with("Expect: 100-Continue\r\n"))->expects_continue);
  EXPECT_EQ(parse(with("Expect: 200-ok\r\n")), 417U);
  EXPECT_EQ(parse(with("Expect: 100-continue, x\r\n")), 417U);
  EXPECT_FALSE(parse_head(with("Expect: 100-continue\r\n", "POST / HTTP/1.0"))->expects_continue);
}

TEST(RequestHead, SaysWhetherTheConnectionIsKept) {
  EXPECT_FALSE(parse_head(with("Connection: upgrade, Close\r\n"))->keep_alive);
  EXPECT_TRUE(parse_head(with("Connection: keep-alive\r\n", "GET / HTTP/1.0"))->keep_alive);
  EXPECT_FALSE(parse_head(with("", "GET / HTTP/1.0"))->keep_alive);
  EXPECT_FALSE(parse_head(with("Connection: keep-alive\r\nConnection: close\r\n"))->keep_alive);
}

}  // namespace
}  // namespace topoforge::http
