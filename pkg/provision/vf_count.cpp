#include "pkg/provision/vf_count.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "pkg/inventory/device.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

// The answer of the writing thread; outlives the call that stopped waiting for it.
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

}  // namespace

Result<> write_vf_count(const std::string& sysfs_root, const Port& port, int count,
                        const Deadline& deadline, const Progress& progress) {
  const auto started = steady_clock::now();
  const std::string doing = what_is_done(port, count);
  const auto answer = std::make_shared<Answer>();
  // Detached because it may sit in the kernel for longer than its caller waits, and nothing
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
  const Writer writer = ::geteuid() == 0 ? Writer::root : Writer::user;
  return explain_count_error(answer->result->error(), port, count, writer);
}

}  // namespace sluice
