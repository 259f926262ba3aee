#include "pkg/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace sluice {
namespace {

Code code_of(int sys_errno) {
  switch (sys_errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ESRCH: return Code::not_found;
    case EEXIST: return Code::already_exists;
    case EAGAIN:
    case EBUSY: return Code::busy;
    case EACCES:
    case EPERM: return Code::permission_denied;
    case EPROTONOSUPPORT:
    case EOPNOTSUPP: return Code::unsupported;
    case ENOSPC:
    case ENOMEM: return Code::exhausted;
    case ETIMEDOUT: return Code::timed_out;
    case ERANGE:
    case EINVAL: return Code::invalid_argument;
    default: return Code::internal;
  }
}

}  // namespace

Error Error::from_errno(int sys_errno, std::string_view attempt) {
  const char* name = ::strerrorname_np(sys_errno);  // glibc 2.32; thread-safe, unlike strerror.
  return {code_of(sys_errno),
          name != nullptr ? fmt::format("{}: {}", attempt, name)
                          : fmt::format("{}: errno {}", attempt, sys_errno),
          sys_errno};
}

}  // namespace sluice
