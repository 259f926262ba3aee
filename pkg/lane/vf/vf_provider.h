#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/bandwidth/shaper.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/vf/vf_repair.h"
#include "pkg/lane/vf/vf_write.h"

namespace sluice {

/// Lanes made of SR-IOV virtual functions. The VF's PCI address is its identity: its link is looked
/// up again before every change, and a link whose parent is another function is never touched.
class VfProvider final : public Provider {
 public:
  /// Kernel and sysfs must outlive this object. `rdma_lock` is a file by which all processes of the
  /// node move RDMA devices one at a time: a move renumbers character devices.
  VfProvider(Kernel& kernel, const Dir& sysfs, std::string rdma_lock)
      : kernel_(kernel), sysfs_(sysfs), rdma_lock_(std::move(rdma_lock)) {}

  std::string_view name() const override { return kVfProvider; }
  bool makes(const Material& asked) const override;
  Result<PortFacts> port_of(const LaneRequest& request) override;
  Result<LaneRecord> describe(const LaneRequest& request, const PortRecord& port) override;
  Result<> configure(const PortRecord& port, const LaneRecord& lane) override;
  Result<> set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) override;
  Result<std::optional<Link>> move_in(const PortRecord& port, LaneRecord& lane, const Pod& pod,
                                      const std::optional<int>& mtu) override;
  Result<VfSettings> release(const PortRecord& port, const LaneRecord& lane,
                             Search search) override;
  Result<std::vector<Drift>> inspect(const PortRecord& port, const LaneRecord& lane,
                                     const Pod& pod) override;
  RdmaNames rdma_of(const LaneRecord& lane) override;

  // What the agent looks at again and again (vf_upkeep.cpp).

  /// One list of the port without statistics, and two more where rates have lists of their own
  /// (LeafRates::apart).
  Result<bool> is_in_order(const PortRecord& port) override;
  Result<std::vector<LaneRepair>> repair(const PortRecord& port) override;
  void finish_resets(PortRecord& port) override;
  Result<bool> is_away(const LaneRecord& lane) override;

  /// A firmware reset, health recovery or devlink reload of an mlx5 function makes link and RDMA
  /// device again at home (mellanox/mlx5/core/main.c mlx5_unload_one), a firmware reset of bnxt the
  /// RDMA device alone (hw/bnxt_re/main.c bnxt_re_suspend). Asks the kernel only where sysfs shows
  /// a link of the VF at home: a lane in order costs the read of a directory, and of two more where
  /// it has an RDMA device that moved along.
  Result<AtHome> look_at_home(const LaneRecord& lane,
                              const std::vector<RdmaDevice>& host_devices) override;

  /// Writes settings other than rate and MAC of a lane in force already once more. unsupported when
  /// the driver takes one of them not at all.
  Result<> set_again(const PortRecord& port, const LaneRecord& lane, const VfSettings& settings);

 private:
  /// A lane's link and where it is.
  struct Found {
    Link link;
    std::optional<NetNs> netns;    ///< nullopt at home.
    std::unique_ptr<Links> links;  ///< Of that namespace; null at home.
  };

  Result<VfLocation> locate(const LaneRecord& lane) const;

  /// A link's PCI parent says which function it is. Where the kernel names none (a stand-in in a
  /// test), the index is all there is; 0 is any.
  static bool is_link_of(const Link& link, const std::string& vf, int index);
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

  /// The port's VFs as the kernel reports them. At least one lane of `port` is a VF's.
  Result<VfList> read_vfs(const PortRecord& port) const;

  /// Writes what a release has left of a VF that no lane has; returns what is left now.
  Result<VfSettings> finish_reset(const PortRecord& port, const UnresetVf& vf) const;

  /// write_vf() through this kernel.
  Result<std::vector<Refusal>> write(int port_index, int vf, const VfSettings& settings) const;

  /// write() where each setting must be taken.
  Result<> set(int port_index, int vf, const VfSettings& settings) const;

