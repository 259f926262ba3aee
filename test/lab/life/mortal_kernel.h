#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pkg/netlink/kernel.h"

namespace sluice {

/// Counts what a process asks to be changed, and ends it before any of these requests. A request
/// that only looks is no death of its own: nothing differs between before and after it.
class Mortality {
 public:
  void die_before(int nth, std::function<void()> at_death);
  bool is_dead() const { return dead_; }
  void revive();
  int changes() const { return changes_; }

  /// Errors of a dead process; success of a living one.
  Result<> look() const;
  Result<> change();

 private:
  bool dead_ = false;
  int changes_ = 0;
  int dies_at_ = 0;  ///< 0: it lives.
  std::function<void()> at_death_;
};

/// A kernel as seen by a process that can die before any change of links, RDMA devices or devlink
/// rates; from then on every request fails without effect. Both others must outlive it.
class MortalKernel final : public Kernel {
 public:
  MortalKernel(Kernel& kernel, Mortality& process);
  ~MortalKernel() override;

  const NetNs& host() const override { return kernel_.host(); }
  Links& links() override { return *links_; }
  Result<RdmaDevices*> rdma() override;
  Result<TrafficControl*> traffic_control() override;
  Result<Devlink*> devlink() override;
  Result<std::optional<NetNs>> find_netns(const std::string& path) override;
  Result<std::optional<NetNs>> find_netns_holding(const std::string& parent_device) override;
  Result<std::unique_ptr<Links>> links_in(const NetNs& netns) override;
  Result<std::unique_ptr<Addresses>> addresses_in(const NetNs& netns) override;
  Result<std::unique_ptr<RdmaDevices>> rdma_in(const NetNs& netns) override;

 private:
  Kernel& kernel_;
  Mortality& process_;
  std::unique_ptr<Links> links_;
  std::unique_ptr<RdmaDevices> rdma_;
  std::unique_ptr<Devlink> devlink_;
};

}  // namespace sluice
