#include "topoforge/adapters/http/request_ids.hpp"

#include <string>

#include <gtest/gtest.h>

namespace topoforge::http {
namespace {

TEST(RequestIds, AWellFormedOneIsKept) {
  RequestIds ids(1);
  for (const std::string& id : {std::string("a"), std::string("0af7651916cd43dd-8448.eb_Z"), std::string(64, 'x')}) {
    EXPECT_EQ(ids.choose(id), id);
  }
}

TEST(RequestIds, AnythingElseIsReplacedByANewOne) {
  RequestIds ids(0xabc);
  EXPECT_EQ(ids.choose(""), "0000000000000abc-1");
  EXPECT_EQ(ids.choose("two words"), "0000000000000abc-2");
  EXPECT_EQ(ids.choose(std::string(65, 'x')), "0000000000000abc-3");
  EXPECT_EQ(ids.choose("a\"b"), "0000000000000abc-4");
  EXPECT_EQ(ids.choose("\xc3\xa9"), "0000000000000abc-5");
}

}  // namespace
}  // namespace topoforge::http
