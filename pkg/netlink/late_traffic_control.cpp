#include "pkg/netlink/late_traffic_control.h"

namespace sluice {

Result<KernelTrafficControl*> LateTrafficControl::opened() {
  if (!traffic_control_) traffic_control_.emplace(TRY(KernelTrafficControl::open(&netns_)));
  return &*traffic_control_;
}

Result<std::vector<Qdisc>> LateTrafficControl::qdiscs(int link) {
  return TRY(opened())->qdiscs(link);
}

Result<> LateTrafficControl::add_qdisc(int link, const Qdisc& qdisc) {
  return TRY(opened())->add_qdisc(link, qdisc);
}

Result<> LateTrafficControl::remove_qdisc(int link, const Qdisc& qdisc) {
  return TRY(opened())->remove_qdisc(link, qdisc);
}

Result<std::vector<HtbClassState>> LateTrafficControl::classes(int link) {
  return TRY(opened())->classes(link);
}

Result<> LateTrafficControl::set_class(int link, const HtbClass& settings) {
  return TRY(opened())->set_class(link, settings);
}

Result<> LateTrafficControl::remove_class(int link, TcHandle handle) {
  return TRY(opened())->remove_class(link, handle);
}

Result<std::vector<Filter>> LateTrafficControl::filters(int link, TcHandle parent) {
  return TRY(opened())->filters(link, parent);
}

Result<> LateTrafficControl::add_filter(int link, const Filter& filter) {
  return TRY(opened())->add_filter(link, filter);
}

Result<> LateTrafficControl::remove_filter(int link, TcHandle parent, std::uint16_t priority) {
  return TRY(opened())->remove_filter(link, parent, priority);
}

}  // namespace sluice
