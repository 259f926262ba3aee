#include "pkg/provision/provisioner.h"

#include <algorithm>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/inventory/scan.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/provision/make_vfs.h"
#include "pkg/provision/port_plan.h"
#include "pkg/provision/port_policy.h"
#include "pkg/provision/rule_notes.h"
#include "pkg/provision/uplink.h"
#include "pkg/provision/vf_baseline.h"
#include "pkg/provision/wait_usable.h"

namespace sluice {
namespace {

using Kind = PortOutcome::Kind;
using Action = PortPlan::Action;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLockTimeout{10};
constexpr std::chrono::seconds kShortTimeout{1};  // Of who comes again.

std::string name_of(const Port& port) {
  return fmt::format("{} {} {}", port.address.to_string(), port.link.empty() ? "-" : port.link,
                     port.driver.empty() ? "-" : port.driver);
}

Result<PortOutcome> planned(const Port& port, const PortPlan& plan) {
  if (plan.action == Action::refuse) return Error(Code::busy, plan.why);
  if (plan.action == Action::leave) return PortOutcome{Kind::unchanged, name_of(port), plan.why};
  std::string text = fmt::format("would keep its {} VFs and prepare them", plan.target);
  if (plan.action == Action::create) text = fmt::format("would make {} VFs", plan.target);
  if (plan.action == Action::replace) {
    text = fmt::format("would remove {} VFs and make {}", port.vfs.size(), plan.target);
  }
  return PortOutcome{Kind::planned, name_of(port), text};
}

std::string notes_of(const Port& now, const MadeVfs* made, const Baseline& baseline) {
  std::string text;
  if (baseline.macs > 0 || (made != nullptr && made->macs_given)) text += ", MACs given";
  const std::string unused = not_usable_yet(now);  // Only without autoprobe.
  if (!unused.empty()) text += "; " + unused;
  if (made != nullptr) {
    for (const std::string& note : made->notes) text += "; " + note;
  }
  if (!baseline.unlisted.empty()) text += "; " + unlisted_note(baseline.unlisted, now.vfs.size());
  for (const std::string& note : baseline.notes) text += "; " + note;
  return text;
}

// `made` is null where the number of VFs was right.
PortOutcome outcome_of(const Port& before, const Port& now, const MadeVfs* made,
                       const Baseline& baseline) {
  const std::size_t vfs = now.vfs.size();
  const std::string notes = notes_of(now, made, baseline);
  if (made != nullptr) {
    return {Kind::changed, name_of(now),
            fmt::format("{} VFs made, there were {}{}", vfs, before.vfs.size(), notes)};
  }
  if (baseline.changed > 0) {
    return {Kind::changed, name_of(now),
            fmt::format("{} VFs, {} brought to baseline{}", vfs, baseline.changed, notes)};
  }
  return {Kind::unchanged, name_of(now), fmt::format("{} VFs as asked{}", vfs, notes)};
}

// What the port has still to take is written by the agent, or before the VF's next lane.
Result<> remember(LockedPort& locked, const Port& port, const Baseline& baseline) {
  PortRecord& record = locked.record();
  const std::vector<UnresetVf> before = record.unreset;
  for (const Vf& vf : port.vfs) {
    const auto& unlisted = baseline.unlisted;
    if (std::find(unlisted.begin(), unlisted.end(), vf.index) != unlisted.end()) continue;
    record.note_unreset({.id = vf.address.to_string()});
  }
  for (const UnresetVf& vf : baseline.unreset) record.note_unreset(vf);
  if (record.unreset == before) return {};
  record.driver = capability_name(port);
  record.line_rate = port.line_rate.value_or(BitRate());
  return locked.save();
}

const char* word(Kind kind) {
  switch (kind) {
    case Kind::left: return "left alone";
    case Kind::unchanged: return "unchanged";
    case Kind::changed: return "changed";
    case Kind::planned: return "planned";
    case Kind::failed: return "FAILED";
    case Kind::note: return "note";
  }
  return "?";
}

}  // namespace

Result<std::vector<PortOutcome>> Provisioner::run(const ProvisionConfig& config) {
  const Inventory inventory = TRY(scan(sysfs_));
  std::vector<PortOutcome> outcomes;
  for (const Port& port : inventory.ports) {
    auto outcome = serve(port, config.rule_for(port));
    outcomes.push_back(outcome
                           ? std::move(*outcome)
                           : PortOutcome{Kind::failed, name_of(port), outcome.error().message()});
  }
  for (const std::string& problem : inventory.problems) {
    outcomes.push_back({Kind::failed, "?", problem});
  }
  for (const std::string& note : rule_notes(config, inventory.ports)) {
    outcomes.push_back({Kind::note, "configuration", note});
  }
  return outcomes;
}

// A granted VF without a lane is free: it is prepared as others are, and after a reboot it has to
// be made before its pod can get it. It must not be taken away.
Result<PortPlan> Provisioner::plan_for(const PortRecord& record, const Port& port,
                                       const ProvisionRule* rule) const {
  std::vector<std::string> held;
  for (const LaneRecord& lane : record.lanes) held.push_back(lane.id);
  PortPlan plan = plan_port(port, rule, held);
  if (plan.action != Action::replace) return plan;
  const std::vector<Grant> grants = TRY(GrantStore(options_.state_dir).peek());
  for (const Vf& vf : port.vfs) {
    const std::string address = vf.address.to_string();
    if (grant_of(grants, address)) held.push_back(address + " (granted)");
  }
  return plan_port(port, rule, held);
}

Result<PortOutcome> Provisioner::serve(const Port& port, const ProvisionRule* rule) {
  const std::string address = port.address.to_string();
  const auto timeout = options_.only_create ? kShortTimeout : kLockTimeout;
  // Whatever becomes of its VFs, and before there are any.
  if (!options_.dry_run) TRY(keep_usable_part(ledger_, address, rule, timeout));
  const PortPlan first = plan_port(port, rule, {});
  if (first.action == Action::skip) return PortOutcome{Kind::left, name_of(port), first.why};
  if (options_.dry_run) {
    const PortRecord record = TRY(ledger_.peek(address));
    return planned(port, TRY(plan_for(record, port, rule)));
  }
  LockedPort locked = TRY(ledger_.lock(address, timeout));
  const auto now = TRY(scan_port(sysfs_, port.address));  // Under its lock.
  if (!now) return Error(Code::not_found, "the port has vanished");
  if (options_.only_create && !now->vfs.empty()) {
    return PortOutcome{Kind::unchanged, name_of(*now), "it has VFs"};
  }
  const PortPlan plan = TRY(plan_for(locked.record(), *now, rule));
  if (plan.action == Action::refuse) return Error(Code::busy, plan.why);
  if (plan.action == Action::skip) return PortOutcome{Kind::left, name_of(*now), plan.why};
  if (plan.action == Action::leave) return PortOutcome{Kind::unchanged, name_of(*now), plan.why};
  locked.record().spoofchk = rule->spoofchk;  // For attach and release, which know no rules.
  TRY(locked.save());
  return carry_out(locked, *now, *rule, plan);
}

Result<PortOutcome> Provisioner::carry_out(LockedPort& locked, const Port& port,
                                           const ProvisionRule& rule, const PortPlan& plan) {
  const Deadline deadline{.at = steady_clock::now() + options_.timeout, .stop = options_.stop};
  const bool change_count = plan.action != Action::prepare;
  MadeVfs made{.port = port};
  if (change_count) {
    made = TRY(
        make_vfs({options_.sysfs_root, sysfs_, links_, progress_}, port, plan.target, deadline));
    locked.record().unreset.clear();  // Those VFs are gone.
    TRY(locked.save());
  }
  Port now = TRY(wait_until_usable(sysfs_, made.port, deadline, progress_));
  TRY(check_vf_count(now, plan.target));
  const BaselineRequest request{.spoofchk = rule.spoofchk,
                                .fresh = change_count,
                                .unreset = locked.record().unreset,
                                .deadline = deadline};
  const Baseline baseline = TRY(prepare_baseline(links_, now, request));
  TRY(remember(locked, now, baseline));
  // ice and i40e reset a VF for some of what was written.
  if (baseline.changed > 0) now = TRY(wait_until_usable(sysfs_, now, deadline, progress_));
  return outcome_of(port, now, change_count ? &made : nullptr, baseline);
}

int exit_code(const std::vector<PortOutcome>& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](const PortOutcome& o) { return o.kind == Kind::failed; })
             ? 1
             : 0;
}

std::string to_text(const std::vector<PortOutcome>& outcomes) {
  std::string text;
  int ports = 0;
  int changed = 0;
  int failed = 0;
  int to_do = 0;
  for (const PortOutcome& outcome : outcomes) {
    text += fmt::format("{}: {}: {}\n", outcome.port, word(outcome.kind), outcome.text);
    if (outcome.kind != Kind::note) ++ports;
    if (outcome.kind == Kind::changed) ++changed;
    if (outcome.kind == Kind::failed) ++failed;
    if (outcome.kind == Kind::planned) ++to_do;
  }
  if (ports == 0) return text + "no SR-IOV ports on this node\n";
  return text + fmt::format("ports {}, changed {}, failed {}{}\n", ports, changed, failed,
                            changed + failed + to_do == 0 ? "; nothing to do" : "");
}

}  // namespace sluice
