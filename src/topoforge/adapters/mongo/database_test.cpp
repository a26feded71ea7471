#include "topoforge/adapters/mongo/database.hpp"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::mongo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Error refused(const std::string& uri, const std::string& name = "topoforge") {
  const auto opened = Database::open({.uri = uri, .name = name});
  EXPECT_FALSE(opened) << uri;
  return opened ? Error{} : opened.error();
}

TEST(MongoDatabase, AServerThatIsNotThereIsNamedInTimeAndThePasswordIsNot) {
  const auto start = std::chrono::steady_clock::now();
  const Error error = refused("mongodb://ada:Secret123@127.0.0.1:1/?authSource=admin&serverSelectionTimeoutMS=300");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1:1"), Not(HasSubstr("Secret123")), Not(HasSubstr("\n"))));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
}

TEST(MongoDatabase, AUriThatIsNoneIsRefusedWithoutItsPassword) {
  for (const std::string uri :
       {"", "localhost", "http://ada:Secret123@host/", "mongodb://", "mongodb://ada:Secret@123@h/",
        "mongodb://ada:Secret%@h:99999/", "mongodb://ada:Secret/123@host/", "mongodb://ada:27017/Secret@host/"}) {
    const Error error = refused(uri);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << uri;
    EXPECT_THAT(error.message, AllOf(HasSubstr("MONGODB_URI"), Not(HasSubstr("Secret")))) << uri;
  }
}

TEST(MongoDatabase, ANameThatIsNoneIsRefused) {
  for (const std::string& name : {std::string("a b"), std::string("a/b"), std::string("$x"), std::string(64, 'a')}) {
    const Error error = refused("mongodb://127.0.0.1:1/", name);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << name;
    EXPECT_THAT(error.message, HasSubstr("DATABASE_NAME"));
  }
}

}  // namespace
}  // namespace topoforge::mongo
