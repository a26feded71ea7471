#include "topoforge/adapters/spool/anomaly_spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::spool {
namespace {

constexpr std::string_view kMark = "topoforge spool 1 ";
constexpr std::size_t kOffsetDigits = 16;
constexpr std::size_t kHeadBytes = kMark.size() + kOffsetDigits + 1;

std::string head_of(std::uint64_t offset) { return fmt::format("{}{:0{}x}\n", kMark, offset, kOffsetDigits); }

std::optional<std::uint64_t> offset_of(std::string_view head) {
  if (head.size() != kHeadBytes || !head.starts_with(kMark) || head.back() != '\n') return std::nullopt;
  const std::string_view digits = head.substr(kMark.size(), kOffsetDigits);
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return offset;
}

std::string line_of(std::span<const IdentifiedAnomaly> batch) {
  boost::json::array anomalies;
  for (const IdentifiedAnomaly& one : batch) {
    boost::json::object json{{"id", one.id}, {"analysis", analysis_to_json(one.anomaly.analysis)}};
    if (one.anomaly.event) json["event"] = event_to_json(*one.anomaly.event);
    if (one.anomaly.origin == AnomalyOrigin::manual) json["origin"] = "manual";
    if (!one.anomaly.created_by.empty()) json["created_by"] = one.anomaly.created_by;
    anomalies.emplace_back(std::move(json));
  }
  return print_json(boost::json::object{{"stored_at", batch.front().stored_at.time_since_epoch().count()},
                                        {"anomalies", std::move(anomalies)}}) +
         '\n';
}

IdentifiedAnomaly read_anomaly(const boost::json::object& json, Timestamp stored_at) {
  IdentifiedAnomaly one{.id = std::string(std::string_view(json.at("id").as_string())),
                        .stored_at = stored_at,
                        .anomaly = {.analysis = analysis_from_json(json.at("analysis")).value()}};
  if (const auto* const event = json.if_contains("event")) one.anomaly.event = event_from_json(*event).value();
  if (json.contains("origin")) one.anomaly.origin = AnomalyOrigin::manual;
  if (const auto* const person = json.if_contains("created_by")) {
    one.anomaly.created_by = std::string_view(person->as_string());
  }
  return one;
}

/// Of a line without its end. Errors: corrupt.
Result<std::vector<IdentifiedAnomaly>> read_line(std::string_view line) {
  const auto json = parse_json(line);
  if (!json) return fail(ErrorCode::corrupt, json.error().message);
  try {
    const Timestamp stored_at{std::chrono::microseconds{json->at("stored_at").to_number<std::int64_t>()}};
    std::vector<IdentifiedAnomaly> batch;
    for (const auto& one : json->at("anomalies").as_array()) batch.push_back(read_anomaly(one.as_object(), stored_at));
    return batch;
  } catch (const std::exception& error) {
    return fail(ErrorCode::corrupt, error.what());
  }
}

/// Errors: false, with errno.
bool write_at(int descriptor, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

bool read_at(int descriptor, std::string& bytes, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

/// The entry of a new file in its folder.
void sync_folder(const std::filesystem::path& file) {
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

AnomalySpool::AnomalySpool(AnomalySpool&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      max_bytes_(other.max_bytes_),
      first_(other.first_),
      end_(other.end_),
      batches_(std::move(other.batches_)),
      size_(other.size_) {}

AnomalySpool::~AnomalySpool() {
  if (descriptor_ >= 0) close(descriptor_);
}

tl::unexpected<Error> AnomalySpool::failed(std::string_view what) const {
  return fail(ErrorCode::io, fmt::format("cannot {} the spool '{}': {}", what, file_.string(), std::strerror(errno)));
}

Result<AnomalySpool> AnomalySpool::open(const std::filesystem::path& file, std::uint64_t max_bytes) {
  AnomalySpool spool(file, ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR), max_bytes);
  if (spool.descriptor_ < 0) return spool.failed("open");
  if (flock(spool.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::unavailable, fmt::format("the spool '{}' is another process's", file.string()));
  }
  if (auto recovered = spool.recover(); !recovered) return tl::unexpected(std::move(recovered.error()));
  return spool;
}

Result<void> AnomalySpool::write_head() {
  if (!write_at(descriptor_, head_of(first_), 0) || fdatasync(descriptor_) != 0) return failed("write");
  return {};
}

Result<void> AnomalySpool::recover() {
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) return failed("read");
  end_ = static_cast<std::uint64_t>(status.st_size);
  first_ = kHeadBytes;
  if (end_ < kHeadBytes) {  // new, or killed when it was
    end_ = kHeadBytes;
    if (ftruncate(descriptor_, 0) != 0) return failed("write");
    auto written = write_head();
    sync_folder(file_);
    return written;
  }
  std::string head(kHeadBytes, '\0');
  if (!read_at(descriptor_, head, 0)) return failed("read");
  const auto offset = offset_of(head);
  if (!offset || *offset < kHeadBytes) {
    return fail(ErrorCode::corrupt, fmt::format("'{}' is no spool of TopoForge; move it away", file_.string()));
  }
  first_ = *offset;
  if (first_ > end_) {  // killed when all had been written
    first_ = end_;
    return drop(0);
  }
  std::string rest(end_ - first_, '\0');
  if (!read_at(descriptor_, rest, first_)) return failed("read");
  std::uint64_t good = first_;
  bool cut = false;
  for (std::string_view left = rest; !left.empty();) {
    const std::size_t end = left.find('\n');
    const auto batch = end == std::string_view::npos ? fail(ErrorCode::corrupt, "") : read_line(left.substr(0, end));
    if (batch && cut) {
      return fail(ErrorCode::corrupt, fmt::format("the spool '{}' is damaged at byte {}", file_.string(), good));
    }
    cut = cut || !batch;
    const std::uint64_t bytes = end == std::string_view::npos ? left.size() : end + 1;
    left.remove_prefix(bytes);
    if (cut) continue;
    good += bytes;
    batches_.push_back({.bytes = bytes, .anomalies = batch->size()});
    size_ += batch->size();
  }
  if (cut && (ftruncate(descriptor_, static_cast<off_t>(good)) != 0 || fdatasync(descriptor_) != 0)) {
    return failed("write");
  }
  end_ = good;
  return drop(0);
}

Result<void> AnomalySpool::append(std::span<const IdentifiedAnomaly> batch) {
  if (batch.empty()) return {};
  const std::string line = line_of(batch);
  if (end_ + line.size() > max_bytes_) {
    return fail(ErrorCode::unavailable,
                fmt::format("the spool '{}' is full: {} anomalies wait for the database", file_.string(), size_));
  }
  if (!write_at(descriptor_, line, end_) || fdatasync(descriptor_) != 0) {
    auto error = failed("write");
    // What is behind the end is written over by the next batch, or cut away when the file is opened.
    static_cast<void>(ftruncate(descriptor_, static_cast<off_t>(end_)));
    return error;
  }
  end_ += line.size();
  batches_.push_back({.bytes = line.size(), .anomalies = batch.size()});
  size_ += batch.size();
  return {};
}

Result<AnomalySpool::Front> AnomalySpool::front(std::size_t enough) const {
  Front front;
  std::uint64_t offset = first_;
  for (const Batch& batch : batches_) {
    if (front.batches > 0 && front.anomalies.size() >= enough) break;
    std::string line(batch.bytes, '\0');
    if (!read_at(descriptor_, line, offset)) return failed("read");
    line.pop_back();
    auto anomalies = read_line(line);
    if (!anomalies) {
      return fail(ErrorCode::corrupt, fmt::format("the spool '{}' is damaged at byte {}: {}", file_.string(), offset,
                                                  anomalies.error().message));
    }
    std::move(anomalies->begin(), anomalies->end(), std::back_inserter(front.anomalies));
    offset += batch.bytes;
    ++front.batches;
  }
  return front;
}

Result<void> AnomalySpool::drop(std::size_t batches) {
  for (std::size_t i = 0; i < batches; ++i) {
    first_ += batches_.front().bytes;
    size_ -= batches_.front().anomalies;
    batches_.pop_front();
  }
  if (batches_.empty() && end_ > kHeadBytes) {
    // The offset is too large until the head is written, which says that all is done.
    if (ftruncate(descriptor_, static_cast<off_t>(kHeadBytes)) != 0 || fdatasync(descriptor_) != 0) {
      return failed("write");
    }
    first_ = kHeadBytes;
    end_ = kHeadBytes;
  }
  return write_head();
}

}  // namespace topoforge::spool
