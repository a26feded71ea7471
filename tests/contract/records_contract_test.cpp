#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/mongo_test_server.hpp"
#include "topoforge/adapters/mongo/mongo_records.hpp"
#include "topoforge/adapters/sqlite/database.hpp"
#include "topoforge/adapters/sqlite/sqlite_records.hpp"
#include "topoforge/ports/session.hpp"
#include "topoforge/ports/user.hpp"

/// What every store of records must do. A second implementation adds a factory to kStores.
namespace topoforge {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{std::chrono::microseconds{1'700'000'000'123'456}};

/// A store of its own, that can be opened again.
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  virtual void reopen() = 0;
  virtual Records<User>& users() = 0;
  virtual Records<Session>& sessions() = 0;
};

class SqliteRecordStore final : public RecordStore {
 public:
  SqliteRecordStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-records-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
    reopen();
  }
  ~SqliteRecordStore() override { std::filesystem::remove_all(folder_); }
  void reopen() override {
    users_.reset();
    sessions_.reset();
    const auto database = sqlite::Database::open(folder_ / "topoforge.db").value();
    users_ = SqliteRecords<User>::open(database).value();
    sessions_ = SqliteRecords<Session>::open(database).value();
  }
  Records<User>& users() override { return *users_; }
  Records<Session>& sessions() override { return *sessions_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Records<User>> users_;
  std::unique_ptr<Records<Session>> sessions_;
};

class MongoRecordStore final : public RecordStore {
 public:
  MongoRecordStore() { reopen(); }
  void reopen() override {
    users_.reset();
    sessions_.reset();
    const auto database = database_.open().value();
    users_ = MongoRecords<User>::open(database).value();
    sessions_ = MongoRecords<Session>::open(database).value();
  }
  Records<User>& users() override { return *users_; }
  Records<Session>& sessions() override { return *sessions_; }

 private:
  MongoTestDatabase database_;
  std::unique_ptr<Records<User>> users_;
  std::unique_ptr<Records<Session>> sessions_;
};

struct StoreFactory {
  std::string name;
  std::unique_ptr<RecordStore> (*make)();  ///< null: it cannot be tested here
};
const std::vector<StoreFactory> kStores{
    {"sqlite", []() -> std::unique_ptr<RecordStore> { return std::make_unique<SqliteRecordStore>(); }},
    {"mongo", []() -> std::unique_ptr<RecordStore> {
       if (!MongoTestServer::shared().missing().empty()) return nullptr;
       return std::make_unique<MongoRecordStore>();
     }}};

User user_called(const std::string& name) {
  User user;
  user.username = name;
  user.username_key = name;
  user.email = name + "@Example.com";
  user.email_key = name + "@example.com";
  user.password_hash = "$2b$12$hash";
  user.created_at = kNow;
  user.updated_at = kNow + 1us;
  return user;
}
Session session_of(const std::string& key, const std::string& user_id, Timestamp expires_at) {
  Session session;
  session.key = key;
  session.user_id = user_id;
  session.created_at = kNow;
  session.expires_at = expires_at;
  return session;
}

class RecordsContract : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    if (store_ == nullptr) GTEST_SKIP() << MongoTestServer::shared().missing();
  }
  Records<User>& users() { return store_->users(); }
  Records<Session>& sessions() { return store_->sessions(); }
  std::unique_ptr<RecordStore> store_ = GetParam().make();
};

TEST_P(RecordsContract, WhatIsInsertedIsReadAsItWas) {
  User user = user_called("ada");
  user.full_name = "Ada \"Countess\" Löwe \\ 'x' \n \U0001F600";
  user.role = Role::analyst;
  const auto inserted = users().insert(user);
  ASSERT_TRUE(inserted);
  EXPECT_FALSE(inserted->id.empty());
  EXPECT_EQ(inserted->revision, 1U);
  store_->reopen();
  const auto read = users().get(inserted->id);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->full_name, user.full_name);
  EXPECT_EQ(read->organization, std::nullopt);
  EXPECT_EQ(read->role, Role::analyst);
  EXPECT_EQ(read->created_at, kNow) << "to the microsecond";
  EXPECT_EQ(read->updated_at, kNow + 1us);
}

TEST_P(RecordsContract, WhatIsNotThereIsNotFound) {
  for (const char* const id : {"", "0000000000000001", "x", "' OR 1=1 --", "{\"$gt\": \"\"}"}) {
    EXPECT_EQ(users().get(id).error().code, ErrorCode::not_found) << id;
    EXPECT_EQ(users().erase(id).error().code, ErrorCode::not_found) << id;
    User user = user_called("nobody");
    user.id = id;
    EXPECT_EQ(users().replace(user).error().code, ErrorCode::not_found) << id;
  }
  EXPECT_EQ(users().find("email_key", "nobody@example.com").value(), std::nullopt);
}

