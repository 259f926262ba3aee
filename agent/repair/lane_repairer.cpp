#include "agent/repair/lane_repairer.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "pkg/lane/release.h"
#include "pkg/ledger/records.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {
namespace {

bool is_recorded(const std::vector<PortRecord>& records, const LaneRecord& lane) {
  return std::any_of(records.begin(), records.end(), [&](const PortRecord& record) {
    return std::any_of(record.lanes.begin(), record.lanes.end(), [&](const LaneRecord& known) {
      return known.id == lane.id && known.owner == lane.owner;
    });
  });
}

}  // namespace

std::set<LaneRepairer::Lane> LaneRepairer::half_done(const std::vector<PortRecord>& records) {
  std::set<Lane> lanes;
  for (const PortRecord& record : records) {
    for (const LaneRecord& lane : record.lanes) {
      if (!is_settled(lane)) lanes.emplace(lane.id, lane.owner.netns_cookie);
    }
  }
  return lanes;
}

void LaneRepairer::step() {
  const auto start = std::chrono::steady_clock::now();
  const bool is_due = ++steps_ % kStepsPerSearch == 0;
  const bool searches = is_noticed_.exchange(false) || is_due;
  repair_lanes(searches ? Look::all : Look::lost);
  if (searches) release_orphans();
  const auto took = std::chrono::steady_clock::now() - start;
  metrics_.observe(metric::kStepSeconds, {"repair"}, std::chrono::duration<double>(took).count());
}

void LaneRepairer::note(const std::string& what, const Result<>& done) {
  if (done) {
    if (failures_.recovered(what)) announcer_.log().info("works again", {{"what", what}});
    return;
  }
  metrics_.add(metric::kStepFailures, {"repair"});
  const std::string message = done.error().message();
  if (!failures_.worth_telling(what, message, std::chrono::steady_clock::now())) return;
  announcer_.log().warn("could not repair", {{"what", what}, {"reason", message}});
}

void LaneRepairer::repair_lanes(Look look) {
  const Result<std::vector<std::string>> ports = ledger_.ports();
  if (!ports) return note("ledger", ports.error());
  for (const std::string& port : *ports) {
    note("lost lanes of " + port, bring_back(port, look));
    note("wire of " + port, follow_wire(port));
    note("reset of VFs of " + port, reset_vfs(port));
    const Result<std::vector<LaneRepair>> repairs = lanes_.repair(port);
    if (!repairs) {
      // An attach or a release is at the port; the next step comes soon.
      if (repairs.error().code() != Code::busy) note(port, repairs.error());
      continue;
    }
    for (const LaneRepair& repair : *repairs) tell(port, repair);
    keep(port, *repairs);
    note(port, {});
  }
  forget_released();
}

void LaneRepairer::keep(const std::string& port, const std::vector<LaneRepair>& repairs) {
  std::vector<LaneRepair> failed;
  std::ranges::copy_if(repairs, std::back_inserter(failed),
                       [](const LaneRepair& repair) { return !repair.failure.empty(); });
  const auto drift_of = [](const LaneRepair& repair) {
    return std::tie(repair.lane.id, repair.drift);
  };
  const std::lock_guard lock(mutex_);
  std::vector<LaneRepair>& known = unrepaired_[port];
  if (std::ranges::equal(known, failed, {}, drift_of, drift_of)) return;
  known = std::move(failed);
  has_news_ = true;
}

std::vector<LaneRepair> LaneRepairer::unrepaired() {
  has_news_ = false;
  const std::lock_guard lock(mutex_);
  std::vector<LaneRepair> all;
  for (const auto& [port, repairs] : unrepaired_) {
    all.insert(all.end(), repairs.begin(), repairs.end());
  }
  return all;
}

Result<> LaneRepairer::reset_vfs(const std::string& port) {
  const Result<std::vector<UnresetVf>> left = lanes_.finish_resets(port);
  if (!left) return left.error().code() == Code::busy ? Result<>() : left.error();
  if (left->empty()) return {};
  std::string vfs;
  for (const UnresetVf& vf : *left) {
    vfs += fmt::format("{}VF {}: {}", vfs.empty() ? "" : "; ", vf.id, names_of(vf.settings));
  }
  return Error(Code::busy, fmt::format("the port does not take it now, and is asked again, at the "
                                       "latest before the next pod gets the VF: {}",
                                       vfs));
}

void LaneRepairer::tell(const std::string& port, const LaneRepair& repair) {
  const bool is_done = repair.failure.empty();
  metrics_.add(metric::kDrift, {port, repair.what});
  metrics_.add(metric::kRepairs, {port, is_done ? "done" : "failed"});
  note(fmt::format("{} of {}", repair.what, repair.lane.id),
       is_done ? Result<>() : Error(Code::internal, repair.failure));
  if (!is_done) return;
  announcer_.warn("a lane had drifted, and was put right",
                  {{"lane", repair.lane.id}, {"port", port}, {"drift", repair.drift}},
                  repair.lane.owner,
                  {.reason = "LaneRepaired",
                   .action = "Repair",
                   .note = fmt::format("lane {} of port {}: {}; written again", repair.lane.id,
                                       port, repair.drift)});
}

void LaneRepairer::release_orphans() {
  const Result<std::vector<PortRecord>> records = read_records(ledger_);
  const Result<std::vector<LaneRecord>> orphans = lanes_.orphans();
  if (!records || !orphans) return note("orphans", records ? orphans.error() : records.error());
  // What an attach or a release is at looks the same as what a crash has left; that is still there
  // when we look again.
  const std::set<Lane> before = std::exchange(half_done_, half_done(*records));
  const bool any_left =
      std::ranges::any_of(half_done_, [&](const Lane& lane) { return before.contains(lane); });
  if (!half_done_.empty()) notice();
  if (orphans->empty() && !any_left) return note("orphans", {});
  const Result<> done = lanes_.recover();
  note("orphans", done);
  if (!done) return;
  const Result<std::vector<PortRecord>> left = read_records(ledger_);
  for (const LaneRecord& lane : *orphans) {
    // An attach was under way, which is none after all.
    if (!left || is_recorded(*left, lane)) continue;
    metrics_.add(metric::kOrphans, {"namespace"});
    announcer_.log().info(
        "released a lane whose namespace is gone",
        {{"lane", lane.id}, {"container", lane.owner.container_id}, {"pod", lane.owner.pod}});
  }
}

}  // namespace sluice
