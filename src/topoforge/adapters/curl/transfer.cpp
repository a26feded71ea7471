#include "topoforge/adapters/curl/transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "topoforge/adapters/curl/address_guard.hpp"

namespace topoforge::curl {
namespace {

long steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Result<std::unique_ptr<Transfer>> Transfer::make(TransferOptions options) {
  // Counted by libcurl; it is never given back, for other threads may be within it.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    return fail(ErrorCode::unavailable, std::string("libcurl cannot be started: ") + curl_easy_strerror(started));
  }
  CURL* const handle = curl_easy_init();
  if (handle == nullptr) return fail(ErrorCode::unavailable, "libcurl gives no handle: out of memory");
  std::unique_ptr<Transfer> transfer(new Transfer(handle, std::move(options)));
  transfer->set_bounds();
  return transfer;
}

void Transfer::set_bounds() {
  set(CURLOPT_ERRORBUFFER, words_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  set(CURLOPT_TIMEOUT_MS, kTransferTimeoutMs);
  // A name that is still looked up does not hold up the end.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
  // An empty name is no proxy, whatever the environment says.
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_WRITEFUNCTION, count_bytes);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, count_bytes);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, look_at_stop);
  set(CURLOPT_XFERINFODATA, this);
}

void Transfer::append(List& list, const std::string& text) {
  curl_slist* const longer = curl_slist_append(list.get(), text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

void Transfer::upload(std::string_view data) {
  data_ = data;
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, give_bytes);
  set(CURLOPT_READDATA, this);
}

TransferEnd Transfer::perform() {
  if (headers_) set(CURLOPT_HTTPHEADER, headers_.get());
  if (recipients_) set(CURLOPT_MAIL_RCPT, recipients_.get());
  TransferEnd end;
  end.code = failed_ == CURLE_OK ? curl_easy_perform(handle_.get()) : failed_;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &end.status);
  // Of an answer that is too long its status is known, and nobody wants the rest.
  const bool cut = end.code == CURLE_WRITE_ERROR && received_ > kMaxAnswerBytes && end.status != 0;
  if (cut) end.code = CURLE_OK;
  end.refused = end.code != CURLE_OK && refused_ > 0 && opened_ == 0;
  end.reason = words_.front() != '\0' ? words_.data() : curl_easy_strerror(end.code);
  // It may hold words of the other side, and goes into logs and answers.
  std::ranges::replace_if(
      end.reason, [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return end;
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  // This is the address that is connected to, whatever the name was said to be before.
  if (transfer.options_.reach == Reach::public_alone && !is_public(address->addr)) {
    ++transfer.refused_;
    return CURL_SOCKET_BAD;
  }
  ++transfer.opened_;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::count_bytes(char*, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.received_ += size * count;
  return transfer.received_ > kMaxAnswerBytes ? 0 : size * count;
}

std::size_t Transfer::give_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view part = transfer.data_.substr(0, size * count);
  std::ranges::copy(part, bytes);
  transfer.data_.remove_prefix(part.size());
  return part.size();
}

int Transfer::look_at_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.options_.stop.stop_requested()) return 0;
  if (transfer.stopping_since_ms_ < 0) transfer.stopping_since_ms_ = steady_ms();
  return steady_ms() - transfer.stopping_since_ms_ >= kStopGraceMs ? 1 : 0;
}

}  // namespace topoforge::curl
