#include "test/fake/port_model.h"

#include <cerrno>

#include "test/fake/vf_model.h"

namespace sluice {
namespace {

// Requests for which the carrier is away after VFs were made, where a driver takes it away.
constexpr int kCarrierAway = 4;

std::string stem_of(const FakeDriver& driver) {
  return driver.infiniband ? "ib" : "eth";
}

std::string rdma_name(const FakeDriver& driver, int number) {
  return (driver.port_driver == "bnxt_en" ? "bnxt_re" : "mlx5_") + std::to_string(number);
}

}  // namespace

PortModel::PortModel(FakeNode& node, const DriverModel& model, std::string function)
    : node_(node), model_(model), function_(std::move(function)) {
  Link link{.name = stem_of(driver()) + "0",
            .mtu = driver().infiniband ? 2044 : 1500,
            .parent_bus = "pci",
            .parent_device = function_};
  if (!driver().infiniband) link.mac = MacAddress({2, 0, 0, 0, 0xff, 0});
  const int index = node_.add_port(std::move(link), 0, driver());
  port().mbps = model.mbps;
  if (driver().rdma) add_rdma(function_, rdma_name(driver(), 0), FakeNode::kHost, index);
  node_.changed();
}

void PortModel::add_rdma(const std::string& function, const std::string& name, std::uint64_t netns,
                         int link) {
  FakeRdmaSubsystem& rdma = *node_.rdma();
  FakeRdmaSubsystem::Device& device = rdma.devices.at(rdma.add(name, netns, link));
  device.function = function;
  if (driver().infiniband) device.device.protocol = "ib";
}

int PortModel::set_vfs(int count) {
  FakeLink& link = port();
  if (count > driver().most_vfs) return driver().too_many_errno;
  if (count > 0 && !link.vfs.empty()) return EBUSY;
  for (auto& [index, vf] : link.vfs) remove_vf(vf);
  link.vfs.clear();
  const bool fails = driver().silent_failure && !link.link.up;
  for (int i = 0; i < count && !fails; ++i) add_vf(i);
  if (count > 0) link.unborn.clear();
  if (driver().count_drops_carrier) {
    node_.set_wire(link, false);
    link.wire_away = kCarrierAway;
  }
  node_.changed();
  return 0;
}

void PortModel::add_vf(int index) {
  FakeLink& link = port();
  const auto early = link.unborn.find(index);
  link.vfs[index] = early != link.unborn.end() ? early->second : fresh_fake_vf(link, index);
  FakeVf& made = link.vfs[index];
  made.link_name = link.link.name + "v" + std::to_string(index);
  add_link(made, index);
}

void PortModel::add_link(FakeVf& vf, int index) {
  const bool taken = node_.name_taken(FakeNode::kHost, vf.link_name);
  Link link{.name = taken ? node_.free_name(FakeNode::kHost, stem_of(driver())) : vf.link_name,
            .mtu = port().link.mtu,
            .parent_bus = "pci",
            .parent_device = vf.function};
  // Random, but for a device without one.
  const auto probe = static_cast<std::uint8_t>(probes_);
  if (driver().fresh_without_mac) link.mac = MacAddress();
  if (!driver().infiniband && !link.mac) {
    link.mac = MacAddress({2, 0, 0, 0, probe, static_cast<std::uint8_t>(index)});
  }
  const int at = node_.add_link(std::move(link));
  VfModel(node_, port(), vf).probe(*node_.find(at));
  if (driver().rdma) {
    add_rdma(vf.function, rdma_name(driver(), index + 1), FakeNode::kHost, at);
  }
}

void PortModel::remove_vf(FakeVf& vf) {
  node_.remove_link_of(vf.function);
  remove_rdma(vf.function);
}

void PortModel::remove_rdma(const std::string& function) {
  std::erase_if(node_.rdma()->devices,
                [&](const auto& entry) { return entry.second.function == function; });
}

void PortModel::lose_carrier() {
  node_.set_wire(port(), false);
  node_.changed();
}

void PortModel::restore_carrier() {
  restore_carrier(port().mbps);
}

void PortModel::restore_carrier(int mbps) {
  FakeLink& link = port();
  const bool other = link.mbps != mbps;
  link.mbps = mbps;
  node_.set_wire(link, true);
  for (auto& [index, vf] : link.vfs) {
    if (other) VfModel(node_, link, vf).rate_at_speed(driver().speed_change);
  }
  node_.changed();
}

void PortModel::reset() {
  FakeLink& link = port();
  for (auto& [index, vf] : link.vfs) {
    switch (driver().port_reset) {
      case PortReset::zeroes_rates: vf.info.rate = vf.programmed = Rate(); break;
      case PortReset::resets_vfs: VfModel(node_, link, vf).reset_unasked(); break;
      case PortReset::forgets_lone_floor:
        if (vf.info.rate->ceiling.is_zero()) vf.programmed = Rate();
        vf.checks_source = driver().spoofchk_default;
        break;
      default: break;
    }
  }
  if (driver().port_reset == PortReset::zeroes_rates && link.eswitch) {
    link.eswitch = EswitchMode::legacy;  // mlx5_eswitch_disable() of every unload.
  }
  if (driver().port_reset == PortReset::removes_vfs) set_vfs(0);
  node_.changed();
}

void PortModel::reset_vf(int index) {
  VfModel(node_, port(), vf(index)).reset_unasked();
  node_.changed();
}

bool PortModel::recreate_vf(int index) {
  if (!driver().recreates_link) return false;
  lose_vf(index);
  find_vf(index);
  return true;
}

// hw/bnxt_re/main.c bnxt_re_suspend(), bnxt_re_resume(): ib_unregister_device() and a new one.
void PortModel::recreate_rdma(int index) {
  remove_rdma(vf(index).function);
  const FakeLink& link = *link_of(index);
  const std::uint64_t netns = node_.netns_of(vf(index).function);
  add_rdma(vf(index).function, rdma_name(driver(), index + 1), FakeNode::kHost, link.link.index);
  node_.rdma()->devices.rbegin()->second.link_netns = netns;
  node_.changed();
}

void PortModel::find_vf(int index) {
  ++probes_;
  add_link(vf(index), index);
  node_.changed();
}

void PortModel::lose_vf(int index) {
  remove_vf(vf(index));
  node_.changed();
}

void PortModel::settle() {
  // More than any count of a model.
  for (int i = 0; i < 64; ++i) node_.tick();
  node_.changed();
}

bool PortModel::can_send(int index) {
  const FakeVf& sender = vf(index);
  const FakeLink* const link = link_of(index);
  if (link == nullptr || !link->link.up || sender.resetting > 0) return false;
  const bool checks = port().eswitch != EswitchMode::switchdev && sender.checks_source;
  if (driver().infiniband || !checks) return true;
  const MacAddress own = link->link.mac.value_or(MacAddress());
  switch (driver().spoof_rule) {
    case SpoofRule::own_macs: return true;
    case SpoofRule::noted_mac: return own == sender.info.mac;
    case SpoofRule::given_mac: return !sender.given.is_zero() && own == sender.given;
  }
  return false;
}

bool PortModel::can_receive(int index) {
  const FakeLink* const link = link_of(index);
  if (link == nullptr || !link->link.up) return false;
  return !driver().given_mac_filters || link->link.mac == vf(index).info.mac;
}

}  // namespace sluice
