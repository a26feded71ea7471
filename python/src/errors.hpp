#pragma once

#include <type_traits>
#include <utility>

#include "topoforge/base/result.hpp"

/// Purpose: a failure of the library as a Python exception. Thread safety: needs the interpreter's lock.
namespace topoforge::python {

/// ValueError for arguments and data; LimitExceededError, NotReadyError or TopoForgeError of topoforge for the rest.
[[noreturn]] void raise(const Error& error);

inline void unwrap(const Result<void>& result) {
  if (!result) raise(result.error());
}
template <class T>
  requires(!std::is_void_v<T>)
T unwrap(Result<T>&& result) {
  if (!result) raise(result.error());
  return *std::move(result);
}

}  // namespace topoforge::python