TEST_P(RecordsContract, AUniqueFieldIsTakenOnceAndNamed) {
  ASSERT_TRUE(users().insert(user_called("ada")));
  User same_address = user_called("ada");
  same_address.username_key = "grace";
  const auto refused = users().insert(same_address);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{ErrorCode::conflict, "email_key"}));
  auto grace = users().insert(user_called("grace"));
  ASSERT_TRUE(grace);
  grace->username_key = "ada";
  EXPECT_EQ(users().replace(*grace).error(), (Error{ErrorCode::conflict, "username_key"}));
  EXPECT_EQ(users().list({})->total, 2U);
}

TEST_P(RecordsContract, OfManyThatInsertOneValueAtOnceOneWins) {
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto inserted = users().insert(user_called("ada"));
      if (inserted) {
        ++won;
      } else {
        EXPECT_EQ(inserted.error().code, ErrorCode::conflict);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(users().list({})->total, 1U);
}

TEST_P(RecordsContract, AReplacementSeesTheNewestRevisionOrFails) {
  const User first = users().insert(user_called("ada")).value();
  User changed = first;
  changed.full_name = "Ada";
  const auto second = users().replace(changed);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->revision, first.revision + 1);
  changed.full_name = "Too late";
  EXPECT_EQ(users().replace(changed).error(), (Error{ErrorCode::conflict, ""}));
  EXPECT_EQ(users().get(first.id)->full_name, "Ada");
}

TEST_P(RecordsContract, OfManyThatReplaceARevisionAtOnceOneWins) {
  const User first = users().insert(user_called("ada")).value();
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      User mine = first;
      mine.full_name = std::to_string(i);
      if (users().replace(mine)) ++won;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_P(RecordsContract, ValuesAreFoundAsTheyAreAndNeverRun) {
  for (const std::string name : {"plain", "quote'quote", "{\"$gt\": \"\"}", "$where", "a\"b", "Ünïcode", "%", "_"}) {
    ASSERT_TRUE(users().insert(user_called(name))) << name;
  }
  for (const std::string name : {"plain", "quote'quote", "{\"$gt\": \"\"}", "$where", "a\"b", "Ünïcode", "%", "_"}) {
    const auto found = users().find("username_key", name);
    ASSERT_TRUE(found && *found) << name;
    EXPECT_EQ((*found)->username, name);
  }
  EXPECT_EQ(users().find("username_key", "PLAIN").value(), std::nullopt);
}

TEST_P(RecordsContract, ListsAreInTheOrderOfInsertionPageByPage) {
  std::vector<std::string> names;
  for (int i = 0; i < 25; ++i) {
    names.push_back("user" + std::to_string(i));
    User user = user_called(names.back());
    user.role = i % 5 == 0 ? Role::admin : Role::viewer;
    ASSERT_TRUE(users().insert(user));
  }
  std::vector<std::string> listed;
  for (std::size_t page = 1; page <= 4; ++page) {
    const auto part = users().list({.page = page, .limit = 10});
    ASSERT_TRUE(part);
    EXPECT_EQ(part->total, 25U);
    for (const User& user : part->data) listed.push_back(user.username);
  }
  EXPECT_EQ(listed, names);
  const auto admins = users().list({.field = "role", .value = "admin", .page = 2, .limit = 3});
  ASSERT_TRUE(admins);
  EXPECT_EQ(admins->total, 5U);
  ASSERT_EQ(admins->data.size(), 2U);
  EXPECT_EQ(admins->data[0].username, "user15");
  for (const RecordQuery& wrong : {RecordQuery{.page = 0}, RecordQuery{.limit = 0}, RecordQuery{.limit = 1001}}) {
    EXPECT_EQ(users().list(wrong).error().code, ErrorCode::invalid_argument);
  }
}

TEST_P(RecordsContract, ErasedRecordsAreGoneAndTheirValuesFree) {
  const User ada = users().insert(user_called("ada")).value();
  ASSERT_TRUE(users().erase(ada.id));
  EXPECT_EQ(users().get(ada.id).error().code, ErrorCode::not_found);
  const auto again = users().insert(user_called("ada"));
  ASSERT_TRUE(again);
  EXPECT_NE(again->id, ada.id) << "an id is never given twice";
}

TEST_P(RecordsContract, AllOfAValueAreErasedTogether) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(sessions().insert(session_of("a" + std::to_string(i), "ada", kNow + 1h)));
  ASSERT_TRUE(sessions().insert(session_of("g", "grace", kNow + 1h)));
  EXPECT_EQ(sessions().erase_all("user_id", "ada").value(), 3U);
  EXPECT_EQ(sessions().erase_all("user_id", "ada").value(), 0U);
  EXPECT_EQ(sessions().list({})->total, 1U);
}

TEST_P(RecordsContract, ExpiredRecordsAreErasedAndOthersStay) {
  ASSERT_TRUE(sessions().insert(session_of("old", "ada", kNow)));
  ASSERT_TRUE(sessions().insert(session_of("new", "ada", kNow + 1us)));
  EXPECT_EQ(sessions().erase_expired(kNow).value(), 1U);
  EXPECT_TRUE(sessions().find("key", "new")->has_value());
  EXPECT_FALSE(sessions().find("key", "old")->has_value());
}

INSTANTIATE_TEST_SUITE_P(Stores, RecordsContract, testing::ValuesIn(kStores),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace topoforge
