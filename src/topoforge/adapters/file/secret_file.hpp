#pragma once

#include <cstddef>
#include <string>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/secure_random.hpp"

/// Purpose: a secret that a program makes once and keeps in a file that only its user can read.
/// Thread safety: any number of threads and processes at once; all get the same secret.
namespace topoforge {

inline constexpr std::size_t kMinSecretBytes = 32;
inline constexpr std::size_t kMaxSecretBytes = 4096;

/// The text of the file without the line end. Where there is no file: 32 random bytes as base64url, written to a file
/// of mode 0600 beside the path and linked there when they are on the disk; who comes second takes the first's.
/// Errors: invalid_data for a file that its group or others may use, that belongs to another user, that is no regular
/// file or whose text is shorter than kMinSecretBytes or longer than kMaxSecretBytes; io where it cannot be read or
/// made (a folder that is missing among others); those of random. The message names the file and what to do, and never
/// the secret.
Result<std::string> load_or_make_secret(const std::string& path, SecureRandom& random);

}  // namespace topoforge
