#pragma once

#include <mutex>
#include <string>

#include "pkg/base/result.h"
#include "pkg/kube/access.h"

namespace sluice {

/// The bearer token of a ClusterAccess as it is now. A token in a file is read for every request:
/// kubelet replaces it long before it expires, and reading is a thousandth of what a request costs.
/// Thread-safe.
class Token final {
 public:
  explicit Token(const ClusterAccess& access);

  /// Empty when the access has none. A file that cannot be read gives what was read last, or the
  /// error when nothing was yet.
  Result<std::string> current();

 private:
  const std::string file_;
  std::mutex mutex_;  // Guards last_.
  std::string last_;
};

}  // namespace sluice
