#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "topoforge/base/result.hpp"

/// Purpose: one transfer by libcurl, with the bounds that all of ours have: time, the length of the answer, no proxy,
/// no redirect, and an end soon after the program is asked to stop. Thread safety: one owner at a time; several
/// transfers may run at once.
namespace topoforge::curl {

/// Named limits of a transfer.
inline constexpr long kConnectTimeoutMs = 5'000;
inline constexpr long kTransferTimeoutMs = 10'000;
inline constexpr std::size_t kMaxAnswerBytes = 64U << 10U;
/// What runs may go on for so long when the program is asked to stop.
inline constexpr long kStopGraceMs = 2'000;

enum class Reach { anywhere, public_alone };

struct TransferOptions {
  Reach reach = Reach::public_alone;
  std::string ca_file = {};  ///< PEM; empty: the system's
  std::stop_token stop = {};
};

/// How a transfer ended.
struct TransferEnd {
  CURLcode code = CURLE_OK;
  long status = 0;       ///< of the answer; 0 without one
  bool refused = false;  ///< every address that the host has is out of reach
  std::string reason;    ///< in words
};

class Transfer {
 public:
  /// Errors: unavailable where libcurl cannot be started.
  static Result<std::unique_ptr<Transfer>> make(TransferOptions options);

  /// For the settings of the protocol. value: as curl_easy_setopt takes it.
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode done = curl_easy_setopt(handle_.get(), option, value);
    if (failed_ == CURLE_OK) failed_ = done;
  }
  void add_header(const std::string& line) { append(headers_, line); }
  void add_recipient(const std::string& address) { append(recipients_, address); }
  /// What is sent; it outlives perform().
  void upload(std::string_view data);

  TransferEnd perform();

 private:
  struct Close {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Free>;

  Transfer(CURL* handle, TransferOptions options) : handle_(handle), options_(std::move(options)) {}
  void set_bounds();
  void append(List& list, const std::string& text);

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t count_bytes(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t give_bytes(char* bytes, std::size_t size, std::size_t count, void* self);
  static int look_at_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  std::unique_ptr<CURL, Close> handle_;
  TransferOptions options_;
  List headers_;
  List recipients_;
  std::string_view data_;
  std::size_t received_ = 0;
  std::size_t opened_ = 0;
  std::size_t refused_ = 0;
  long stopping_since_ms_ = -1;
  CURLcode failed_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> words_{};
};

}  // namespace topoforge::curl
