#include "topoforge/adapters/crypt/bcrypt_password_hasher.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge::crypt {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::unique_ptr<BcryptPasswordHasher> quick_hasher() {
  auto hasher = BcryptPasswordHasher::create({.cost = kMinBcryptCost});
  EXPECT_TRUE(hasher);
  return std::move(*hasher);
}

struct Vector {
  std::string_view password;
  std::string_view hash;
};

// Of Openwall's crypt_blowfish (wrapper.c) and of jBCrypt; the last three were made by Python's bcrypt 5.0.
constexpr Vector kVectors[] = {
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
    {"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
    {"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
    {"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {"\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
     "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
    {"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"},
    {"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
    {"Z\u00fcrich 2026 Test123!", "$2b$04$YuZ22MTIKBB5Bhvyu77VjemwfJKu8GWQeWloV/58JWtPcjSl0pJC."},
    {"\xff\xff\xa3", "$2b$04$YVnIW.PJR5SDz3qgx6QxK.EQZj.jDob8uL/CP1LzGLb0iiEVljSDG"},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "$2b$04$LjQ/6Adea7hIPmkpKoN87.RVaLd4e7GstRPr3FaTxl00Afq5gj3Jy"},
};

TEST(BcryptPasswordHasher, PublishedHashesFitTheirPasswordsAlone) {
  const auto hasher = quick_hasher();
  for (const Vector& vector : kVectors) {
    EXPECT_TRUE(hasher->verify(vector.password, vector.hash)) << vector.hash;
    const std::string other = vector.password.empty() ? "x" : std::string(vector.password.substr(1));
    EXPECT_FALSE(hasher->verify(other, vector.hash)) << vector.hash;
  }
}

TEST(BcryptPasswordHasher, AHashFitsItsPasswordAndHasASaltOfItsOwn) {
  const auto hasher = quick_hasher();
  const auto first = hasher->hash("Test123!");
  const auto second = hasher->hash("Test123!");
  ASSERT_TRUE(first && second);
  EXPECT_THAT(*first, StartsWith("$2b$04$"));
  EXPECT_EQ(first->size(), 60U);
  EXPECT_NE(first->substr(0, 29), second->substr(0, 29));
  EXPECT_TRUE(hasher->verify("Test123!", *first));
  EXPECT_TRUE(hasher->verify("Test123!", *second));
  EXPECT_FALSE(hasher->verify("test123!", *first));
  EXPECT_FALSE(hasher->verify("", *first));
}

TEST(BcryptPasswordHasher, TwelveIsTheCostUnlessSaid) {
  const auto hasher = BcryptPasswordHasher::create();
  ASSERT_TRUE(hasher);
  const auto hash = (*hasher)->hash("Test123!");
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, StartsWith("$2b$12$"));
}

TEST(BcryptPasswordHasher, ACostOutOfRangeIsRefused) {
  for (const unsigned cost : {0U, kMinBcryptCost - 1, kMaxBcryptCost + 1, std::numeric_limits<unsigned>::max()}) {
    const auto hasher = BcryptPasswordHasher::create({.cost = cost});
    ASSERT_FALSE(hasher) << cost;
    EXPECT_EQ(hasher.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(hasher.error().message, HasSubstr("wanted 4 to 16"));
  }
}

TEST(BcryptPasswordHasher, APasswordOf72BytesIsReadWholeAndALongerOneRefused) {
  const auto hasher = quick_hasher();
  const std::string longest(kMaxPasswordBytes, 'p');
  const auto hash = hasher->hash(longest);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hasher->verify(longest, *hash));
  EXPECT_FALSE(hasher->verify(longest.substr(1) + "q", *hash)) << "the last byte counts";
  EXPECT_FALSE(hasher->verify(longest + "p", *hash)) << "nothing is cut";

  const auto refused = hasher->hash(longest + "p");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().message, "a password of 73 bytes; wanted at most 72");
  EXPECT_FALSE(hasher->hash(std::string(1 << 20, 'p')));
}

TEST(BcryptPasswordHasher, APasswordWithNulIsRefused) {
  const auto hasher = quick_hasher();
  const auto hash = hasher->hash("Test");
  ASSERT_TRUE(hash);
  const std::string with_nul = std::string("Test") + '\0' + "123!";
  const auto refused = hasher->hash(with_nul);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("Test"))) << "a message never quotes a password";
  EXPECT_FALSE(hasher->verify(with_nul, *hash));
}

TEST(BcryptPasswordHasher, WhatIsNoHashOfATriedCostFitsNothing) {
  const auto hasher = quick_hasher();
  const auto made = hasher->hash("a");
  ASSERT_TRUE(made);
  const std::string& good = *made;
  const std::string tail = good.substr(7);
  for (const std::string& hash :
       {std::string(), std::string("a"), good.substr(0, 59), good + "x", good.substr(0, 29), "$2b$17$" + tail,
        "$2b$31$" + tail, "$2b$03$" + tail, "$2b$4$$" + tail, "$2b$-4$" + tail, "$2x$04$" + tail, "$2$04$." + tail,
        "$6$04$." + tail, good.substr(0, 20) + "!" + good.substr(21), good.substr(0, 59) + std::string(1, '\0'),
        std::string("*0"), std::string(60, '*')}) {
    EXPECT_FALSE(hasher->verify("a", hash)) << hash;
  }
}

double cpu_seconds(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  double least = std::numeric_limits<double>::max();
  for (int run = 0; run < 5; ++run) {
    const double start = now();
    work();
    least = std::min(least, now() - start);
  }
  return least;
}

TEST(BcryptPasswordHasher, AnUnknownAccountTakesTheTimeOfAKnownOne) {
  const auto hasher = BcryptPasswordHasher::create({.cost = 7});
  ASSERT_TRUE(hasher);
  const auto hash = (*hasher)->hash("Test123!");
  ASSERT_TRUE(hash);
  const double known = cpu_seconds([&] { EXPECT_FALSE((*hasher)->verify("wrong", *hash)); });
  const double unknown = cpu_seconds([&] { (*hasher)->verify_nothing("wrong"); });
  const double damaged = cpu_seconds([&] { EXPECT_FALSE((*hasher)->verify("wrong", "damaged")); });
  EXPECT_GT(unknown, known * 0.7);
  EXPECT_LT(unknown, known * 1.4);
  EXPECT_GT(damaged, known * 0.7);
  EXPECT_LT(damaged, known * 1.4);
}

TEST(BcryptPasswordHasher, ThreadsShareAHasher) {
  const auto hasher = quick_hasher();
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      const std::string password = "password " + std::to_string(t);
      for (int round = 0; round < 10; ++round) {
        const auto hash = hasher->hash(password);
        right[t] += hash && hasher->verify(password, *hash) && !hasher->verify("password", *hash);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 10));
}

}  // namespace
}  // namespace topoforge::crypt
