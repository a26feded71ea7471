#include "topoforge/api/route.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topoforge/api/call_route_test.hpp"

namespace topoforge::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

struct Greeting {
  std::string name;
  static constexpr auto model() {
    return topoforge::model("Greeting", "Whom to greet", field(&Greeting::name, {.min_length = 1, .max_length = 10}));
  }
};
BOOST_DESCRIBE_STRUCT(Greeting, (), (name))

struct Repeat {
  int times = 1;
  static constexpr auto model() {
    return topoforge::model("Repeat", "How often", field(&Repeat::times, {.least = 1, .most = 3, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(Repeat, (), (times))

struct Echo {
  std::string text;
  std::optional<std::string> by;
  static constexpr auto model() { return topoforge::model("Echo", "What was said"); }
};
BOOST_DESCRIBE_STRUCT(Echo, (), (text, by))

/// Knows "Bearer viewer", "Bearer analyst" and "Bearer admin".
class RolesByName final : public Authenticator {
 public:
  http::Task<Reply<Account>> authenticate(const http::Request& request) override {
    const std::string_view header = request.header("Authorization");
    for (const Role role : {Role::viewer, Role::analyst, Role::admin}) {
      if (header == "Bearer " + std::string(enum_text(role)))
        co_return Account{.user_id = "1", .username = std::string(enum_text(role)), .role = role};
    }
    co_return tl::unexpected(unauthorized("Not authenticated"));
  }
};

class RouteTableTest : public testing::Test {
 protected:
  RouteTableTest() {
    table_.add({.method = "POST",
                .path = "/api/greetings/{id}",
                .tag = "greetings",
                .summary = "Greet",
                .access = Access::analyst,
                .limit = RateLimitClass::general,
                .status = 201,
                .errors = {404},
                .body_bytes = 100},
               [](const Call& call, Body<Greeting> body, Query<Repeat> query) -> http::Task<Reply<Echo>> {
                 if (call.request.parameter("id") == "0") co_return tl::unexpected(problem(404, "Greeting not found"));
                 Echo echo;
                 for (int i = 0; i < query->times; ++i) echo.text += "hello " + body->name + "! ";
                 echo.by = call.account->username;
                 co_return echo;
               });
    table_.add({.method = "GET", .path = "/open", .tag = "t", .summary = "s", .access = Access::stream},
               [](const Call&) -> http::Task<Reply<NoContent>> { co_return NoContent{}; });
    table_.add({.method = "DELETE", .path = "/all", .tag = "t", .summary = "s", .access = Access::admin},
               [](const Call&) -> http::Task<Reply<NoContent>> { co_return NoContent{}; });
  }

  http::Response send(http::Request request) { return send(table_, std::move(request)); }
  static http::Response send(const RouteTable& table, http::Request request) {
    return call_route(table.make_router(), std::move(request));
  }
  http::Response greet(const std::string& role, const std::string& body, const http::Fields& query = {},
                       const std::string& path = "/api/greetings/1", const std::string& type = "application/json") {
    return send({.method = "POST",
                 .path = path,
                 .query = query,
                 .headers = {{"Authorization", "Bearer " + role}, {"Content-Type", type}},
                 .parameters = {},
                 .body = body,
                 .peer = "127.0.0.1"});
  }

  std::size_t calls_left_ = 1000;
  RolesByName roles_;
  RouteTable table_{{.authenticator = roles_,
                     .rate_limit = [this](RateLimitClass, const http::Request&,
                                          const std::optional<Account>&) -> Reply<http::Fields> {
                       if (calls_left_ == 0) return tl::unexpected(problem(429, "Too many requests"));
                       return http::Fields{{"X-RateLimit-Remaining", std::to_string(--calls_left_)}};
                     },
                     .open_stream = true}};
};

TEST_F(RouteTableTest, QueryAndBodyReachTheHandlerAndItsAnswerIsJson) {
  const http::Response answer = greet("analyst", R"({"name":"Ada"})", {{"times", "2"}});
  EXPECT_EQ(answer.status, 201U);
  EXPECT_EQ(answer.body, R"({"text":"hello Ada! hello Ada! ","by":"analyst"})");
  EXPECT_THAT(answer.headers, Contains(Pair("X-RateLimit-Remaining", "999")));
}

TEST_F(RouteTableTest, ASlashAtTheEndIsTheSameAddress) {
  EXPECT_EQ(greet("analyst", R"({"name":"Ada"})", {}, "/api/greetings/1/").status, 201U);
}

TEST_F(RouteTableTest, ProblemsOfTheHandlerAreItsAnswer) {
  const http::Response answer = greet("analyst", R"({"name":"Ada"})", {}, "/api/greetings/0");
  EXPECT_EQ(answer.status, 404U);
  EXPECT_EQ(answer.body, R"({"detail":"Greeting not found"})");
}

TEST_F(RouteTableTest, WithoutATokenNobodyCalls) {
  const http::Response answer = greet("", R"({"name":"Ada"})");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(answer.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
}

TEST_F(RouteTableTest, ARoleTooLowIsRefusedAndOneAboveWillDo) {
  const http::Response answer = greet("viewer", R"({"name":"Ada"})");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_THAT(answer.body, HasSubstr("needs the role analyst; yours is viewer"));
  EXPECT_EQ(greet("admin", R"({"name":"Ada"})").status, 201U);
}

TEST_F(RouteTableTest, WrongValuesAreToldBeforeTheHandlerRuns) {
  EXPECT_EQ(greet("analyst", "{}").status, 422U);
  EXPECT_THAT(greet("analyst", "{}").body,
              HasSubstr(R"({"loc":["body","name"],"msg":"wanted, but not there","type":"missing"})"));
  EXPECT_THAT(greet("analyst", R"({"name":"A"})", {{"times", "4"}}).body, HasSubstr(R"(["query","times"])"));
  EXPECT_EQ(greet("analyst", "").status, 422U);
  EXPECT_EQ(greet("analyst", R"({"name":"A"})", {}, "/api/greetings/1", "text/plain").status, 415U);
  EXPECT_EQ(greet("analyst", R"({"name":"A"})", {}, "/api/greetings/1", "application/json; charset=utf-8").status,
            201U);
  EXPECT_EQ(greet("analyst", std::string(101, ' ')).status, 413U);
}

TEST_F(RouteTableTest, CallsAreCountedWhetherTheyAreAllowedOrNot) {
  calls_left_ = 1;
  EXPECT_EQ(greet("", "").status, 401U);
  EXPECT_EQ(greet("analyst", R"({"name":"A"})").status, 429U);
}

TEST_F(RouteTableTest, TheStreamIsOpenUnlessItIsClosed) {
  const http::Request request{
      .method = "GET", .path = "/open", .query = {}, .headers = {}, .parameters = {}, .body = {}, .peer = {}};
  EXPECT_EQ(send(request).status, 204U);
  RouteTable closed({.authenticator = roles_,
                     .rate_limit = [](auto...) -> Reply<http::Fields> { return http::Fields{}; },
                     .open_stream = false});
  closed.add({.method = "GET", .path = "/open", .tag = "t", .summary = "s", .access = Access::stream},
             [](const Call&) -> http::Task<Reply<NoContent>> { co_return NoContent{}; });
  EXPECT_EQ(send(closed, request).status, 401U);
}

TEST_F(RouteTableTest, TheDocumentTellsOfBodiesThatAHandlerReadsAndWritesByItself) {
  table_
      .add(
          {.method = "POST", .path = "/state", .tag = "t", .summary = "s", .access = Access::anyone},
          [](const Call&) -> http::Task<Reply<http::Response>> { co_return http::Response{.status = 503, .body = {}}; })
      .takes<Greeting>()
      .takes<std::vector<Greeting>>()
      .takes<std::string>("text/csv")
      .example({{"name", "Ada"}})
      .answers<Echo>(200)
      .answers<std::string>(200, "text/html")
      .answers<Echo>(503);
  const boost::json::object document = table_.openapi("1.2.3");
  const auto& operation = document.at("paths").at("/state").at("post").as_object();
  const auto content = [&](std::string_view status) {
    return print_json(operation.at("responses").at(status).at("content"));
  };
  EXPECT_EQ(content("200"), R"({"application/json":{"schema":{"$ref":"#/components/schemas/Echo"}},)"
                            R"("text/html":{"schema":{"type":"string"}}})");
  EXPECT_EQ(content("503"), R"({"application/json":{"schema":{"anyOf":[{"$ref":"#/components/schemas/Echo"},)"
                            R"({"$ref":"#/components/schemas/ErrorMessage"}]}}})");
  EXPECT_EQ(print_json(operation.at("requestBody").at("content").at("application/json")),
            R"({"schema":{"anyOf":[{"$ref":"#/components/schemas/Greeting"},)"
            R"({"type":"array","items":{"$ref":"#/components/schemas/Greeting"},"maxItems":10000}]},)"
            R"("example":{"name":"Ada"}})");
  EXPECT_TRUE(operation.at("requestBody").at("content").as_object().contains("text/csv"));
}

TEST_F(RouteTableTest, TheDocumentTellsWhatARouteTakesAndAnswers) {
  const boost::json::object document = table_.openapi("1.2.3");
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  const auto& operation = document.at("paths").at("/api/greetings/{id}").at("post").as_object();
  EXPECT_EQ(operation.at("operationId").as_string(), "post_api_greetings_id");
  EXPECT_EQ(print_json(operation.at("security")), R"([{"bearer":[]}])");
  std::vector<std::string> answers;
  for (const auto& answer : operation.at("responses").as_object()) answers.emplace_back(answer.key());
  EXPECT_THAT(answers, testing::ElementsAre("201", "400", "401", "403", "404", "413", "415", "422", "429", "503"));
  EXPECT_EQ(print_json(operation.at("responses").at("201").at("content").at("application/json").at("schema")),
            R"({"$ref":"#/components/schemas/Echo"})");
  EXPECT_EQ(operation.at("parameters").as_array().size(), 2U);
  for (const char* const name : {"Echo", "Greeting", "ErrorMessage", "ValidationError"}) {
    EXPECT_TRUE(document.at("components").at("schemas").as_object().contains(name)) << name;
  }
}

}  // namespace
}  // namespace topoforge::api
