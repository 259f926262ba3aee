#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "test/lab/life/mortal_kernel.h"

namespace sluice {

/// Objects of the kernel as a process sees them that can die (Mortality).

class MortalLinks final : public Links {
 public:
  MortalLinks(Links& links, Mortality& process) : links_(links), process_(process) {}
  MortalLinks(std::unique_ptr<Links> links, Mortality& process)
      : owned_(std::move(links)), links_(*owned_), process_(process) {}

  Result<std::optional<Link>> find(const std::string& name) override;
  Result<std::optional<Link>> find(int index) override;
  Result<std::vector<Link>> list() override;
  Result<> change(int index, const LinkChange& change) override;
  Result<> remove_altnames(int index, const std::vector<std::string>& names) override;
  Result<> detach_xdp(int index, std::uint32_t modes) override;
  Result<> add(const NewLink& link) override;
  Result<> remove(int index) override;
  Result<> set_vf(int port_index, int vf, const VfSettings& settings) override;
  Result<VfList> vfs(int port_index) override;

 private:
  std::unique_ptr<Links> owned_;  ///< Those of a pod's namespace.
  Links& links_;
  Mortality& process_;
};

class MortalRdmaDevices final : public RdmaDevices {
 public:
  MortalRdmaDevices(RdmaDevices& devices, Mortality& process)
      : devices_(devices), process_(process) {}
  MortalRdmaDevices(std::unique_ptr<RdmaDevices> devices, Mortality& process)
      : owned_(std::move(devices)), devices_(*owned_), process_(process) {}

  Result<std::vector<RdmaDevice>> list() override;
  Result<RdmaNetnsMode> netns_mode() override;
  Result<std::optional<RdmaCharDevice>> char_device(std::uint32_t index,
                                                    const std::string& type) override;
  Result<std::optional<int>> link_of(std::uint32_t index) override;
  Result<std::vector<Gid>> gids(const std::string& device) override;
  Result<> move_to(std::uint32_t index, const NetNs& target) override;

 private:
  std::unique_ptr<RdmaDevices> owned_;
  RdmaDevices& devices_;
  Mortality& process_;
};

class MortalDevlink final : public Devlink {
 public:
  MortalDevlink(Devlink& devlink, Mortality& process) : devlink_(devlink), process_(process) {}

  Result<std::optional<EswitchMode>> eswitch_mode(const DevlinkDevice& device) override;
  Result<std::map<int, std::uint32_t>> vf_ports(const DevlinkDevice& device) override;
  Result<std::vector<RateObject>> rates(const DevlinkDevice& device) override;
  Result<std::optional<RateObject>> leaf(const DevlinkDevice& device, std::uint32_t port) override;
  Result<std::optional<RateObject>> node(const DevlinkDevice& device,
                                         const std::string& name) override;
  Result<> set_leaf(const DevlinkDevice& device, std::uint32_t port,
                    const RateChange& change) override;
  Result<> set_node(const DevlinkDevice& device, const std::string& name,
                    const RateChange& change) override;
  Result<> create_node(const DevlinkDevice& device, const std::string& name) override;
  Result<> delete_node(const DevlinkDevice& device, const std::string& name) override;

 private:
  Devlink& devlink_;
  Mortality& process_;
};

}  // namespace sluice
