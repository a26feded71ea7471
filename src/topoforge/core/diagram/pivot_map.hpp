#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Purpose: which column of the reduction has a given simplex as its pivot. A hash map with open addressing; keys are
/// not 0 (no key of a simplex with an edge is). Memory: at most 8/3 of the entries, kept for the next use.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

template <class Key>
class PivotMap {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void clear() {
    slots_.assign(slots_.empty() ? kFirstCapacity : slots_.size(), Slot{});
    size_ = 0;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] std::size_t find(Key key) const {
    if (size_ == 0) return kNone;
    for (std::size_t at = first_slot(key);; at = next(at)) {
      if (slots_[at].key == key) return slots_[at].column;
      if (slots_[at].key == 0) return kNone;
    }
  }
  [[nodiscard]] bool contains(Key key) const { return find(key) != kNone; }

  /// key is new to the map.
  void insert(Key key, std::size_t column) {
    if (4 * (size_ + 1) > 3 * slots_.size()) grow();
    place({key, column});
    ++size_;
  }

 private:
  static constexpr std::size_t kFirstCapacity = 64;
  struct Slot {
    Key key = 0;
    std::size_t column = 0;
  };

  [[nodiscard]] std::size_t first_slot(Key key) const {
    auto bits = static_cast<std::uint64_t>(key);
    if constexpr (sizeof(Key) > sizeof(std::uint64_t))
      bits ^= static_cast<std::uint64_t>(key >> 64) * 0x9e3779b97f4a7c15;
    bits *= 0xd6e8feb86659fd93;
    return static_cast<std::size_t>(bits ^ (bits >> 32)) & (slots_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  void place(Slot slot) {
    std::size_t at = first_slot(slot.key);
    while (slots_[at].key != 0) at = next(at);
    slots_[at] = slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstCapacity : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.key != 0) place(slot);
    }
  }

  std::vector<Slot> slots_;  ///< a power of two of them
  std::size_t size_ = 0;
};

}  // namespace topoforge
