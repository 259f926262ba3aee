#pragma once

#include <cstdint>

namespace sluice {

/// How much memory a container with lanes may lock (RLIMIT_MEMLOCK). RDMA locks what it registers.
struct LockedMemory {
  enum class Mode {
    unlimited,
    bytes,
    leave,  ///< What the container runtime gives.
  };

  Mode mode = Mode::unlimited;
  std::uint64_t bytes = 0;  ///< Of Mode::bytes.

  friend bool operator==(const LockedMemory&, const LockedMemory&) = default;
};

}  // namespace sluice
