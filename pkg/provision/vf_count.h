#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// Told about once a second what is being waited for: "0000:3b:00.0 igb: creating 7 VFs … 3 s".
using Progress = std::function<void(const std::string& line)>;

/// How long to wait.
struct Deadline {
  std::chrono::steady_clock::time_point at;
  std::stop_token stop = {};  ///< Waiting ends early, within a second.

  bool is_over() const { return stop.stop_requested() || std::chrono::steady_clock::now() >= at; }
};

/// Writes sriov_numvfs. The kernel answers when the VFs are there, which takes from a second to
/// minutes, and cannot be interrupted: so a thread of its own writes, `progress` is called
/// meanwhile from this one, and after `deadline` the answer is timed_out, "unknown": the write may
/// still succeed, and the thread stays behind until it does.
///
/// `sysfs_root` is a path for that thread's sake. A change from one count to another has to go
/// through 0; that is the caller's business.
Result<> write_vf_count(const std::string& sysfs_root, const Port& port, int count,
                        const Deadline& deadline, const Progress& progress);

/// Who made the write.
enum class Writer { root, user };

/// What an errno of that write means for this port and what a person can do. Pure.
Error explain_count_error(const Error& error, const Port& port, int count, Writer writer);

/// exhausted when the port has another number of VFs than asked: some drivers answer success all
/// the same. `after` is the port as it was scanned after the write. Pure.
Result<> check_vf_count(const Port& after, int count);

}  // namespace sluice
