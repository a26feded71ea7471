#pragma once

#include <cstddef>
#include <utility>

#include "topoforge/base/result.hpp"

/// Purpose: a bound for calls that wait for one another. Thread safety: one thread.
namespace topoforge::api {

class WaitingRoom {
 public:
  /// A place, for as long as it lives; the room outlives it.
  class Place {
   public:
    explicit Place(std::size_t& taken) : taken_(&taken) { ++taken; }
    Place(Place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (taken_ != nullptr) --*taken_;
    }

   private:
    std::size_t* taken_;
  };

  explicit WaitingRoom(std::size_t places) : places_(places) {}

  [[nodiscard]] std::size_t taken() const { return taken_; }

  /// Errors: unavailable when every place is taken.
  Result<Place> enter();

 private:
  std::size_t places_;
  std::size_t taken_ = 0;
};

}  // namespace topoforge::api
