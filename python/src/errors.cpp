#include "errors.hpp"

#include <nanobind/nanobind.h>

namespace topoforge::python {
namespace {

namespace nb = nanobind;

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::limit_exceeded: return "LimitExceededError";
    case ErrorCode::unavailable: return "NotReadyError";
    default: return "TopoForgeError";
  }
}

}  // namespace

void raise(const Error& error) {
  if (error.code == ErrorCode::invalid_argument || error.code == ErrorCode::invalid_data) {
    throw nb::value_error(error.message.c_str());
  }
  const nb::object type = nb::module_::import_("topoforge._errors").attr(name_of(error.code));
  PyErr_SetString(type.ptr(), error.message.c_str());
  throw nb::python_error();
}

}  // namespace topoforge::python
