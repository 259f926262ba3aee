#pragma once

#include <sys/types.h>

#include <string>

#include "pkg/base/result.h"

namespace sluice::bench {

/// A network namespace that a child process keeps alive until this object goes.
class Pod {
 public:
  static Result<Pod> make();

  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;
  Pod(Pod&& other) noexcept;
  Pod& operator=(Pod&&) = delete;
  ~Pod();

  /// The path of the namespace, as CNI_NETNS has it.
  std::string netns() const;

 private:
  explicit Pod(pid_t holder) : holder_(holder) {}

  pid_t holder_;
};

}  // namespace sluice::bench
