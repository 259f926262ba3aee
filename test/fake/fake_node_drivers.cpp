// What the drivers of a FakeNode's links do.
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "test/fake/fake_node.h"
#include "test/fake/vf_model.h"

namespace sluice {
namespace {

// IPOIB_UD_MTU of a 4096-byte wire less its header (drivers/infiniband/ulp/ipoib/ipoib.h).
constexpr int kIpoibMtu = 2044;

}  // namespace

std::optional<FakeVfPlace> FakeNode::vf_at(const std::string& function) {
  if (function.empty()) return std::nullopt;
  for (auto& [cookie, space] : spaces_) {
    for (auto& [index, link] : space) {
      for (auto& [number, vf] : link.vfs) {
        if (vf.function == function) return FakeVfPlace{link, vf};
      }
    }
  }
  return std::nullopt;
}

FakeLink* FakeNode::link_of(const std::string& function) {
  if (function.empty()) return nullptr;
  for (auto& [cookie, space] : spaces_) {
    for (auto& [index, link] : space) {
      if (link.link.parent_device == function) return &link;
    }
  }
  return nullptr;
}

std::uint64_t FakeNode::netns_of(const std::string& function) {
  for (const auto& [cookie, space] : spaces_) {
    for (const auto& [index, link] : space) {
      if (link.link.parent_device == function) return cookie;
    }
  }
  std::fprintf(stderr, "%s has no link\n", function.c_str());
  std::abort();
}

void FakeNode::remove_link_of(const std::string& function) {
  if (const FakeLink* const link = link_of(function)) destroy(link->id);
}

void FakeNode::spread_carrier(FakeLink& port) {
  for (auto& [number, vf] : port.vfs) {
    FakeLink* const link = link_of(vf.function);
    if (link == nullptr) continue;
    const VfLinkState state = vf.info.link_state.value_or(VfLinkState::automatic);
    const bool wire =
        state == VfLinkState::automatic ? port.link.carrier : state == VfLinkState::enable;
    link->link.carrier = link->link.up && wire && vf.resetting == 0;
  }
}

void FakeNode::set_wire(FakeLink& port, bool wire) {
  port.wire = wire;
  port.link.carrier = port.link.up && wire;
  spread_carrier(port);
}

void FakeNode::tick() {
  for (auto& [cookie, space] : spaces_) {
    for (auto& [index, link] : space) {
      if (link.wire_away > 0 && --link.wire_away == 0) set_wire(link, true);
      for (auto& [number, vf] : link.vfs) VfModel(*this, link, vf).tick();
    }
  }
}

std::string FakeNode::free_name(std::uint64_t netns, const std::string& stem) const {
  int number = 0;
  while (name_taken(netns, stem + std::to_string(number))) ++number;
  return stem + std::to_string(number);
}

bool FakeNode::is_infiniband(const std::string& function) {
  if (const auto place = vf_at(function)) return place->port.driver.infiniband;
  const FakeLink* const link = link_of(function);
  return link != nullptr && link->driver.infiniband;
}

bool FakeNode::is_detached(const FakeLink& link) {
  const auto place = vf_at(link.link.parent_device);
  return place && VfModel(*this, place->port, place->vf).is_detached();
}

int FakeNode::set_mac(FakeLink& link, const MacAddress& mac) {
  if (const auto place = vf_at(link.link.parent_device)) {
    return VfModel(*this, place->port, place->vf).set_own_mac(link, mac);
  }
  if (mac.is_zero() || mac.is_multicast()) return EADDRNOTAVAIL;
  link.link.mac = mac;
  return 0;
}

int FakeNode::set_up(FakeLink& link, bool up) {
  const auto place = vf_at(link.link.parent_device);
  if (place && up) return VfModel(*this, place->port, place->vf).open(link);
  if (place) VfModel(*this, place->port, place->vf).close(link);
  link.link.up = up;
  link.link.carrier = up && link.wire;
  spread_carrier(link);
  return 0;
}

// drivers/infiniband/ulp/ipoib: ipoib_remove_one() destroys the link wherever it is,
// ipoib_add_one() makes a new one: in the host, from Linux 7.2 on in the device's namespace.
void FakeNode::ipoib_follows(FakeRdmaSubsystem::Device& device) {
  if (!is_infiniband(device.function)) return;
  remove_link_of(device.function);
  const std::uint64_t netns = version == KernelVersion::v7_3 ? device.netns : kHost;
  device.link_netns = netns;
  device.link = add_link({.name = free_name(netns, "ib"),
                          .mtu = kIpoibMtu,
                          .parent_bus = "pci",
                          .parent_device = device.function},
                         netns);
}

}  // namespace sluice
