#pragma once

#include <optional>
#include <vector>

#include "pkg/netlink/kernel_traffic_control.h"

namespace sluice {

/// Traffic control by a socket that is opened at the first call: only software lanes make one.
class LateTrafficControl final : public TrafficControl {
 public:
  /// `netns` must outlive this object.
  explicit LateTrafficControl(const NetNs& netns) : netns_(netns) {}

  Result<std::vector<Qdisc>> qdiscs(int link) override;
  Result<> add_qdisc(int link, const Qdisc& qdisc) override;
  Result<> remove_qdisc(int link, const Qdisc& qdisc) override;
  Result<std::vector<HtbClassState>> classes(int link) override;
  Result<> set_class(int link, const HtbClass& settings) override;
  Result<> remove_class(int link, TcHandle handle) override;
  Result<std::vector<Filter>> filters(int link, TcHandle parent) override;
  Result<> add_filter(int link, const Filter& filter) override;
  Result<> remove_filter(int link, TcHandle parent, std::uint16_t priority) override;

 private:
  Result<KernelTrafficControl*> opened();

  const NetNs& netns_;
  std::optional<KernelTrafficControl> traffic_control_;
};

}  // namespace sluice
