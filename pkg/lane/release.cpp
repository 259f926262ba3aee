// Lanes on their way back. A VF whose link does not come is waited for without its port's lock,
// which the other lanes' attaches and releases need.
#include "pkg/lane/release.h"

#include <algorithm>
#include <thread>

#include "pkg/base/crash_point.h"
#include "pkg/lane/port_rates.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/timeouts.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// How long a dying namespace is given to hand its link back: the kernel's cleanup worker does it
// after RCU grace periods, one namespace after the other.
constexpr std::chrono::seconds kReturnTimeout{5};

void add(std::string& failures, const std::string& failure) {
  failures += (failures.empty() ? "" : "; ") + failure;
}

Result<> as_result(const std::string& failures) {
  return failures.empty() ? Result<>() : Error(Code::busy, failures);
}

}  // namespace

Result<> Lanes::release(LockedPort& locked, const std::string& id, Search search) {
  PortRecord& port = locked.record();
  LaneRecord& lane = *port.find(id);
  Provider& provider = *TRY(providers_.named(lane.provider)
                                .context("release lane {} of port {}", id, port_label(port.port)));
  // After a crash or a failed attach the record may be behind what was written to the others.
  const Rewrite rewrite = is_settled(lane) ? Rewrite::changed : Rewrite::all;
  lane.phase = Phase::releasing;
  TRY(locked.save());
  crash_point("detach.releasing");
  {
    const Stopwatch moving(moving_);
    const VfSettings left =
        TRY(provider.release(port, lane, search)
                .context("release lane {} of port {}", id, port_label(port.port)));
    port.note_unreset({.id = lane.id, .number = lane.number, .settings = left});
  }
  crash_point("detach.released");
  port.lanes.erase(port.lanes.begin() + (&lane - port.lanes.data()));
  // Where this fails (a port without carrier) the others keep less than they could have, never less
  // than their floors, and the next change of the port tries again: no reason to fail a release.
  if (const Result<SetAside> aside = aside_.peek(); aside && !port.lanes.empty()) {
    static_cast<void>(settle(port, *aside, providers_, rewrite));
  }
  crash_point("detach.settled");
  TRY(locked.save());
  crash_point("detach.cleared");
  leftovers_.erase(id);
  return {};
}

Result<> Lanes::release_within(LockedPort locked, const std::string& id) {
  const std::string port = locked.record().port;
  const Owner owner = locked.record().find(id)->owner;
  const Clock::time_point start = Clock::now();
  std::optional<LockedPort> held = std::move(locked);
  for (int tries = 0;; ++tries) {
    // One search of all processes a release: it is long on a node with many.
    Result<> done = release(*held, id, tries == 1 ? Search::everywhere : Search::near);
    if (done || done.error().code() != Code::busy || Clock::now() - start > kReturnTimeout) {
      return done;
    }
    held.reset();
    std::this_thread::sleep_for(pause_after(Clock::now() - start));
    held = TRY(ledger_.lock(port, kLockTimeout));
    const LaneRecord* const lane = held->record().find(id);
    if (lane == nullptr || !(lane->owner == owner)) return {};  // Another process has done it.
  }
}

Result<> Lanes::detach(const AttachmentId& attachment, const std::string& hint) {
  std::optional<LockedPort> locked = TRY(find_port(attachment, hint));
  if (!locked) return {};
  const std::vector<LaneRecord>& lanes = locked->record().lanes;
  const auto is_its = belongs_to(attachment);
  auto found = std::find_if(lanes.begin(), lanes.end(), [&](const LaneRecord& lane) {
    return lane.id == hint && is_its(lane);
  });
  if (found == lanes.end()) found = std::find_if(lanes.begin(), lanes.end(), is_its);
  if (found == lanes.end()) return {};
  const std::string id = found->id;
  return release_within(*std::move(locked), id);
}

Result<> Lanes::detach_all(const AttachmentId& attachment) {
  return release_on(TRY(ports_with(attachment)), belongs_to(attachment));
}

Result<> Lanes::release_where(const std::string& port,
                              const std::function<bool(const LaneRecord&)>& is) {
  std::string failures;
  std::vector<std::string> away;
  {
    LockedPort locked = TRY(ledger_.lock(port, kLockTimeout));
    std::vector<std::string> ids;
    for (const LaneRecord& lane : locked.record().lanes) {
      if (is(lane)) ids.push_back(lane.id);
    }
    std::reverse(ids.begin(), ids.end());  // As they were given, backwards.
    for (const std::string& id : ids) {
      const Result<> released = release(locked, id, Search::near);
      if (released) continue;
      if (released.error().code() == Code::busy) {
        away.push_back(id);
      } else {
        add(failures, released.error().message());
      }
    }
  }
  for (const std::string& id : away) {
    LockedPort locked = TRY(ledger_.lock(port, kLockTimeout));
    const LaneRecord* const lane = locked.record().find(id);
    if (lane == nullptr || !is(*lane)) continue;
    if (const Result<> done = release_within(std::move(locked), id); !done) {
      add(failures, done.error().message());
    }
  }
  return as_result(failures);
}

Result<> Lanes::collect(const std::string& network, std::span<const AttachmentId> keep) {
  const auto is_stale = [&](const LaneRecord& lane) {
    const AttachmentId id{lane.owner.container_id, lane.owner.attached_by()};
    return lane.owner.network == network && std::find(keep.begin(), keep.end(), id) == keep.end();
  };
  return release_on(TRY(ledger_.ports()), is_stale);
}

Result<> Lanes::release_on(const std::vector<std::string>& ports,
                           const std::function<bool(const LaneRecord&)>& is) {
  std::string failures;
  for (const std::string& port : ports) {
    if (const Result<> done = release_where(port, is); !done) add(failures, done.error().message());
  }
  return as_result(failures);
}

bool Lanes::is_left_over(const LaneRecord& lane) {
  return !is_settled(lane) || is_orphan(lane);
}

Result<> Lanes::recover() {
  std::string failures;
  for (const std::string& port : TRY(ledger_.ports())) {
    const Result<PortRecord> seen = ledger_.peek(port);
    const auto is_left = [this](const LaneRecord& lane) { return is_left_over(lane); };
    if (seen && std::none_of(seen->lanes.begin(), seen->lanes.end(), is_left)) continue;
    if (const Result<> done = recover_port(port); !done) add(failures, done.error().message());
  }
  return as_result(failures);
}

Result<> Lanes::recover_port(const std::string& port) {
  LockedPort locked = TRY(ledger_.lock(port, kRepairTimeout));
  std::vector<std::string> ids;
  for (const LaneRecord& lane : locked.record().lanes) {
    if (is_left_over(lane)) ids.push_back(lane.id);
  }
  std::string failures;
  for (const std::string& id : ids) {
    if (is_early(leftovers_, id)) {
      add(failures, leftovers_.at(id).failure);
      continue;
    }
    const Result<> done = release(locked, id, Search::everywhere);
    if (done) continue;
    add(failures, done.error().message());
    try_later(leftovers_, id, done.error().message());
  }
  return as_result(failures);
}

}  // namespace sluice
