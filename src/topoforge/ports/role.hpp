#pragma once

#include <boost/describe.hpp>

/// Purpose: what an account may do. Each role may what the roles before it may. Thread safety: values.
namespace topoforge {

enum class Role {
  viewer,   ///< reads
  analyst,  ///< acknowledges and labels anomalies, runs detectors
  admin,    ///< manages accounts, deletes
};
BOOST_DESCRIBE_ENUM(Role, viewer, analyst, admin)

}  // namespace topoforge