  /// Whether a refused rate of zero changes nothing, for the VF has no rate. Asks for the port's
  /// list of VFs, so only after a refusal.
  bool has_no_rate(int port_index, int vf) const;

  /// Settings back to what a free VF has; returns those that the port did not take. The MAC among
  /// `settings` is the link's own.
  Result<VfSettings> reset(const PortRecord& port, const VfLocation& where,
                           const VfSettings& settings) const;

  /// Writes settings of a free VF; returns those that the port did not take and could.
  Result<VfSettings> write_baseline(int port_index, int vf, const VfSettings& settings) const;

  // The VF's MAC, as its port's driver would have it (vf_mac.cpp).

  /// The lane's link has the MAC asked for, or its own where an earlier release had to leave
  /// another; what the port is to be told besides is among settings_of().
  Result<> settle_mac(const PortRecord& port, const LaneRecord& lane, const VfLocation& where,
                      int port_index) const;
  Result<> give_mac(const PortRecord& port, const LaneRecord& lane, const VfLocation& where,
                    int port_index, const MacAddress& mac) const;
  /// The port forgets the MAC it was given, or gets the VF's own back.
  Result<> take_port_mac_back(const PortRecord& port, const VfLocation& where, int port_index,
                              const MacAddress& own) const;
  /// Waits for the link's driver to have `mac`, and writes it where that does not come by itself.
  /// `index` is the link's, as last known, or 0.
  Result<> settle_link_mac(const PortRecord& port, const VfLocation& where, int index,
                           const MacAddress& mac) const;
  /// A MAC for a VF whose driver gives its link none (given_mac.h).
  Result<MacAddress> own_mac_for(const VfLocation& where) const;

  /// The link that sysfs shows for the VF; `index` is its recorded one, or 0.
  Result<std::optional<Link>> link_at_home(const VfLocation& where, int index) const;
  Result<std::optional<Found>> find_link(const LaneRecord& lane, const VfLocation& where,
                                         Search search) const;
  Result<std::optional<Found>> find_in(std::optional<NetNs> netns, const LaneRecord& lane) const;
  static Result<std::optional<Link>> find_among(Links& links, const LaneRecord& lane);
  Result<std::optional<Link>> bring_home(const PortRecord& port, const LaneRecord& lane,
                                         const VfLocation& where, Search search) const;
  Result<> move_home(const LaneRecord& lane, const VfLocation& where, const Found& found) const;
  /// After a move that met a VF in reset: the link may have come, and what came after that not.
  Result<> move_home_in_reset(const LaneRecord& lane, Links& links, int index,
                              LinkChange change) const;

  /// Whether the RDMA device makes the link, and makes another one when it moves (IPoIB).
  static bool link_is_of_rdma(const PortRecord& port, const LaneRecord& lane);
  Result<> move_link_in(const LaneRecord& lane, const Pod& pod,
                        const std::optional<int>& mtu) const;
  /// For a link that is in the pod already: of a lane that is brought in again, or of a move that
  /// was cut short.
  Result<> stay_in_pod(const LaneRecord& lane, const Pod& pod, const std::optional<int>& mtu) const;
  Result<> finish_in_pod(const LaneRecord& lane, const Pod& pod, const std::optional<int>& mtu,
                         Result<> moved) const;
  Result<int> link_made_by_move(const LaneRecord& lane, const Pod& pod) const;

  static constexpr const char* kVfioDriver = "vfio-pci";  ///< Of a VF without a link.

  /// How long who moves RDMA devices waits for another one to be done.
  static constexpr std::chrono::seconds kRdmaLockTimeout{30};

  /// Success when the pod has no such device.
  Result<> move_rdma_home(const VfLocation& where, const NetNs& pod) const;
  Result<bool> has_rdma_device(const NetNs& netns, const std::string& name) const;
  Result<> move_rdma_in(const LaneRecord& lane, const VfLocation& where, const NetNs& pod) const;

  Kernel& kernel_;
  const Dir& sysfs_;
  std::string rdma_lock_;
  VfRepair repair_;
};

}  // namespace sluice
