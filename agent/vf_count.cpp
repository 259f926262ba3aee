#include "agent/vf_count.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "pkg/inventory/device.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

// The answer of the writing thread; outlives whoever stopped waiting for it.
struct Answer {
  std::mutex mutex;  // Guards result.
  std::condition_variable given;
  std::optional<Result<>> result;
};

Result<> write_now(const std::string& sysfs_root, const std::string& path, int count) {
  const Dir sysfs = TRY(Dir::open(sysfs_root));
  return sysfs.write(path, std::to_string(count));
}

std::string what_is_done(const Port& port, int count) {
  return fmt::format("{} {}: {}", port.address.to_string(), port.driver,
                     count == 0 ? fmt::format("removing {} VFs", port.vfs.size())
                                : fmt::format("creating {} VFs", count));
}

std::string reason(int sys_errno, const Port& port, int count) {
  switch (sys_errno) {
    case EBUSY:
      return "the driver is busy, or somebody else has made VFs meanwhile; look at the port again";
    case EAGAIN: return "the driver is busy with something else; try again";
    case ERANGE: return fmt::format("the port can have at most {} VFs", port.total_vfs);
    case ENOENT:
      return port.driver.empty() ? std::string("it has no driver")
                                 : fmt::format("its driver {} cannot make VFs", port.driver);
    case ENOMEM:
      return "no address space or bus numbers left for that many VFs; enable SR-IOV, ARI and "
             "\"above 4G decoding\" in the machine's firmware";
    case EIO: return "its SR-IOV capability is broken";
    case EOPNOTSUPP: return "its driver refuses SR-IOV: safe mode, or switched off in the firmware";
    case EACCES:
    case EROFS: return "needs root and a writable sysfs";
    case EPERM:
    case EINVAL:
      if (count == 0) return "virtual machines hold VFs of it";
      return sys_errno == EPERM ? "needs root and a writable sysfs"
                                : "its driver does not take that number";
    default: return "";
  }
}

}  // namespace

Error explain_count_error(const Error& error, const Port& port, int count) {
  const std::string why = reason(error.sys_errno(), port, count);
  return {error.code(),
          fmt::format("set {} VFs: {}{}{}", count, why, why.empty() ? "" : " — ", error.message()),
          error.sys_errno()};
}

Result<> check_vf_count(const Port& after, int count) {
  const auto made = static_cast<int>(after.vfs.size());
  if (made == count) return {};
  std::string text = fmt::format("the driver made only {} of {} VFs", made, count);
  if (made > count) text = fmt::format("{} VFs are left of which {} were asked", made, count);
  if (made == 0 && after.driver == "bnxt_en") {
    text += "; bnxt_en makes none while the port is down or resets: bring it up and try again";
  }
  return Error(Code::exhausted, text);
}

Result<> write_vf_count(const std::string& sysfs_root, const Port& port, int count,
                        const Deadline& deadline, const Progress& progress) {
  const auto started = steady_clock::now();
  const std::string doing = what_is_done(port, count);
  const auto answer = std::make_shared<Answer>();
  // Detached because it may sit in the kernel for longer than anybody wants to wait, and nothing
  // gets it out; it owns all it uses.
  std::thread([answer, sysfs_root, path = device_path(port.address) + "/sriov_numvfs", count] {
    Result<> result = write_now(sysfs_root, path, count);
    const std::lock_guard lock(answer->mutex);
    answer->result.emplace(std::move(result));
    answer->given.notify_one();
  }).detach();

  progress(doing + " …");
  std::unique_lock lock(answer->mutex);
  while (!answer->result) {
    const auto tick = steady_clock::now() + std::chrono::seconds(1);
    answer->given.wait_until(lock, std::min(tick, deadline.at));
    if (answer->result) break;
    const auto waited =
        std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - started);
    if (deadline.is_over()) {
      return Error(Code::timed_out,
                   fmt::format("set {} VFs: no answer from the driver after {} s, its number of "
                               "VFs is unknown; it may still be at work",
                               count, waited.count()));
    }
    progress(fmt::format("{} … {} s", doing, waited.count()));
  }
  if (*answer->result) return {};
  return explain_count_error(answer->result->error(), port, count);
}

}  // namespace sluice
