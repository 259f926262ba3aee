#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/file_lock.h"
#include "pkg/fs/lock_holder.h"
#include "pkg/ledger/decoded_cache.h"
#include "pkg/ledger/record.h"

namespace sluice {

/// The text of /proc/sys/kernel/random/boot_id: which boot of the node this is.
Result<std::string> this_boot();

/// One port's lanes, held under the port's lock: no other process changes the file or the lanes'
/// kernel state until this object goes. Movable; one thread at a time.
class LockedPort {
 public:
  PortRecord& record() { return record_; }

  const PortRecord& record() const { return record_; }

  /// Makes the file say what record() says, atomically and before returning; a port without lanes
  /// and whose policy is the common one has no file. Not flushed to disk: after a power loss the
  /// kernel state is gone too.
  Result<> save();

 private:
  friend class Ledger;

  /// A lane as it was last written. Of sixty lanes on a port an attach changes one, and turning the
  /// others into text again would cost more than all else it does.
  struct Line {
    LaneRecord lane;
    std::string text;
  };

  using Records = DecodedCache<PortRecord>;  // By path.

  LockedPort(FileLock lock, std::string path, std::string boot_id, std::shared_ptr<Records> known)
      : lock_(std::move(lock)),
        path_(std::move(path)),
        boot_id_(std::move(boot_id)),
        known_(std::move(known)) {}

  FileLock lock_;
  std::string path_;
  std::string boot_id_;
  std::shared_ptr<Records> known_;
  PortRecord record_;
  std::vector<Line> written_;
};

/// The lanes of this node: one JSON file a port under <run_dir>/ports, written before the kernel is
/// touched and cleared last. Records of another boot are void: the kernel state they describe is
/// gone. A file that cannot be understood is moved aside to <name>.damaged-<n> and reported; the
/// other ports are not affected. Any number of processes may use one directory.
class Ledger {
 public:
  /// Creates the directories (mode 0700) where they are missing. `run_dir` is /run/sluice on a
  /// node. `boot_id` is this_boot() there.
  static Result<Ledger> open(const std::string& run_dir, const std::string& boot_id);

  /// For who only looks (ports() and peek()): creates nothing, and a directory that is missing is
  /// an empty one. lock() fails until open() was called somewhere.
  static Ledger to_read(const std::string& run_dir, const std::string& boot_id) {
    return Ledger(run_dir, boot_id);
  }

  /// Takes the port's lock and reads its file; an empty record when there is none. busy when the
  /// lock was not to be had within `timeout`, with the process that has it; data_loss when the file
  /// was damaged and set aside.
  Result<LockedPort> lock(const std::string& port, std::chrono::milliseconds timeout) const;

  /// The ports that have a file, sorted; none without a directory. Takes no lock.
  Result<std::vector<std::string>> ports() const;

  /// A port's record as it is on disk now, for people and metrics; an empty record when there is
  /// none. Takes no lock and changes nothing.
  Result<PortRecord> peek(const std::string& port) const;

  /// The process that has the port's lock, as far as lock_holder() can tell.
  std::optional<LockHolder> holder(const std::string& port) const {
    return lock_holder(lock_path(port));
  }

  const std::string& run_dir() const { return run_dir_; }

 private:
  Ledger(std::string run_dir, std::string boot_id)
      : run_dir_(std::move(run_dir)), boot_id_(std::move(boot_id)) {}

  struct Loaded {
    PortRecord record;
    std::string text;  ///< Empty when there is no file, or it is of another boot.
  };

  std::string path_of(const std::string& port) const;
  std::string lock_path(const std::string& port) const;
  Result<Loaded> load(const std::string& port) const;

  std::string run_dir_;
  std::string boot_id_;
  /// Files as this process last read or wrote them: of a pod's sixty lanes each reads what the one
  /// before it wrote, and the agent reads all of them each second.
  std::shared_ptr<LockedPort::Records> known_ = std::make_shared<LockedPort::Records>();
};

}  // namespace sluice
