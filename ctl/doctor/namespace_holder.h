#pragma once

#include <sys/types.h>

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// A process that does nothing but hold a network namespace of its own; nothing is mounted. It ends
/// with this object and with the process that made it, and what was in the namespace then goes
/// where the kernel puts it.
class NamespaceHolder {
 public:
  /// permission_denied without CAP_SYS_ADMIN.
  static Result<NamespaceHolder> make();

  NamespaceHolder(NamespaceHolder&& other) noexcept;
  NamespaceHolder(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(NamespaceHolder&&) = delete;
  ~NamespaceHolder();

  /// "/proc/<pid>/ns/net"
  std::string path() const;

 private:
  explicit NamespaceHolder(pid_t pid) : pid_(pid) {}

  pid_t pid_ = 0;
};

}  // namespace sluice
