#include "pkg/bandwidth/devlink_rate_shaper.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

Result<> DevlinkRateShaper::apply(int vf, Rate rate) {
  const std::optional<std::uint32_t> leaf = TRY(
      devlink_.port_of_vf(port_, vf).context("find leaf of VF {} of {}", vf, port_.to_string()));
  if (!leaf) {
    return Error(Code::not_found,
                 fmt::format("VF {} of {} has no devlink-rate leaf", vf, port_.to_string()));
  }
  const RateChange change = {
      .tx_share = rate.floor, .tx_max = rate.ceiling, .parent = std::nullopt};
  return devlink_.set_leaf(port_, *leaf, change)
      .context("set rate of VF {} of {}", vf, port_.to_string());
}

Result<> DevlinkRateShaper::clear(int vf) {
  return apply(vf, {});
}

Result<VfList> DevlinkRateShaper::read_back() {
  const std::vector<RateObject> objects =
      TRY(devlink_.rates(port_).context("read rates of {}", port_.to_string()));
  VfList list;
  list.announced = static_cast<std::uint32_t>(vfs_);
  for (int index = 0; index < vfs_; ++index) {
    const std::optional<std::uint32_t> port = TRY(devlink_.port_of_vf(port_, index));
    const auto leaf = std::find_if(objects.begin(), objects.end(), [&port](const RateObject& o) {
      return port.has_value() && o.port == port;
    });
    if (leaf == objects.end()) continue;
    VfInfo& vf = list.vfs.emplace_back();
    vf.index = index;
    vf.rate = Rate{.floor = leaf->tx_share, .ceiling = leaf->tx_max};
  }
  return list;
}

}  // namespace sluice
