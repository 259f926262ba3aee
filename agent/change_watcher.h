#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pkg/base/backoff.h"
#include "pkg/base/result.h"
#include "pkg/fs/event_fd.h"
#include "pkg/fs/watch.h"
#include "pkg/netlink/monitor.h"

namespace sluice {

/// Notices that something may have changed: hardware, the configuration's directory, lanes, offers,
/// or whatever notified `wake`. A thread of its own, which only calls; it looks at nothing itself.
class ChangeWatcher {
 public:
  struct Calls {
    std::function<void()> something;  ///< Anything at all.
    std::function<void()> hardware;   ///< Links, RDMA devices or PCI functions, before `something`.
    std::function<void()> lanes;      ///< The ledger, before `something`.
    /// Each second; says whether `something` is due though nothing was noticed.
    std::function<bool()> is_due;
  };

  struct Directories {
    std::string config;
    std::string lanes;
    std::string offers;
  };

  /// Debounce: 100 ms after a burst, up to 800 ms while it lasts. Hardware and ledger change in
  /// bursts when pods start, and starting pods need the CPU.
  static constexpr std::chrono::milliseconds kFirstRest{100};
  static constexpr std::chrono::milliseconds kLongestRest{800};

  /// `wake` must outlive this object. A directory that is not there is looked for each second.
  static Result<std::unique_ptr<ChangeWatcher>> start(const EventFd& wake, Directories directories,
                                                      Calls calls);

  ChangeWatcher(const ChangeWatcher&) = delete;
  ChangeWatcher& operator=(const ChangeWatcher&) = delete;
  ~ChangeWatcher();

 private:
  struct Watched {
    std::string directory;
    std::optional<Watch> watch;

    /// For poll(2).
    pollfd waited() const;

    /// Whether something happened there.
    bool look();
  };

  ChangeWatcher(const EventFd& wake, Monitor monitor, Directories directories, Calls calls);

  void run(const std::stop_token& stop);
  void wait();
  void look();

  const EventFd& wake_;
  Monitor monitor_;
  Watched config_;
  Watched lanes_;
  Watched offers_;
  Calls calls_;
  Backoff rests_{{.first = kFirstRest, .longest = kLongestRest}};  // Of the thread.
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace sluice
