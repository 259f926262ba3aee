#include "agent/provision.h"

#include <algorithm>

#include "agent/plan.h"
#include "agent/port_policy.h"
#include "agent/rule_notes.h"
#include "agent/usable.h"
#include "agent/vf_baseline.h"
#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

using Kind = PortOutcome::Kind;
using Action = PortPlan::Action;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLockPatience{10};
constexpr std::chrono::seconds kShortPatience{1};  // Of who comes again.

std::string name_of(const Port& port) {
  return fmt::format("{} {} {}", port.address.to_string(), port.link.empty() ? "-" : port.link,
                     port.driver.empty() ? "-" : port.driver);
}

std::vector<std::string> lanes_of(const PortRecord& record) {
  std::vector<std::string> ids;
  for (const LaneRecord& lane : record.lanes) ids.push_back(lane.id);
  return ids;
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

Result<PortOutcome> Provisioner::serve(const Port& port, const ProvisionRule* rule) {
  const std::string address = port.address.to_string();
  const auto patience = options_.only_create ? kShortPatience : kLockPatience;
  // Whatever becomes of its VFs, and before there are any.
  if (!options_.dry_run) TRY(keep_usable_part(ledger_, address, rule, patience));
  const PortPlan first = plan_port(port, rule, {});
  if (first.action == Action::skip) return PortOutcome{Kind::left, name_of(port), first.why};
  if (options_.dry_run) {
    const PortRecord record = TRY(ledger_.peek(address));
    return planned(port, plan_port(port, rule, lanes_of(record)));
  }
  PortBook book = TRY(ledger_.lock(address, patience));
  const auto now = TRY(scan_port(sysfs_, port.address));  // Nobody changes it any more.
  if (!now) return Error(Code::not_found, "the port has vanished");
  if (options_.only_create && !now->vfs.empty()) {
    return PortOutcome{Kind::unchanged, name_of(*now), "it has VFs"};
  }
  const PortPlan plan = plan_port(*now, rule, lanes_of(book.record()));
  if (plan.action == Action::refuse) return Error(Code::busy, plan.why);
  if (plan.action == Action::skip) return PortOutcome{Kind::left, name_of(*now), plan.why};
  if (plan.action == Action::leave) return PortOutcome{Kind::unchanged, name_of(*now), plan.why};
  book.record().spoofchk = rule->spoofchk;  // For attach and release, which know no rules.
  TRY(book.save());
  return carry_out(*now, *rule, plan.target, plan.action != Action::prepare);
}

Result<PortOutcome> Provisioner::carry_out(const Port& port, const ProvisionRule& rule, int target,
                                           bool change_count) {
  const Deadline deadline{.at = steady_clock::now() + options_.timeout, .stop = options_.stop};
  Port now = port;
  if (change_count) now = TRY(set_count(port, target, deadline));
  now = TRY(wait_until_usable(sysfs_, now, deadline, progress_));
  TRY(check_vf_count(now, target));
  const Baseline baseline = TRY(prepare_baseline(links_, now, rule.spoofchk));
  std::string note;
  const std::string unused = not_usable_yet(now);  // Only without autoprobe.
  if (!unused.empty()) note += "; " + unused;
  if (!baseline.unlisted.empty()) note += "; " + unlisted_note(baseline.unlisted, now.vfs.size());
  if (change_count) {
    return PortOutcome{Kind::changed, name_of(now),
                       fmt::format("{} VFs made, there were {}{}", target, port.vfs.size(), note)};
  }
  if (baseline.changed > 0) {
    return PortOutcome{
        Kind::changed, name_of(now),
        fmt::format("{} VFs, {} brought to baseline{}", target, baseline.changed, note)};
  }
  return PortOutcome{Kind::unchanged, name_of(now), fmt::format("{} VFs as asked{}", target, note)};
}

Result<Port> Provisioner::set_count(const Port& port, int target, const Deadline& deadline) {
  if (!port.vfs.empty()) {
    TRY(write_vf_count(options_.sysfs_root, port, 0, deadline, progress_));
  }
  if (target > 0) {
    TRY(bring_up(port));
    TRY(write_vf_count(options_.sysfs_root, port, target, deadline, progress_));
  }
  auto after = TRY(scan_port(sysfs_, port.address));
  if (!after) return Error(Code::not_found, "the port has vanished");
  TRY(check_vf_count(*after, target));
  return std::move(*after);
}

// bnxt_en makes no VFs while the port is down, and igb's get random MACs then.
Result<> Provisioner::bring_up(const Port& port) {
  if (port.link.empty()) return {};
  const auto link = TRY(links_.find(port.link));
  if (!link || link->up) return {};
  progress_(fmt::format("{} {}: bringing {} up", port.address.to_string(), port.driver, port.link));
  LinkChange up;
  up.up = true;
  return links_.change(link->index, up).context("bring {} up", port.link);
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
