#pragma once

#include "topoforge/ports/postbox.hpp"

/// Purpose: what stands for a mail server where none is configured. Thread safety: any thread.
namespace topoforge {

class NoPostbox final : public Postbox {
 public:
  Result<void> post(const Mail&) override { return fail(ErrorCode::unavailable, "no mail server is configured"); }
};

}  // namespace topoforge
