#include <unistd.h>

#include <cerrno>

#include "cni/verbs/commands.h"

namespace sluice::cni {

Outcome<> status(const Task& task, const std::string& run_dir) {
  // root may write anywhere but on a file system that is read-only, which is the point.
  if (::access(run_dir.c_str(), W_OK) != 0) {
    return Failure(
        ErrorCode::unavailable,
        Error::from_errno(errno, fmt::format("run directory '{}' is not writable", run_dir))
            .message());
  }
  if (task.conf.is_for_pod() && may_have_lanes(task)) {
    const Result<> agent = task.agent.reach();
    if (!agent) return Failure(ErrorCode::unavailable, agent.error().message());
  }
  return task.ipam.run(Command::status);
}

}  // namespace sluice::cni
