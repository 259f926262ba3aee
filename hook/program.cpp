#include "hook/program.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "hook/container_state.h"
#include "pkg/base/strings.h"
#include "pkg/fs/read_stdin.h"

namespace sluice::hook {
namespace {

constexpr int kFailed = 1;

// A state is a few hundred bytes, and the annotations of its pod, of which Kubernetes allows
// 256 KiB.
constexpr std::size_t kMostInput = 1 << 20;

Result<rlim_t> wanted(std::span<char* const> arguments) {
  if (arguments.empty()) return RLIM_INFINITY;
  if (arguments.size() != 2 || std::string_view(arguments[0]) != "--bytes") {
    return Error(Code::invalid_argument, "usage: sluice-memlock [--bytes N] <STATE");
  }
  const auto bytes = TRY(parse_int<rlim_t>(arguments[1]).context("--bytes"));
  // RLIM_INFINITY is the greatest number; said as one it is a mistake.
  if (bytes > 0 && bytes < RLIM_INFINITY) return bytes;
  return Error(Code::invalid_argument,
               fmt::format("--bytes: want 1 to {}, got {}", RLIM_INFINITY - 1, bytes));
}

// Soft and hard are the same: a program that does not know of the limit does not raise it.
Result<> set_limit(pid_t process, rlim_t bytes) {
  const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
  if (::prlimit(process, RLIMIT_MEMLOCK, &limit, nullptr) == 0) return {};
  const int reason = errno;
  Error error = Error::from_errno(reason, fmt::format("set RLIMIT_MEMLOCK of process {}", process));
  if (reason == EPERM) error.append(" (needs CAP_SYS_RESOURCE in the initial user namespace)");
  return error;
}

Result<> perform(std::span<char* const> arguments) {
  const rlim_t bytes = TRY(wanted(arguments));
  const std::string input = TRY(read_stdin(kMostInput, "state of the container"));
  return set_limit(TRY(container_process(input)), bytes);
}

}  // namespace

int run(std::span<char* const> arguments) {
  const Result<> done = perform(arguments);
  if (done) return 0;
  std::fputs(("sluice-memlock: " + done.error().message() + "\n").c_str(), stderr);
  return kFailed;
}

}  // namespace sluice::hook
