#include "pkg/provision/baseline_writer.h"

#include <algorithm>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/vf_write.h"
#include "pkg/netlink/vf_settings.h"
#include "pkg/provision/uplink.h"
#include "pkg/provision/vf_macs.h"

namespace sluice {
namespace {

const VfSettings* unreset_of(const std::vector<UnresetVf>& unreset, int vf) {
  const auto found = std::find_if(unreset.begin(), unreset.end(),
                                  [vf](const UnresetVf& left) { return left.number == vf; });
  return found == unreset.end() ? nullptr : &found->settings;
}

// igb, ixgbe and hinic want carrier even for zero, ice room for the others' floors (hinic: EPERM).
bool may_take_later(const Refusal& refusal, bool carrier) {
  const Code code = refusal.error.code();
  return code == Code::invalid_argument || (code == Code::permission_denied && !carrier);
}

}  // namespace

BaselineWriter::BaselineWriter(Links& links, const Link& uplink, const Port& port,
                               const BaselineRequest& request)
    : links_(links),
      uplink_(uplink),
      port_(port),
      request_(request),
      driver_(vf_driver_of(capability_name(port))),
      capability_(capability_of(port)),
      baseline_(baseline_of(port, request.spoofchk)),
      notes_(port) {}

Result<> BaselineWriter::write(const VfInfo& vf) {
  const VfSettings settings = TRY(due(vf));
  if (settings == VfSettings()) return {};
  written_[vf.index].before = vf;
  const auto refusals =
      TRY(write_vf(links_, uplink_.index, vf.index, settings).context("prepare VF {}", vf.index));
  TRY(judge(vf, refusals));
  if (settings.mac && !written_[vf.index].left.mac) given_macs_.push_back(vf.index);
  return {};
}

// What a release had to leave is written whatever the VF reports: drivers report what they lost.
Result<VfSettings> BaselineWriter::due(const VfInfo& vf) {
  VfSettings settings;
  if (const VfSettings* const left = unreset_of(request_.unreset, vf.index)) {
    settings = common(baseline_, *left);
    if (left->mac) remember(vf, {.mac = left->mac});  // The link's, too: for Lanes.
  }
  merge(settings, baseline_difference(vf, baseline_));
  if (settings.rate && cannot_clear_rates()) {
    notes_.rate_stays(vf.index);  // The next lane's ceiling takes its place.
    settings.rate.reset();
  }
  settings.mac = TRY(mac_to_give(links_, uplink_, port_, vf));
  return settings;
}

Result<> BaselineWriter::judge(const VfInfo& vf, const std::vector<Refusal>& refusals) {
  VfSettings& left = written_[vf.index].left;
  for (const Refusal& refusal : refusals) {
    const auto& [part, error] = refusal;
    const bool unsupported = is_unsupported(part, error);
    merge(left, part);
    if (part.rate && vf.rate == Rate()) continue;  // There was none to take back.
    if (part.rate && (unsupported || may_take_later(refusal, port_.carrier))) {
      notes_.rate_stays(vf.index);
      remember(vf, part);
    } else if (unsupported) {
      notes_.refused(vf.index, refusal);
    } else {
      return Result<>(error).context("prepare VF {}", vf.index);
    }
  }
  return {};
}

Result<> BaselineWriter::check(const VfList& after) {
  for (auto& [index, written] : written_) {
    const VfInfo* const vf = after.find(index);
    if (vf != nullptr) TRY(check_vf(written, *vf));
  }
  return {};
}

Result<> BaselineWriter::check_vf(Written& written, const VfInfo& after) {
  written.changed = written.before != after;
  VfSettings missing = without(baseline_difference(after, baseline_), written.left);
  // Whatever its protocol is said to be: a fresh VF of ice has 0 (ice_sriov.c).
  if (missing.vlan && after.vlan->id == 0 && after.vlan->qos == 0) missing.vlan.reset();
  if (cannot_clear_rates()) missing.rate.reset();
  if (missing.spoofchk && !driver_.spoofchk_reads_back) {
    notes_.add(after.index, "spoof check", "reads as off until its link is up");
    missing.spoofchk.reset();
  }
  if (missing == VfSettings()) return {};
  return Error(
      Code::internal,
      fmt::format("VF {} did not take its baseline, though the driver said so", after.index));
}

Result<> BaselineWriter::await_macs(const Deadline& deadline) {
  if (!driver_.fresh_without_mac) return {};
  for (const int vf : TRY(wait_for_macs(links_, port_, given_macs_, deadline))) {
    notes_.add(vf, "MAC", "has not reached its link yet");
  }
  return {};
}

void BaselineWriter::remember(const VfInfo& vf, const VfSettings& settings) {
  merge(unreset_[vf.index], settings);
}

Baseline BaselineWriter::result() const {
  Baseline baseline{.macs = static_cast<int>(given_macs_.size())};
  for (const auto& [index, written] : written_) baseline.changed += written.changed ? 1 : 0;
  if (!driver_.settings) {
    baseline.notes.emplace_back(
        "VLAN, rates, spoof check and trust not asked for: VFs of an InfiniBand port have none");
  }
  for (std::string& sentence : notes_.sentences(port_.vfs.size())) {
    baseline.notes.push_back(std::move(sentence));
  }
  for (const Vf& vf : port_.vfs) {
    const auto left = unreset_.find(vf.index);
    if (left == unreset_.end()) continue;
    baseline.unreset.push_back(
        {.id = vf.address.to_string(), .number = vf.index, .settings = left->second});
  }
  return baseline;
}

}  // namespace sluice
