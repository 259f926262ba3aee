#include "pkg/provision/vf_baseline.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/bandwidth/rate_plan.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/netlink/vf_settings.h"
#include "pkg/provision/baseline_writer.h"
#include "pkg/provision/uplink.h"

namespace sluice {
namespace {

std::vector<int> unlisted_of(const Port& port, const VfList& list) {
  std::vector<int> unlisted;
  for (const Vf& vf : port.vfs) {
    if (list.find(vf.index) == nullptr) unlisted.push_back(vf.index);
  }
  return unlisted;
}

// The kernel leaves out VFs that are in reset (ice_sriov.c, i40e_virtchnl_pf.c: get_vf_config).
Result<VfList> list_of(Links& links, int uplink, std::size_t vfs) {
  VfList list;
  const Result<> asked = retrying([&]() -> Result<> {
    list = TRY(links.vfs(uplink));
    if (list.vfs.size() >= vfs) return {};
    return Error(Code::busy, "the kernel left out VFs");
  });
  if (!asked && asked.error().code() != Code::busy) return asked.error();
  return list;
}

}  // namespace

VfSettings baseline_of(const Port& port, bool spoofchk) {
  const std::string_view name = capability_name(port);
  VfSettings baseline = baseline_settings(name, spoofchk);
  baseline.link_state = VfLinkState::automatic;
  if (baseline.rate) {
    baseline.rate = released_rate(capability_of(name), port.line_rate.value_or(BitRate()));
  }
  return baseline;
}

VfSettings baseline_difference(const VfInfo& vf, const VfSettings& baseline) {
  VfSettings known = known_of(baseline, vf);
  if (vf.rate == Rate()) known.rate.reset();  // At baseline, also where the line rate is written.
  VfSettings change;
  for (const VfDifference& difference : differences(known, vf)) merge(change, difference.part);
  return change;
}

std::string unlisted_note(const std::vector<int>& unlisted, std::size_t vfs) {
  if (unlisted.size() == vfs) return "settings unknown, for its driver tells none";
  return fmt::format("settings unknown, for the kernel lists {} of {} VFs: not {}",
                     vfs - unlisted.size(), vfs, fmt::join(unlisted, ", "));
}

Result<Baseline> prepare_baseline(Links& links, const Port& port, const BaselineRequest& request) {
  if (port.link.empty() || port.vfs.empty()) return Baseline();
  const Link uplink = TRY(uplink_of(links, port));
  const bool awaited = request.fresh && capability_of(port).vf_settings;
  const VfList before = TRY(list_of(links, uplink.index, awaited ? port.vfs.size() : 0));
  BaselineWriter writer(links, uplink, port, request);
  for (const VfInfo& vf : before.vfs) TRY(writer.write(vf));
  if (writer.has_written()) {
    const VfList after = TRY(list_of(links, uplink.index, before.vfs.size()));
    TRY(writer.check(after));
    TRY(writer.await_macs(request.deadline));
  }
  Baseline baseline = writer.result();
  baseline.unlisted = unlisted_of(port, before);
  return baseline;
}

}  // namespace sluice
