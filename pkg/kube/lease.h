#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// Time that goes on while the machine sleeps, and that no one sets (CLOCK_BOOTTIME).
std::chrono::nanoseconds boot_time();

struct LeaseOptions {
  std::string name_space;
  std::string name;
  std::string identity;  ///< Of this process and no other, ever.
  /// As long as others wait for a holder that says nothing (client-go's LeaseDuration).
  std::chrono::seconds duration{15};
  std::function<std::chrono::nanoseconds()> now = boot_time;
};

/// Which one of several processes acts, by a Lease object (coordination.k8s.io/v1). The caller
/// steps it; what others ask of it may come from any thread.
///
/// Why no two processes hold it at once, whatever their clocks say:
///  - A holder counts its time from before it sent the request that renewed it, and for a second
///    less than the duration. Its record in the API is younger than that moment.
///  - Another takes a lease over once it has seen one record, and no newer one, for the whole
///    duration that the record names, counted by its own clock from when it first saw it. That is
///    later than when the record was written. Times in the record are for people alone.
///    A Lease that is not there is waited for like a held one, also by a process that has never
///    seen it: it may have been deleted while another holds it, just before the process started.
///    The API keeps no trace of what was deleted, a create succeeds all the same, and the holder
///    learns of it with its next step only, or, cut off from the API, when its time is over. So
///    the first start of all takes a duration longer than with client-go's election, which creates
///    at once.
///  - Taking it names the resourceVersion that was seen: of two that try, one gets a conflict, and
///    so does one whose record has been renewed meanwhile.
/// Clocks that run at different rates differ by 500 ppm at most (adjtimex(2), as ntpd slews):
/// 8 ms in 15 s, of the second that is set aside. A process that stands still between its last
/// look at is_held_for() and what it does then is not covered.
class Lease final {
 public:
  /// `client` must outlive this object. Its deadline is to be well below the duration, and its
  /// attempts one.
  Lease(ApiClient& client, LeaseOptions options);

  /// Takes the lease or renews it, where that is possible; to be called every other second or so,
  /// by one thread. An error leaves a lease that is held so until its time is over.
  Result<> step();

  /// Lets go of the lease: another can take it at once. The caller must have ended all that it did
  /// as the holder. Nothing when it is not held.
  Result<> release();

  bool is_held() const { return is_held_for(std::chrono::seconds(0)); }

  /// Whether it is surely held until so long from now.
  bool is_held_for(std::chrono::nanoseconds time) const;

  /// While it is held: the same number for as long as no other process can have held it in between.
  std::optional<std::uint64_t> tenure() const;

  /// Who holds it, as was last seen; empty while unknown or free.
  std::string holder() const;

 private:
  using Time = std::chrono::nanoseconds;

  /// The Lease object as it was last seen.
  struct Record {
    std::string version;  // Empty: there is none.
    std::string holder;
    Time duration{0};
    std::uint64_t transitions = 0;
    std::string acquired;
  };

  Result<Record> read();
  Result<Record> decode(const std::string& text) const;
  bool can_take() const;
  Result<> take();
  nlohmann::json object(const Record& record, const std::string& holder) const;
  void hold_from(Time began, bool is_new);
  void drop(const std::string& holder);

  ApiClient& client_;
  const LeaseOptions options_;
  const std::string collection_;
  Record seen_;                     // Of the stepping thread, like the next.
  std::optional<Time> seen_since_;  // When this version was first seen.
  mutable std::mutex mutex_;        // Guards those below.
  std::optional<Time> held_until_;
  std::uint64_t tenure_ = 0;
  std::string holder_;
};

}  // namespace sluice
