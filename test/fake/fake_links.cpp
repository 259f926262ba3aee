#include "test/fake/fake_links.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>

#include "pkg/netlink/decode_vf.h"
#include "test/fake/vf_model.h"

namespace sluice {
namespace {

Result<> outcome(int error, const std::string& attempt) {
  if (error == 0) return {};
  return Error::from_errno(error, attempt);
}

std::string text_of(const FakeNode& node, const LinkChange& change) {
  std::string text;
  if (change.netns != nullptr) text += " netns=" + node.label(change.netns->cookie());
  if (change.mac) text += " mac=" + change.mac->to_string();
  if (change.mtu) text += fmt::format(" mtu={}", *change.mtu);
  if (change.name) text += " name=" + *change.name;
  if (change.up) text += *change.up ? " up" : " down";
  return text;
}

std::string text_of(const VfSettings& settings) {
  std::string text;
  if (settings.mac) text += " mac=" + settings.mac->to_string();
  if (settings.vlan) {
    text += fmt::format(" vlan={}/{}/{:04x}", settings.vlan->id, settings.vlan->qos,
                        settings.vlan->protocol);
  }
  if (settings.rate) {
    text += fmt::format(" rate={}..{}", settings.rate->floor.as_mbps_floor(),
                        settings.rate->ceiling.as_mbps_floor());
  }
  if (settings.spoofchk) text += *settings.spoofchk ? " spoofchk" : " no-spoofchk";
  if (settings.link_state) {
    text += fmt::format(" link_state={}", static_cast<int>(*settings.link_state));
  }
  if (settings.trust) text += *settings.trust ? " trust" : " no-trust";
  if (settings.node_guid) text += fmt::format(" node_guid={:016x}", *settings.node_guid);
  if (settings.port_guid) text += fmt::format(" port_guid={:016x}", *settings.port_guid);
  return text;
}

std::string text_of(const FakeNode& node, const NewLink& link) {
  std::string text =
      fmt::format(" {} '{}'", link.kind == LinkKind::veth ? "veth" : "macvlan", link.name);
  if (link.lower_index != 0) text += fmt::format(" lower={}", link.lower_index);
  if (!link.peer_name.empty()) text += " peer=" + link.peer_name;
  return text + text_of(node, LinkChange{.netns = link.netns, .mac = link.mac, .mtu = link.mtu});
}

std::optional<Link> link_of(const FakeLink* found) {
  if (found == nullptr) return std::nullopt;
  return found->link;
}

}  // namespace

Result<std::optional<Link>> FakeLinks::find(const std::string& name) {
  return request(fmt::format("find '{}'", name), [&]() -> Result<std::optional<Link>> {
    return link_of(node_.find(name, netns_));
  });
}

Result<std::optional<Link>> FakeLinks::find(int index) {
  return request(fmt::format("find {}", index), [&]() -> Result<std::optional<Link>> {
    return link_of(node_.find(index, netns_));
  });
}

Result<std::vector<Link>> FakeLinks::list() {
  return request("list", [&]() -> Result<std::vector<Link>> {
    std::vector<Link> links;
    for (const auto& [index, link] : node_.spaces().at(netns_)) links.push_back(link.link);
    return links;
  });
}

Result<> FakeLinks::change(int index, const LinkChange& change) {
  return request(fmt::format("change {}{}", index, text_of(node_, change)), [&] {
    return outcome(node_.change(netns_, index, change), fmt::format("set link {}", index));
  });
}

Result<> FakeLinks::remove_altnames(int index, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  const std::string text = fmt::format("remove_altnames {} {}", index, fmt::join(names, ","));
  return request(text, [&]() -> Result<> {
    const std::string attempt = fmt::format("remove alternative names of link {}", index);
    FakeLink* const link = node_.find(index, netns_);
    if (link == nullptr) return outcome(ENODEV, attempt);
    for (const std::string& name : names) {
      if (std::erase(link->link.altnames, name) == 0) return outcome(ENOENT, attempt);
    }
    return {};
  });
}

Result<> FakeLinks::detach_xdp(int index, std::uint32_t modes) {
  if (modes == 0) return {};
  return request(fmt::format("detach_xdp {} {}", index, modes), [&]() -> Result<> {
    const std::string attempt = fmt::format("detach XDP program of link {}", index);
    FakeLink* const link = node_.find(index, netns_);
    if (link == nullptr) return outcome(ENODEV, attempt);
    if (link->xdp_is_held) return outcome(EBUSY, attempt);
    link->link.xdp_modes &= ~modes;
    return {};
  });
}

Result<> FakeLinks::add(const NewLink& link) {
  return request("add" + text_of(node_, link), [&] {
    return outcome(node_.add(netns_, link), fmt::format("add link '{}'", link.name));
  });
}

Result<> FakeLinks::remove(int index) {
  const std::string text = fmt::format("remove {}", index);
  return request(text, [&] {
    return outcome(node_.remove(netns_, index), fmt::format("remove link {}", index));
  });
}

Result<> FakeLinks::set_vf(int port_index, int vf, const VfSettings& settings) {
  const std::string text = fmt::format("set_vf {}/{}{}", port_index, vf, text_of(settings));
  return request(text, [&]() -> Result<> {
    const std::string attempt = fmt::format("set VF {} of link {}", vf, port_index);
    Message encoded(0);  // For its checks.
    TRY(put_vf_settings(encoded, vf, settings).context("{}", attempt));
    FakeLink* const port = node_.find(port_index, netns_);
    return outcome(port == nullptr ? ENODEV : set(*port, vf, settings), attempt);
  });
}

int FakeLinks::set(FakeLink& port, int vf, const VfSettings& settings) {
  if (port.vfs.empty() && !port.driver.mac_before_vfs) return EOPNOTSUPP;
  if (const auto found = port.vfs.find(vf); found != port.vfs.end()) {
    return VfModel(node_, port, found->second).set(settings);
  }
  if (!port.driver.mac_before_vfs || vf >= port.driver.most_vfs) return EINVAL;
  const auto made = port.unborn.try_emplace(vf, fresh_fake_vf(port, vf));
  return VfModel(node_, port, made.first->second).set(settings);
}

Result<VfList> FakeLinks::vfs(int port_index) {
  return request(fmt::format("vfs {}", port_index), [&]() -> Result<VfList> {
    FakeLink* const port = node_.find(port_index, netns_);
    if (port == nullptr) {
      return Error::from_errno(ENODEV, fmt::format("get VFs of link {}", port_index));
    }
    VfList list{.announced = static_cast<std::uint32_t>(port->vfs.size())};
    for (auto& [index, vf] : port->vfs) {
      if (auto info = VfModel(node_, *port, vf).report()) list.vfs.push_back(*std::move(info));
    }
    return list;
  });
}

}  // namespace sluice
