#include "topoforge/adapters/http/router.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

Task<Response> nothing(const Request&) { co_return Response{}; }

Request request_of(std::string method, std::string path) {
  return {.method = std::move(method), .path = std::move(path)};
}

class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    router_.add("GET", "/", nothing);
    router_.add("GET", "/things/{id}", nothing);
    router_.add("DELETE", "/things/{id}", nothing);
    router_.add_web_socket("/ws", [](const Request&, WebSocketPeer&) { return nullptr; });
  }
  unsigned status(const std::string& method, const std::string& path) const {
    Request request = request_of(method, path);
    const auto found = router_.find(request);
    const auto* const response = std::get_if<Response>(&found);
    return response == nullptr ? 200 : response->status;
  }
  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndSegments) {
  EXPECT_EQ(status("GET", "/"), 200U);
  EXPECT_EQ(status("HEAD", "/"), 200U);
  EXPECT_EQ(status("GET", "/things/7"), 200U);
  for (const char* path : {"/things", "/things/", "/things/7/", "/things/7/8", "//", "/Things/7"}) {
    EXPECT_EQ(status("GET", path), 404U) << path;
  }
  EXPECT_EQ(status("GET", "/ws"), 426U);
}

TEST_F(RouterTest, GivesTheParameters) {
  Request request = request_of("GET", "/things/a b");
  ASSERT_TRUE(std::holds_alternative<const Route*>(router_.find(request)));
  EXPECT_THAT(request.parameters, ElementsAre(Pair("id", "a b")));
  EXPECT_EQ(request.parameter("id"), "a b");
}

TEST_F(RouterTest, AWrongMethodIsToldTheRightOnes) {
  Request request = request_of("PUT", "/things/7");
  const auto found = router_.find(request);
  ASSERT_TRUE(std::holds_alternative<Response>(found));
  EXPECT_EQ(std::get<Response>(found).status, 405U);
  EXPECT_THAT(std::get<Response>(found).headers, ElementsAre(Pair("Allow", "DELETE, GET, HEAD")));
}

}  // namespace
}  // namespace topoforge::http
