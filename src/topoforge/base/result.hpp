#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

/// Purpose: how expected failures travel. Exceptions come from libraries alone and end in the adapter that
/// called them. Thread safety: values.
namespace topoforge {

/// Closed list of the reasons for which an operation fails; the message says which value and what was wanted.
enum class ErrorCode {
  invalid_argument,  ///< an option or parameter of a call is outside its range
  invalid_data,      ///< input data cannot be read as what it should be
  not_found,         ///< the named thing does not exist
  conflict,          ///< a value that must be unique is taken, or the thing was changed meanwhile
  limit_exceeded,    ///< a documented bound was met (size, count, rate)
  unavailable,       ///< a resource is missing or busy now; trying again may help
  io,                ///< reading or writing failed
  corrupt,           ///< stored data are damaged
};

struct Error {
  ErrorCode code;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::invalid_argument, "lag 40 with dimension 3 needs 81 samples, got 60");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace topoforge
