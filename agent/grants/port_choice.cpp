#include "agent/grants/port_choice.h"

#include <algorithm>

#include "pkg/inventory/scan.h"
#include "plugin/describe.h"

namespace sluice {
namespace {

// One that is leaving has its link in a pod, or on the way back.
bool is_fit(const Vf& vf, const LaneConfig& settings, bool is_leaving) {
  if (settings.driver == LaneDriver::vfio) return vf.state == VfState::vfio;
  return is_leaving ? vf.state != VfState::vfio : vf.state == VfState::ready;
}

}  // namespace

void PortChoice::look(FrontEndName front_end, const Config& config, const SetAside& aside) {
  share_ = port_share(front_end, port_, config, &locked_.record(), aside);
}

const Vf* PortChoice::take(const LaneConfig& settings,
                           const std::function<bool(PciAddress)>& may_have) {
  for (std::vector<const Vf*>* const vfs : {&share_.free, &share_.leaving}) {
    const auto found = std::ranges::find_if(*vfs, [&](const Vf* vf) {
      return may_have(vf->address) && is_fit(*vf, settings, vfs == &share_.leaving);
    });
    if (found == vfs->end()) continue;
    const Vf* const vf = *found;
    vfs->erase(found);
    return vf;
  }
  return nullptr;
}

Result<> PortChoice::promise(const Rate& rate) {
  TRY(validate(*share_.capability, share_.line_rate, rate).context("port {}", port_.link));
  share_.promised = TRY(admit({.port = port_.link,
                               .line_rate = share_.line_rate,
                               .usable = share_.bandwidth,
                               .promised = share_.promised},
                              effective_promise(*share_.capability, rate.floor)));
  return {};
}

Result<PortChoices> open_ports(const Dir& sysfs, const Ledger& ledger,
                               const std::set<PciAddress>& ports,
                               std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  PortChoices choices;
  for (const PciAddress address : ports) {
    std::optional<Port> port = TRY(scan_port(sysfs, address));
    if (!port) return Error(Code::busy, fmt::format("port {} is gone", address.to_string()));
    std::string trouble = plugin::trouble_of(*port);
    if (!trouble.empty()) return Error(Code::busy, std::move(trouble));
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    LockedPort locked =
        TRY(ledger.lock(address.to_string(), std::max(left, std::chrono::milliseconds(0)))
                .context("port {}", port->link));
    choices.emplace(address, std::make_unique<PortChoice>(*std::move(port), std::move(locked)));
  }
  return choices;
}

}  // namespace sluice
