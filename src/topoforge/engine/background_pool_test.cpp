#include "topoforge/engine/background_pool.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

TEST(BackgroundPool, DoesWorkOnThreadsOfItsOwn) {
  BackgroundPool pool(2);
  std::promise<std::thread::id> done;
  const auto work = pool.start([&] { done.set_value(std::this_thread::get_id()); });
  EXPECT_NE(done.get_future().get(), std::this_thread::get_id());
  work->finish();
  work->finish();
}

TEST(BackgroundPool, WhoWaitsForWorkThatNobodyHasBegunDoesIt) {
  BackgroundPool pool(0);
  std::thread::id worker;
  const auto work = pool.start([&] { worker = std::this_thread::get_id(); });
  work->finish();
  EXPECT_EQ(worker, std::this_thread::get_id());
}

TEST(BackgroundPool, WaitsForWorkThatIsUnderWay) {
  BackgroundPool pool(1);
  std::promise<void> begun;
  std::promise<void> gate;
  std::atomic<bool> done = false;
  const auto work = pool.start([&] {
    begun.set_value();
    gate.get_future().wait();
    done = true;
  });
  begun.get_future().wait();
  std::thread opener([&] { gate.set_value(); });
  work->finish();
  EXPECT_TRUE(done);
  opener.join();
}

TEST(BackgroundPool, WhatWorkThrowsReachesWhoWaits) {
  for (const std::size_t threads : {0, 1}) {
    BackgroundPool pool(threads);
    const auto work = pool.start([] { throw std::runtime_error("no memory"); });
    EXPECT_THROW(work->finish(), std::runtime_error);
  }
}

TEST(BackgroundPool, WorkThatNobodyWantsAnyMoreIsNotBegun) {
  std::promise<void> gate;
  std::atomic<int> done = 0;
  auto kept = std::make_shared<int>(0);
  {
    BackgroundPool pool(1);
    std::promise<void> begun;
    const auto first = pool.start([&] {
      begun.set_value();
      gate.get_future().wait();
      ++done;
    });
    begun.get_future().wait();
    auto unwanted = pool.start([&done, kept] { ++done; });
    unwanted.reset();
    EXPECT_EQ(kept.use_count(), 1) << "what it held is let go at once";
    gate.set_value();
    pool.start([&done] { ++done; })->finish();
    first->finish();
  }
  EXPECT_EQ(done, 2);
}

TEST(BackgroundPool, ManyThreadsStartAndWait) {
  BackgroundPool pool(2);
  std::atomic<int> done = 0;
  std::vector<std::thread> streams;
  for (int stream = 0; stream < 4; ++stream) {
    streams.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto work = pool.start([&] { ++done; });
        if (i % 3 != 0) std::this_thread::yield();
        work->finish();
      }
    });
  }
  for (std::thread& stream : streams) stream.join();
  EXPECT_EQ(done, 800);
}

}  // namespace
}  // namespace topoforge
