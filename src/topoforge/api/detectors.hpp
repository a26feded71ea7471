#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/detector_models.hpp"
#include "topoforge/api/route.hpp"
#include "topoforge/engine/engine.hpp"
#include "topoforge/ports/records.hpp"

/// Purpose: the detectors that people define. One that runs looks at all streams of its sources, in the place of the
/// server's options; a source has one at most. When it starts or stops, these streams begin anew. What runs when the
/// server ends runs when it starts again. Thread safety: the I/O thread.
namespace topoforge::api {

class Detectors {
 public:
  /// All outlive it.
  struct Parts {
    Records<Detector>& records;
    Engine& engine;
    boost::asio::thread_pool& storage_pool;
    std::function<Timestamp()> clock;
  };
  explicit Detectors(Parts parts) : parts_(std::move(parts)) {}

  /// Before the server runs: starts those that ran. Blocks. Errors: those of the store.
  Result<void> resume();

  http::Task<Reply<std::vector<Detector>>> list();
  /// Errors: 404.
  http::Task<Reply<Detector>> get(std::string id);
  /// Errors: 400 for a name that is taken, 409 when there are too many.
  http::Task<Reply<Detector>> create(NewDetector definition, std::string created_by);
  /// Errors: 404, 400 for a name, 409 while it runs or is changed by another call.
  http::Task<Reply<Detector>> replace(std::string id, NewDetector definition);
  /// Errors: 404, 409 while it runs or is changed by another call.
  http::Task<Reply<NoContent>> erase(std::string id);
  /// Errors: 404, 409 when another one that runs has one of its sources.
  http::Task<Reply<Detector>> start(std::string id);
  /// Errors: 404.
  http::Task<Reply<Detector>> stop(std::string id);
  /// Errors: 404.
  http::Task<Reply<DetectorProfile>> profile(std::string id);
  /// What there is to say of a definition that is consistent.
  [[nodiscard]] DetectorCheck check(const NewDetector& definition) const;

 private:
  /// Name of the running detector, other than this one, that has the source; empty: none.
  [[nodiscard]] std::string owner_of(const std::string& source, const std::string& but) const;
  /// Errors: 409 when another one that runs has one of its sources.
  [[nodiscard]] Reply<void> claim(const Detector& detector);
  void run(const Detector& detector);
  template <class Work>
  http::Task<Reply<Detector>> stored(Work work);

  Parts parts_;
  std::map<std::string, Detector> running_;  ///< by id
  std::set<std::string> changing_;           ///< ids of those that a call is at
};

}  // namespace topoforge::api
