#pragma once

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// Puts rates in force on the lanes of one port, which it was made for. Writes exactly what it is
/// given: what each lane gets is in_force()'s decision, in which order write_order()'s. One kernel
/// request a call. Not thread-safe: one a thread.
class Shaper {
 public:
  virtual ~Shaper() = default;

  /// Gives lane `vf` (the VF's index on its port) the rate, in place of any other. Success means
  /// that the driver acknowledged it and, where its word is not to be trusted, that it was read
  /// back. busy while the driver is resetting; unsupported without the operation.
  virtual Result<> apply(int vf, Rate rate) = 0;

  /// Takes all limits of `vf` away; success when there are none.
  virtual Result<> clear(int vf) = 0;

  /// The rates the kernel reports now. Not for the attach path (see Links::vfs).
  virtual Result<VfList> read_back() = 0;
};

}  // namespace sluice
