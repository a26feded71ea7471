#pragma once

#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: mails that the program sends. Thread safety: an implementation may be called from any thread; calls block,
/// so they run on the storage pool.
namespace topoforge {

struct Mail {
  std::string to;  ///< one address
  std::string subject;
  std::string text;  ///< UTF-8
};

class Postbox {
 public:
  virtual ~Postbox() = default;
  /// Takes the mail, which is then sent for as long as it takes. Errors: unavailable when no mail server is configured.
  virtual Result<void> post(const Mail& mail) = 0;
};

}  // namespace topoforge
