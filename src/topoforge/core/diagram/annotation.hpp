#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// Purpose: annotations - the value of a cell in the cocycles that are alive, a vector over Z/2 with one bit for each
/// birth - and their reduction. Vectors live in one arena and are named by their place; the place 0 is the zero vector,
/// and equal sums are stored again, which is cheaper than finding them.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class AnnotationArena {
 public:
  using Place = std::uint32_t;
  static constexpr Place kZero = 0;

  /// Forgets all; vectors have `bits` bits from now on.
  void reset(std::size_t bits) {
    width_ = std::max<std::size_t>(1, (bits + 63) / 64);
    words_.assign(width_, 0);
  }
  [[nodiscard]] std::size_t words() const { return words_.size(); }

  Place unit(std::size_t bit) {
    const Place place = grow();
    words_[place + bit / 64] |= std::uint64_t{1} << (bit % 64);
    return place;
  }
  Place sum(Place a, Place b) {
    if (a == kZero) return b;
    if (b == kZero) return a;
    if (a == b) return kZero;
    const Place place = grow();
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < width_; ++i) any |= words_[place + i] = words_[a + i] ^ words_[b + i];
    if (any != 0) return place;
    words_.resize(place);
    return kZero;
  }

  /// Adds basis columns to the vector, in place, until its highest bit is of no column, which it then becomes.
  /// basis[bit] is the column whose highest bit is `bit`, kZero for none. The bit, or kNone for a vector in their span.
  /// The vector must be no other cell's.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t reduce(Place vector, std::vector<Place>& basis) {
    std::uint64_t* const x = words_.data() + vector;
    for (std::size_t i = width_; i-- > 0;) {
      while (x[i] != 0) {
        const std::size_t bit = 64 * i + 63 - static_cast<std::size_t>(std::countl_zero(x[i]));
        if (basis[bit] == kZero) {
          basis[bit] = vector;
          return bit;
        }
        const std::uint64_t* const column = words_.data() + basis[bit];
        for (std::size_t j = 0; j <= i; ++j) x[j] ^= column[j];
      }
    }
    return kNone;
  }
  /// A vector of its own with the sum of four.
  Place own_sum(Place a, Place b, Place c, Place d) {
    const Place place = grow();
    for (std::size_t i = 0; i < width_; ++i)
      words_[place + i] = words_[a + i] ^ words_[b + i] ^ words_[c + i] ^ words_[d + i];
    return place;
  }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const std::vector<std::uint64_t>& all_words() const { return words_; }
  /// Takes back the vector that was made last.
  void drop_last(Place place) { words_.resize(place); }

 private:
  Place grow() {
    const auto place = static_cast<Place>(words_.size());
    words_.resize(words_.size() + width_, 0);
    return place;
  }

  std::size_t width_ = 1;
  std::vector<std::uint64_t> words_;
};

/// Places by cell: open addressing, keys below 2^64 - 1. clear() costs what was put in, not the capacity.
class AnnotationMemo {
 public:
  static constexpr std::uint32_t kUnknown = static_cast<std::uint32_t>(-1);

  void clear() {
    for (const std::uint32_t slot : used_) slots_[slot].key = kFree;
    used_.clear();
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t key) const {
    if (slots_.empty()) return kUnknown;
    for (std::size_t at = first_slot(key);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].key == key) return slots_[at].place;
      if (slots_[at].key == kFree) return kUnknown;
    }
  }
  /// key is new.
  void insert(std::uint64_t key, std::uint32_t place) {
    if (2 * (used_.size() + 1) > slots_.size()) grow();
    put({key, place});
  }

 private:
  static constexpr std::uint64_t kFree = static_cast<std::uint64_t>(-1);
  static constexpr std::size_t kFirstCapacity = 1024;
  struct Slot {
    std::uint64_t key = kFree;
    std::uint32_t place = 0;
  };

  [[nodiscard]] std::size_t first_slot(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32U) & (slots_.size() - 1);
  }
  void put(Slot slot) {
    std::size_t at = first_slot(slot.key);
    while (slots_[at].key != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
    used_.push_back(static_cast<std::uint32_t>(at));
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstCapacity : 4 * slots_.size());
    old.swap(slots_);
    used_.clear();
    for (const Slot& slot : old) {
      if (slot.key != kFree) put(slot);
    }
  }

  std::vector<Slot> slots_;  ///< a power of two of them
  std::vector<std::uint32_t> used_;
};

}  // namespace topoforge
