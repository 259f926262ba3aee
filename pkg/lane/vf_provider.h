#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/bandwidth/shaper.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/lane/provider.h"

namespace sluice {

/// Lanes made of SR-IOV virtual functions. The VF's PCI address is its identity: its link is looked
/// up anew before every change, and a link whose parent is another function is never touched.
class VfProvider final : public Provider {
 public:
  /// Kernel and sysfs must outlive this object. `rdma_lock` is a file by which all processes of the
  /// node move RDMA devices one at a time: a move renumbers character devices.
  VfProvider(Kernel& kernel, const Dir& sysfs, std::string rdma_lock)
      : kernel_(kernel), sysfs_(sysfs), rdma_lock_(std::move(rdma_lock)) {}

  Result<PortFacts> port_of(const LaneRequest& request) override;
  std::string id_of(const LaneRequest& request) override;
  Result<LaneRecord> describe(const LaneRequest& request, const PortRecord& port) override;
  Result<> configure(const PortRecord& port, const LaneRecord& lane) override;
  Result<> set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) override;
  Result<std::optional<Link>> move_in(const PortRecord& port, LaneRecord& lane, const Pod& pod,
                                      const std::optional<int>& mtu) override;
  Result<> release(const PortRecord& port, const LaneRecord& lane) override;
  Result<std::vector<Drift>> inspect(const PortRecord& port, const LaneRecord& lane,
                                     const Pod& pod) override;
  Result<> set_again(const PortRecord& port, const LaneRecord& lane,
                     const VfSettings& settings) override;
  Result<VfList> read_vfs(const PortRecord& port) override;
  std::string rdma_device_of(const LaneRecord& lane) override;

 private:
  /// A lane's link and where it is.
  struct Found {
    Link link;
    std::optional<NetNs> netns;    ///< nullopt at home.
    std::unique_ptr<Links> links;  ///< Of that namespace; null at home.
  };

  Result<VfLocation> locate(const LaneRecord& lane) const;
  /// A port's link and how its VFs get their rates.
  struct Uplink {
    int index = 0;
    std::unique_ptr<Shaper> shaper;
    bool rates_apart = false;  ///< Rates are not among the settings a VF's port takes.
  };

  /// The port's link of that name; nullopt when it has none in the host's namespace.
  Result<std::optional<Link>> link_of_port(const VfLocation& where) const;

  /// not_found when the port has no link in the host's namespace.
  Result<Uplink> uplink_of(const PortRecord& port, const VfLocation& where) const;

  /// Settings and rates back to baseline, as far as the port is there to take them.
  Result<> reset(const PortRecord& port, const LaneRecord& lane, const VfLocation& where) const;

  /// One request for all settings. Where the driver lacks an operation, one a setting: then only
  /// those in `required` must succeed.
  Result<> set(int port_index, int vf, const VfSettings& settings,
               const VfSettings& required) const;
  Result<> set_mac(const LaneRecord& lane, const VfLocation& where, int port_index) const;

  /// The link that sysfs shows for the VF; `index` is its recorded one, or 0.
  Result<std::optional<Link>> link_at_home(const VfLocation& where, int index) const;
  Result<std::optional<Found>> find_link(const LaneRecord& lane, const VfLocation& where) const;
  Result<std::optional<Found>> find_in(std::optional<NetNs> netns, const LaneRecord& lane) const;
  Result<std::optional<Link>> bring_home(const LaneRecord& lane, const VfLocation& where) const;
  Result<> move_home(const LaneRecord& lane, const VfLocation& where, const Found& found) const;

  Result<> move_rdma_home(const VfLocation& where, const NetNs& pod) const;
  Result<> move_rdma_in(const LaneRecord& lane, const VfLocation& where, const NetNs& pod) const;

  Kernel& kernel_;
  const Dir& sysfs_;
  std::string rdma_lock_;
};

}  // namespace sluice
