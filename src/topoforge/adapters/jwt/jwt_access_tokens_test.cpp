#include "topoforge/adapters/jwt/jwt_access_tokens.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/base64url.hpp"

namespace topoforge::jwt {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::string_view kSecret = "topoforge-test-secret-of-48-bytes-0123456789abcd";
constexpr Timestamp kIssued{seconds{1'700'000'000}};
constexpr Timestamp kNow = kIssued + 1h;
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

std::unique_ptr<JwtAccessTokens> tokens(std::string_view secret = kSecret) {
  auto made = JwtAccessTokens::create(std::string(secret));
  EXPECT_TRUE(made);
  return std::move(*made);
}

Claims example() {
  return {.subject = "42",
          .user_id = "42",
          .username = "ann",
          .role = "analyst",
          .issued_at = kIssued,
          .expires_at = kIssued + 24h,
          .token_id = "t-1"};
}

/// What RFC 7515 says, by OpenSSL alone; text that libjwt would never make among it.
std::string sign(std::string_view signing_input, std::string_view secret = kSecret, const EVP_MD* md = EVP_sha256()) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(md, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(signing_input.data()),
       signing_input.size(), mac.data(), &size);
  return encode_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

std::string token_of(std::string_view header, std::string_view payload, std::string_view secret = kSecret,
                     const EVP_MD* md = EVP_sha256()) {
  const std::string input = encode_base64url(header) + "." + encode_base64url(payload);
  return input + "." + sign(input, secret, md);
}

/// The payload of example(), with one member changed, added or (an empty text) left out.
std::string payload_with(std::string_view name = "", std::string_view json = "") {
  std::string text;
  bool put = name.empty();
  const auto add = [&](std::string_view key, std::string_view value) {
    if (key == name) {
      put = true;
      value = json;
    }
    if (!value.empty()) text += fmt::format(R"({}"{}":{})", text.empty() ? "{" : ",", key, value);
  };
  add("sub", R"("42")");
  add("user_id", R"("42")");
  add("username", R"("ann")");
  add("role", R"("analyst")");
  add("iat", "1700000000");
  add("exp", "1700086400");
  add("jti", R"("t-1")");
  if (!put) add(name, json);
  return text + "}";
}

TEST(JwtAccessTokens, AnIssuedTokenIsVerified) {
  const auto token = tokens()->issue(example());
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(tokens()->verify(*token, kNow), example());

  Claims odd = example();
  odd.username = "Zo\u00eb \"z\"\\ \x01 \U0001F600";
  odd.role = std::string(kMaxClaimBytes, 'r');
  const auto other = tokens()->issue(odd);
  ASSERT_TRUE(other);
  EXPECT_EQ(tokens()->verify(*other, kNow), odd);
}

TEST(JwtAccessTokens, AnIssuedTokenHasTheDocumentedClaims) {
  const auto token = tokens()->issue(example());
  ASSERT_TRUE(token);
  const std::size_t first = token->find('.');
  const std::size_t second = token->rfind('.');
  const auto header = parse_json(decode_base64url(token->substr(0, first)).value_or(""));
  const auto payload = parse_json(decode_base64url(token->substr(first + 1, second - first - 1)).value_or(""));
  ASSERT_TRUE(header && payload);
  EXPECT_EQ(*header, *parse_json(kHeader));
  EXPECT_EQ(*payload, *parse_json(payload_with()));
  EXPECT_EQ(token->substr(second + 1), sign(token->substr(0, second)));
}

TEST(JwtAccessTokens, TokensOfOtherProgramsAreVerified) {
  // By PyJWT 2.15.
  const auto by_pyjwt = tokens()->verify(
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MiIsInVzZXJfaWQiOiI0MiIsInVzZXJuYW1lIjoiWm9cdTAwZWIgXCJ6XCIiLC"
      "Jyb2xlIjoiYW5hbHlzdCIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAwLCJqdGkiOiJ0LTEifQ.I0DxdKlMj8xDG_-g2fCx2MkH9g"
      "gvZgWpWo1PF8zvbOc",
      kNow);
  ASSERT_TRUE(by_pyjwt) << by_pyjwt.error().message;
  Claims expected = example();
  expected.username = "Zo\u00eb \"z\"";
  EXPECT_EQ(*by_pyjwt, expected);

  // By Python's hmac: blanks in the header, no typ, a claim that we do not know.
  const auto by_hand = tokens()->verify(
      "eyAiYWxnIiA6ICJIUzI1NiIgfQ.eyJzdWIiOiI0MiIsInVzZXJfaWQiOiI0MiIsInVzZXJuYW1lIjoiYW5uIiwicm9sZSI6InZpZXdlciIsImlhd"
      "CI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAwLCJqdGkiOiJ0LTIiLCJleHRyYSI6WzEseyJ4IjpudWxsfV19.QaLvOPVcd1IwtdD6wOba_oOR"
      "VWnyZSQ5PJafE12yS1Y",
      kNow);
  ASSERT_TRUE(by_hand) << by_hand.error().message;
  EXPECT_EQ(by_hand->role, "viewer");
}

TEST(JwtAccessTokens, TheSignatureOfTheStandardsExampleFits) {
  // RFC 7515, appendix A.1. Its claims are not ours: what is missing is named only after the signature was found right.
  const auto key =
      decode_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  ASSERT_TRUE(key);
  EXPECT_EQ(tokens(*key)->verify(token, kNow).error().message, "invalid token: the claim sub is missing");
  EXPECT_EQ(tokens()->verify(token, kNow).error().message,
            "invalid token: its signature does not fit or its payload is no JSON");
}

TEST(JwtAccessTokens, AnExpiredTokenIsToldFromAnInvalidOne) {
  const std::string token = token_of(kHeader, payload_with());
  EXPECT_TRUE(tokens()->verify(token, kIssued + 24h - 1us));
  for (const Timestamp now : {kIssued + 24h, kIssued + 1000h}) {
    const auto expired = tokens()->verify(token, now);
    ASSERT_FALSE(expired);
    EXPECT_TRUE(is_expired(expired.error()));
    EXPECT_EQ(expired.error().message, "the token has expired");
  }
  const auto both = tokens()->verify(token + "x", kIssued + 1000h);
  ASSERT_FALSE(both);
  EXPECT_FALSE(is_expired(both.error())) << "a forged token never was good";
}

TEST(JwtAccessTokens, AClockMayBeAMinuteBehind) {
  const std::string token = token_of(kHeader, payload_with());
  EXPECT_TRUE(tokens()->verify(token, kIssued));
  EXPECT_TRUE(tokens()->verify(token, kIssued - 60s));
  const auto early = tokens()->verify(token, kIssued - 60s - 1us);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error(), (Error{ErrorCode::invalid_data, "invalid token: it was issued in the future"}));

  EXPECT_TRUE(tokens()->verify(token_of(kHeader, payload_with("nbf", "1700003660")), kNow));
  EXPECT_FALSE(tokens()->verify(token_of(kHeader, payload_with("nbf", "1700003661")), kNow));
}

struct Forged {
  std::string name;
  std::string token;
  std::string message;
};

void PrintTo(const Forged& forged, std::ostream* out) { *out << forged.name; }

class ForgedToken : public testing::TestWithParam<Forged> {};

TEST_P(ForgedToken, IsRefused) {
  const auto verified = tokens()->verify(GetParam().token, kNow);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::invalid_data);
  EXPECT_THAT(verified.error().message, HasSubstr(GetParam().message));
  EXPECT_FALSE(is_expired(verified.error()));
}

Forged header(std::string_view name, std::string_view json, std::string message = "its algorithm is not HS256") {
  return {fmt::format("Header{}", name), token_of(json, payload_with()), std::move(message)};
}

Forged payload(std::string_view name, std::string_view json, std::string message) {
  return {fmt::format("Payload{}", name), token_of(kHeader, json), std::move(message)};
}

Forged claim(std::string_view name, std::string_view claim, std::string_view json, std::string message) {
  return {fmt::format("Claim{}", name), token_of(kHeader, payload_with(claim, json)), std::move(message)};
}

std::vector<Forged> forged_headers() {
  const std::string good_payload = payload_with();
  const std::string none = encode_base64url(R"({"alg":"none"})") + "." + encode_base64url(good_payload) + ".";
  return {
      {"AlgNoneUnsigned", none, "it is not signed"},
      header("AlgNoneSigned", R"({"alg":"none","typ":"JWT"})"),
      header("AlgNoneInCapitals", R"({"alg":"NONE"})"),
      header("AlgInSmallLetters", R"({"alg":"hs256"})"),
      {"Hs384", token_of(R"({"alg":"HS384"})", good_payload, kSecret, EVP_sha384()), "its algorithm is not HS256"},
      {"Hs512", token_of(R"({"alg":"HS512"})", good_payload, kSecret, EVP_sha512()), "its algorithm is not HS256"},
      {"Sha384UnderTheNameOfHs256", token_of(kHeader, good_payload, kSecret, EVP_sha384()), "signature does not fit"},
      header("Rs256", R"({"alg":"RS256"})"),
      header("Es256", R"({"alg":"ES256"})"),
      header("NoAlg", R"({"typ":"JWT"})"),
      header("AlgTwice", R"({"alg":"HS256","alg":"none"})", "stands twice"),
      header("AlgTwiceTheSame", R"({"alg":"HS256","alg":"HS256"})", "stands twice"),
      header("AlgTwiceByEscape", R"({"alg":"HS256","\u0061lg":"none"})", "stands twice"),
      header("AlgOfAnotherCase", R"({"ALG":"HS256"})"),
      header("AlgIsAList", R"({"alg":["HS256"]})"),
      header("AlgIsNull", R"({"alg":null})"),
      header("AlgWithNul", R"({"alg":"HS256\u0000"})"),
      header("IsAList", R"([{"alg":"HS256"}])", "no JSON object"),
      header("IsText", R"("HS256")", "no JSON object"),
      header("IsEmpty", "", "its header is no JSON"),
      header("IsCut", R"({"alg":"HS256")", "its header is no JSON"),
      header("HasTextAfterIt", R"({"alg":"HS256"}x)", "its header is no JSON"),
      header("OfAnotherType", R"({"alg":"HS256","typ":"JWE"})", "its type is not JWT"),
      header("OfATypeThatIsANumber", R"({"alg":"HS256","typ":1})", "its type is not JWT"),
      header("WithACriticalExtension", R"({"alg":"HS256","crit":["b64"],"b64":false})", "wants an extension"),
  };
}

std::vector<Forged> forged_texts() {
  const std::string good = token_of(kHeader, payload_with());
  const std::size_t second = good.rfind('.');
  std::string flipped = good;
  flipped[second + 1] = flipped[second + 1] == 'A' ? 'B' : 'A';
  std::string not_canonical = good;  // the last of 43 characters holds four bits of the signature and two of nothing
  ++not_canonical.back();
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  return {
      {"Empty", "", "no three parts"},
      {"OnePart", "abc", "no three parts"},
      {"TwoParts", good.substr(0, second), "no three parts"},
      {"FourParts", good + ".e30", "no three parts"},
      {"TrailingDot", good + ".", "no three parts"},
      {"LeadingDot", "." + good, "no three parts"},
      {"OnlyDots", "..", "it is not signed"},
      {"NoSignature", good.substr(0, second + 1), "it is not signed"},
      {"CutSignature", good.substr(0, good.size() - 3), "signature does not fit"},
      {"OtherSignature", flipped, "signature does not fit"},
      {"SignatureOfTwoTexts", not_canonical, "no base64url"},
      {"OtherKey", token_of(kHeader, payload_with(), "another-secret-of-at-least-thirty-two-bytes"),
       "signature does not fit"},
      {"OtherPayload",
       good.substr(0, good.find('.') + 1) + encode_base64url(payload_with("role", R"("admin")")) + good.substr(second),
       "signature does not fit"},
      {"Padding", good + "=", "no base64url"},
      {"Blank", good + " ", "no base64url"},
      {"LineEnd", good + "\n", "no base64url"},
      {"Nul", good + std::string(1, '\0'), "no base64url"},
      {"NulAndMore", good + std::string(1, '\0') + "x", "no base64url"},
      {"NulInTheMiddle", good.substr(0, 20) + std::string(1, '\0') + good.substr(20), "no base64url"},
      {"Bearer", "Bearer " + good, "no base64url"},
      {"PlusAndSlash", "ab+/." + good.substr(good.find('.') + 1), "no base64url"},
      {"Utf8", "\xc3\xa9" + good, "no base64url"},
      {"TooLong", token_of(kHeader, payload_with("x", '"' + std::string(4000, 'x') + '"')), "it is too long"},
      {"AMegabyte", std::string(1 << 20, 'a'), "it is too long"},
      {"AMegabyteOfDots", std::string(1 << 20, '.'), "it is too long"},
      payload("NestsDeep", deep, "nested deeper"),
      payload("IsEmpty", "", "its payload is no JSON"),
      payload("IsText", R"("x")", "its payload is no JSON"),
      payload("IsAList", "[" + payload_with() + "]", "its payload is no JSON object"),
      payload("IsCut", payload_with().substr(0, 40), "its payload is no JSON"),
      payload("NestsDeepInAMember", payload_with("x", deep), "nested deeper"),
      payload("WithoutClaims", "{}", "the claim sub is missing"),
      payload("WithAClaimTwice", R"({"role":"viewer",)" + payload_with().substr(1), "stands twice"),
  };
}

std::vector<Forged> forged_claims() {
  const std::string long_text = '"' + std::string(kMaxClaimBytes + 1, 'x') + '"';
  std::vector<Forged> forged;
  for (const std::string name : {"sub", "user_id", "username", "role", "jti"}) {
    forged.push_back(claim("Missing_" + name, name, "", "the claim " + name + " is missing"));
    forged.push_back(claim("Number_" + name, name, "42", "the claim " + name + " is no text"));
    forged.push_back(claim("Null_" + name, name, "null", "the claim " + name + " is no text"));
    forged.push_back(claim("Object_" + name, name, R"({"$gt":""})", "the claim " + name + " is no text"));
    forged.push_back(claim("Empty_" + name, name, R"("")", "the claim " + name + " is empty"));
    forged.push_back(claim("Long_" + name, name, long_text, "the claim " + name + " has 257 bytes"));
  }
  for (const std::string name : {"iat", "exp"}) {
    forged.push_back(claim("Missing_" + name, name, "", "the claim " + name + " is missing"));
    int number = 0;
    for (const std::string_view json :
         {R"("1700000000")", "1700000000.5", "1.7e9", "null", "true", "[1700000000]", "1e300"}) {
      forged.push_back(claim(fmt::format("NotWhole_{}_{}", name, number++), name, json, "is no whole number"));
    }
    for (const std::string_view json : {"-1", "253402300800", "9223372036854775807", "-9223372036854775808"}) {
      forged.push_back(claim(fmt::format("Far_{}_{}", name, number++), name, json, "outside the years 1970 to 9999"));
    }
  }
  forged.push_back(claim("ExpBeyond64Bits", "exp", "18446744073709551616", "its payload is no JSON"));
  forged.push_back(claim("ExpHuge", "exp", "253402300799", "valid for more than 31 days"));
  forged.push_back(claim("ExpInMilliseconds", "exp", "1700086400000", "outside the years"));
  forged.push_back(claim("ExpBeforeIat", "exp", "1699999999", "it ends before it begins"));
  forged.push_back(claim("ExpIsIat", "exp", "1700000000", "it ends before it begins"));
  forged.push_back(claim("IatInTheFuture", "iat", "1700003661", "issued in the future"));
  forged.push_back(claim("NbfInTheFuture", "nbf", "1700003661", "not valid yet"));
  forged.push_back(claim("NbfIsText", "nbf", R"("1")", "the claim nbf is no whole number"));
  forged.push_back(claim("Audience", "aud", R"("another service")", "another audience"));
  return forged;
}

const auto kName = [](const auto& instance) { return instance.param.name; };
INSTANTIATE_TEST_SUITE_P(Header, ForgedToken, testing::ValuesIn(forged_headers()), kName);
INSTANTIATE_TEST_SUITE_P(Text, ForgedToken, testing::ValuesIn(forged_texts()), kName);
INSTANTIATE_TEST_SUITE_P(Claims, ForgedToken, testing::ValuesIn(forged_claims()), kName);

TEST(JwtAccessTokens, EachBitOfATokenCounts) {
  const auto verifier = tokens();
  const std::string good = token_of(kHeader, payload_with());
  ASSERT_TRUE(verifier->verify(good, kNow));
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string other = good;
      other[place] = static_cast<char>(other[place] ^ (1U << bit));
      EXPECT_FALSE(verifier->verify(other, kNow)) << place << ' ' << bit;
    }
    EXPECT_FALSE(verifier->verify(good.substr(0, place), kNow)) << place;
  }
}

