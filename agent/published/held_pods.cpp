#include "agent/published/held_pods.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pkg/base/kube_names.h"

namespace sluice {
namespace {

struct Holder {
  HeldPod pod;
  bool is_counted = true;  ///< By its placement annotation, rightly.
};

class Holders {
 public:
  explicit Holders(const std::vector<PodsShare>& shares) : shares_(shares) {}

  void add(const Grant& grant) {
    if (grant.kind != Grant::Kind::pod) return;
    Holder& holder = of(grant.pod_uid, grant.name);
    holder.is_counted = holder.is_counted && grant.follows_placement;
    for (const GrantedVf& vf : grant.vfs) {
      add(holder, vf.vf, {.port = vf.port, .rate = vf.rate});
    }
  }

  /// `aside`: who else counts the VF.
  void add(const std::string& port, const LaneRecord& lane, const SetAside& aside) {
    if (lane.owner.pod_uid.empty() || share_of(lane.id) == nullptr) return;
    if (grant_of(aside.grants, lane.id)) return;
    Holder& holder = of(lane.owner.pod_uid, lane.owner.pod);
    holder.is_counted = false;
    add(holder, lane.id, {.port = port, .rate = lane.asked});
  }

  std::vector<HeldPod> take() {
    std::vector<HeldPod> held;
    for (auto& [uid, holder] : holders_) {
      if (!holder.is_counted) held.push_back(std::move(holder.pod));
    }
    return held;
  }

 private:
  /// The pods' share that has the VF; nullptr: none.
  const PodsShare* share_of(const std::string& vf) const {
    const auto share =
        std::ranges::find_if(shares_, [&](const PodsShare& each) { return each.vfs.contains(vf); });
    return share == shares_.end() ? nullptr : &*share;
  }

  /// Unless the VF is no pod's.
  void add(Holder& holder, const std::string& vf, HeldLane lane) const {
    const PodsShare* const share = share_of(vf);
    if (share == nullptr) return;
    lane.vfio = share->vfio.contains(vf);
    holder.pod.lanes.push_back(std::move(lane));
  }

  /// `name`: "namespace/name", or empty.
  Holder& of(const std::string& uid, const std::string& name) {
    Holder& holder = holders_[uid];
    holder.pod.uid = uid;
    NamespacedName pod = split_name(name);
    if (pod.name.empty()) return holder;
    holder.pod.name_space = std::move(pod.name_space);
    holder.pod.name = std::move(pod.name);
    return holder;
  }

  const std::vector<PodsShare>& shares_;
  std::map<std::string, Holder> holders_;  // By UID.
};

}  // namespace

std::vector<HeldPod> held_pods(const NodeState& node, const SetAside& aside,
                               const std::vector<PodsShare>& shares) {
  Holders holders(shares);
  for (const Grant& grant : aside.grants) holders.add(grant);
  for (const PortRecord& record : node.after) {
    for (const LaneRecord& lane : record.lanes) holders.add(record.port, lane, aside);
  }
  return holders.take();
}

}  // namespace sluice
