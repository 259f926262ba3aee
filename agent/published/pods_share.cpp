#include "agent/published/pods_share.h"

#include <algorithm>

#include "agent/claims/claim_health.h"
#include "agent/grants/port_share.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

class ShareMaker {
 public:
  ShareMaker(const NodeState& node, const SetAside& aside)
      : node_(node), aside_(aside), unfit_(unfit_vfs(node)) {}

  PodsShare share_of(const Port& port) const {
    const PortRecord* const record = find_record(node_.after, port.address.to_string());
    const BitRate line_rate = line_rate_of(port, record);
    const Shares parts = shares_of(port, *node_.config, line_rate);
    const Share& part = parts[static_cast<std::size_t>(FrontEndName::pods)];
    PodsShare share{.vfs = {}, .vfio = {}, .bandwidth = part.bandwidth};
    std::set<std::string> lent;
    for (const Vf& vf : port.vfs) {
      if (!std::ranges::binary_search(part.vfs, vf.index)) continue;
      const std::string address = vf.address.to_string();
      const bool is_ours = is_for_pods(address, find_lane(record, address));
      (is_ours ? share.vfs : lent).insert(address);
      if (is_ours && vf.state == VfState::vfio) share.vfio.insert(address);
    }
    bound(share, lent, port, record);
    return share;
  }

 private:
  /// Whether the VF is free for annotated pods, or a pod that the scheduler knows has it.
  bool is_for_pods(const std::string& vf, const LaneRecord* lane) const {
    if (offer_of(aside_.offers, vf) != nullptr) return false;
    if (const FoundGrant found = grant_of(aside_.grants, vf)) {
      return found.grant->kind == Grant::Kind::pod;
    }
    return lane == nullptr ? !unfit_.contains(vf) : !lane->owner.pod_uid.empty();
  }

  /// Takes off what others are promised: of this share, and beyond theirs.
  void bound(PodsShare& share, const std::set<std::string>& lent, const Port& port,
             const PortRecord* record) const {
    BitRate on_lent;
    BitRate of_others;
    for (const Promise& promise : promises_on(port, record, aside_)) {
      const std::string vf(promise.lane);
      if (!share.vfs.contains(vf)) of_others += promise.cost;
      if (lent.contains(vf)) on_lent += promise.cost;
    }
    const BitRate usable = usable_of(port, *node_.config, line_rate_of(port, record));
    share.bandwidth = std::min(share.bandwidth - on_lent, usable - of_others);
  }

  const NodeState& node_;
  const SetAside& aside_;
  const std::map<std::string, std::string> unfit_;
};

}  // namespace

std::vector<PodsShare> pods_shares(const NodeState& node, const SetAside& aside) {
  const ShareMaker maker(node, aside);
  std::vector<PodsShare> shares;
  shares.reserve(node.inventory.ports.size());
  for (const Port& port : node.inventory.ports) shares.push_back(maker.share_of(port));
  return shares;
}

}  // namespace sluice
