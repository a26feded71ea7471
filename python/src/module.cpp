#include <nanobind/nanobind.h>

#include "bindings.hpp"

NB_MODULE(_core, module) {
  module.doc() = "The compiled part of topoforge; see the package for what to call.";
  topoforge::python::bind_cloud(module);
  topoforge::python::bind_engines(module);
  topoforge::python::bind_distances(module);
  topoforge::python::bind_features(module);
  topoforge::python::bind_analysis(module);
}
