#include "pkg/bandwidth/devlink_rate_shaper.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

Result<> DevlinkRateShaper::apply(int vf, Rate rate) {
  if (TRY(set_leaf(vf, rate))) return {};
  return legacy_->apply(vf, rate);
}

Result<> DevlinkRateShaper::clear(int vf) {
  if (TRY(set_leaf(vf, {}))) return {};
  return legacy_->clear(vf);
}

Result<bool> DevlinkRateShaper::set_leaf(int vf, Rate rate) {
  const auto ports =
      TRY(devlink_.vf_ports(port_).context("find leaf of VF {} of {}", vf, port_.to_string()));
  const auto port = ports.find(vf);
  if (port == ports.end()) return false;
  const RateChange change = {
      .tx_share = rate.floor, .tx_max = rate.ceiling, .parent = std::nullopt};
  const Result<> done = devlink_.set_leaf(port_, port->second, change);
  if (!done && done.error().code() == Code::not_found) return false;
  TRY(Result<>(done).context("set rate of VF {} of {}", vf, port_.to_string()));
  return true;
}

Result<VfList> DevlinkRateShaper::read_back() {
  VfList list = TRY(legacy_->read_back());
  if (leaves_ == LeafRates::listed) return list;
  const auto ports = TRY(devlink_.vf_ports(port_).context("read rates of {}", port_.to_string()));
  const std::vector<RateObject> objects =
      TRY(devlink_.rates(port_).context("read rates of {}", port_.to_string()));
  for (VfInfo& vf : list.vfs) {
    const auto port = ports.find(vf.index);
    if (port == ports.end()) continue;
    const auto leaf = std::find_if(objects.begin(), objects.end(),
                                   [&port](const RateObject& o) { return o.port == port->second; });
    if (leaf == objects.end()) continue;
    vf.rate = Rate{.floor = leaf->tx_share, .ceiling = leaf->tx_max};
  }
  return list;
}

}  // namespace sluice