TEST(JwtAccessTokens, ASecretThatIsTooShortIsRefusedAndTheMessageHelps) {
  for (const std::size_t size : {std::size_t{0}, kMinTokenSecretBytes - 1, kMaxTokenSecretBytes + 1}) {
    const auto refused = JwtAccessTokens::create(std::string(size, 's'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().message,
              fmt::format("JWT_SECRET has {} bytes; wanted 32 to 4096, such as `openssl rand -base64 48` makes", size));
  }
  EXPECT_TRUE(JwtAccessTokens::create(std::string(kMinTokenSecretBytes, 's')));
}

TEST(JwtAccessTokens, ASecretCountsBeyondANulByte) {
  const std::string head = std::string(32, 's') + '\0';
  const auto token = tokens(head + "one")->issue(example());
  ASSERT_TRUE(token);
  EXPECT_TRUE(tokens(head + "one")->verify(*token, kNow));
  EXPECT_FALSE(tokens(head + "two")->verify(*token, kNow));
}

TEST(JwtAccessTokens, ClaimsThatWouldNotBeVerifiedAreNotIssued) {
  const auto refused = [](auto change) {
    Claims claims = example();
    change(claims);
    const auto token = tokens()->issue(claims);
    EXPECT_FALSE(token);
    EXPECT_EQ(token ? ErrorCode::io : token.error().code, ErrorCode::invalid_argument);
    return token ? std::string() : token.error().message;
  };
  EXPECT_EQ(refused([](Claims& claims) { claims.subject.clear(); }), "no token: the claim sub is empty");
  EXPECT_EQ(refused([](Claims& claims) { claims.token_id.clear(); }), "no token: the claim jti is empty");
  EXPECT_EQ(refused([](Claims& claims) { claims.role = "\xff"; }), "no token: the claim role is no UTF-8");
  EXPECT_EQ(refused([](Claims& claims) { claims.username = std::string("a\0b", 3); }),
            "no token: the claim username holds NUL");
  EXPECT_EQ(refused([](Claims& claims) { claims.user_id = std::string(kMaxClaimBytes + 1, 'x'); }),
            "no token: the claim user_id has 257 bytes; wanted at most 256");
  EXPECT_EQ(refused([](Claims& claims) { claims.expires_at = claims.issued_at; }),
            "no token: it ends before it begins");
  EXPECT_EQ(refused([](Claims& claims) { claims.expires_at = claims.issued_at + 1us; }),
            "no token: it ends before it begins");
  EXPECT_EQ(refused([](Claims& claims) { claims.expires_at = claims.issued_at + 24h * 31 + 1s; }),
            "no token: it is valid for more than 31 days");
  EXPECT_EQ(refused([](Claims& claims) { claims.issued_at = Timestamp{-1s}; }),
            "no token: its times are outside the years 1970 to 9999");
}

TEST(JwtAccessTokens, ATokenThatWouldBeTooLongIsNotIssued) {
  Claims claims = example();
  for (std::string* text : {&claims.subject, &claims.user_id, &claims.username, &claims.role, &claims.token_id}) {
    *text = std::string(kMaxClaimBytes, '\x01');  // six characters of JSON each
  }
  const auto token = tokens()->issue(claims);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, ErrorCode::limit_exceeded);
}

TEST(JwtAccessTokens, FinerDigitsThanSecondsAreCutOff) {
  Claims claims = example();
  claims.issued_at += 999'999us;
  claims.expires_at += 1us;
  const auto token = tokens()->issue(claims);
  ASSERT_TRUE(token);
  EXPECT_EQ(tokens()->verify(*token, kNow), example());
}

TEST(JwtAccessTokens, ThreadsShareThem) {
  const auto shared = tokens();
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      Claims claims = example();
      claims.username = std::to_string(t);
      for (int i = 0; i < 100; ++i) {
        const auto token = shared->issue(claims);
        right[t] += token && shared->verify(*token, kNow) == claims;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 100));
}

}  // namespace
}  // namespace topoforge::jwt
