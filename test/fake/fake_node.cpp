#include "test/fake/fake_node.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "test/fake/vf_model.h"

namespace sluice {
namespace {

constexpr int kLoopback = 1;

// Before anything is done: IFNAMSIZ of linux/if.h, less the NUL.
int check_length(const std::string& name) {
  return name.size() > 15 ? ERANGE : 0;
}

// dev_valid_name() of net/core/dev.c.
int check_name(const std::string& name) {
  const bool refused = name.empty() || name == "." || name == ".." ||
                       name.find_first_of("/: \t\n") != std::string::npos;
  return refused ? EINVAL : 0;
}

// The smallest MTU with which IPv4 works (ETH_MIN_MTU) and the largest of a software link.
int check_mtu(int mtu) {
  return mtu < 68 || mtu > 65535 ? EINVAL : 0;
}

std::string kind_name(LinkKind kind) {
  return kind == LinkKind::veth ? "veth" : "macvlan";
}

}  // namespace

bool FakeLink::answers_to(const std::string& name) const {
  return link.name == name ||
         std::find(link.altnames.begin(), link.altnames.end(), name) != link.altnames.end();
}

FakeNode::FakeNode() {
  spaces_[kHost];
  addresses_[kHost] = std::make_shared<FakeAddressTable>();
  add_link({.index = kLoopback, .name = "lo", .mtu = 65536, .up = true, .carrier = true});
  rdma_->after_move = [this](FakeRdmaSubsystem::Device& device) {
    ipoib_follows(device);
    changed();
  };
}

int FakeNode::add_link(Link link, std::uint64_t netns) {
  if (link.mtu == 0) link.mtu = 1500;
  if (const auto vf = vf_at(link.parent_device); vf && vf->vf.link_name.empty()) {
    vf->vf.link_name = link.name;
  }
  return place({.link = std::move(link), .id = ++last_id_}, netns);
}

int FakeNode::add_port(Link link, int vfs, FakeDriver driver) {
  link.up = link.carrier = true;
  const int index = add_link(std::move(link));
  FakeLink& port = spaces_[kHost].at(index);
  port.driver = driver;
  port.eswitch = driver.eswitch;
  for (int i = 0; i < vfs; ++i) port.vfs[i] = fresh_fake_vf(port, i);
  return index;
}

std::uint64_t FakeNode::add_netns(const std::string& path) {
  const std::uint64_t cookie = ++last_cookie_;
  spaces_[cookie];
  addresses_[cookie] = std::make_shared<FakeAddressTable>();
  if (!path.empty()) paths_[path] = cookie;
  add_link({.index = kLoopback, .name = "lo", .mtu = 65536}, cookie);
  return cookie;
}

void FakeNode::kill_netns(std::uint64_t netns) {
  std::vector<std::uint64_t> software;
  std::vector<int> hardware;
  for (const auto& [index, link] : spaces_.at(netns)) {
    if (!link.hardware()) software.push_back(link.id);
    if (link.hardware() && index != kLoopback) hardware.push_back(index);
  }
  for (const std::uint64_t id : software) destroy(id);
  for (const int index : hardware) {
    home(netns, index);
  }
  for (auto& [index, device] : rdma_->devices) {
    if (device.netns != netns) continue;
    device.netns = kHost;
    rdma_->number(device);
    ipoib_follows(device);
  }
  spaces_.erase(netns);
  addresses_.erase(netns);
  std::erase_if(paths_, [&](const auto& entry) { return entry.second == netns; });
  changed();
}

void FakeNode::home(std::uint64_t from, int index) {
  set_up(*find(index, from), false);
  FakeLink link = take(from, index);
  if (name_taken(kHost, link.link.name)) link.link.name = fmt::format("dev{}", index);
  std::erase_if(link.link.altnames, [&](const auto& name) { return name_taken(kHost, name); });
  follow(from, index, kHost, place(std::move(link), kHost));
}

std::optional<std::uint64_t> FakeNode::netns_at(const std::string& path) const {
  const auto found = paths_.find(path);
  if (found == paths_.end()) return std::nullopt;
  return found->second;
}

FakeLink* FakeNode::find(const std::string& name, std::uint64_t netns) {
  for (auto& [index, link] : spaces_.at(netns)) {
    if (link.link.name == name) return &link;
  }
  return nullptr;
}

FakeLink* FakeNode::find(int index, std::uint64_t netns) {
  Space& space = spaces_.at(netns);
  const auto found = space.find(index);
  return found == space.end() ? nullptr : &found->second;
}

FakeVf& FakeNode::vf(const std::string& port, int index) {
  for (auto& [cookie, space] : spaces_) {
    FakeLink* const link = find(port, cookie);
    if (link != nullptr && !link->vfs.empty()) return link->vfs.at(index);
  }
  std::fprintf(stderr, "the test names a port '%s' that it did not add\n", port.c_str());
  std::abort();
}

std::string FakeNode::label(std::uint64_t netns) const {
  if (netns == kHost) return "host";
  for (const auto& [path, cookie] : paths_) {
    if (cookie == netns) return path;
  }
  return fmt::format("netns:{}", netns);
}

int FakeNode::change(std::uint64_t netns, int index, const LinkChange& change) {
  if (find(index, netns) == nullptr) return ENODEV;
  if (const int refused = check_length(change.name.value_or(""))) return refused;
  FakeLink* link = find(index, netns);
  // Addresses have another length there (validate_linkmsg of net/core/rtnetlink.c).
  if (change.mac && is_infiniband(link->link.parent_device)) return EINVAL;
  if (change.netns != nullptr && change.netns->cookie() != netns) {
    const std::uint64_t target = change.netns->cookie();
    const std::uint64_t id = link->id;
    if (const int refused = move(netns, index, target, change.name)) return refused;
    netns = target;
    for (auto& [at, moved] : spaces_.at(target)) {
      if (moved.id == id) link = &moved;
    }
  }
  return apply(netns, *link, change);
}

int FakeNode::apply(std::uint64_t netns, FakeLink& link, const LinkChange& change) {
  if (change.mac) {
    if (const int refused = set_mac(link, *change.mac)) return refused;
  }
  if (change.mtu) {
    if (const int refused = check_mtu(*change.mtu)) return refused;
    if (is_detached(link)) return ENODEV;
    link.link.mtu = *change.mtu;
  }
  if (change.name && *change.name != link.link.name) {
    if (const int refused = check_name(*change.name)) return refused;
    if (name_taken(netns, *change.name)) return EEXIST;  // Its own altname, too.
    link.link.name = *change.name;
  }
  if (change.up) {
    if (const int refused = set_up(link, *change.up)) return refused;
  }
  if (change.end_special_modes) link.link.special_modes = false;
  return 0;
}

int FakeNode::move(std::uint64_t from, int index, std::uint64_t to,
                   const std::optional<std::string>& name) {
  const FakeLink& link = spaces_.at(from).at(index);
  if (!spaces_.contains(to) || index == kLoopback) return EINVAL;
  std::string name_there = link.link.name;
  if (name_taken(to, name_there)) {
    if (!name || name_taken(to, *name)) return EEXIST;
    name_there = *name;
  }
  for (const std::string& altname : link.link.altnames) {
    if (name_taken(to, altname)) return EEXIST;
  }
  set_up(*find(index, from), false);
  FakeLink moved = take(from, index);
  moved.link.name = name_there;
  moved.link.master_index = 0;
  follow(from, index, to, place(std::move(moved), to));
  return 0;
}

int FakeNode::add(std::uint64_t netns, const NewLink& wanted) {
  if (const int refused = check_length(wanted.name)) return refused;
  if (const int refused = check_name(wanted.name)) return refused;
  const std::uint64_t target = wanted.netns != nullptr ? wanted.netns->cookie() : netns;
  if (!spaces_.contains(target)) return EINVAL;
  if (name_taken(target, wanted.name)) return EEXIST;
  Link made{
      .name = wanted.name,
      .kind = kind_name(wanted.kind),
      .mtu = wanted.mtu.value_or(1500),
      .mac = wanted.mac.value_or(MacAddress({2, 0, 0, 0, 1, static_cast<std::uint8_t>(last_id_)}))};
  if (wanted.kind == LinkKind::veth) return add_veth(netns, target, wanted, std::move(made));
  const FakeLink* const lower = find(wanted.lower_index, netns);
  if (lower == nullptr) return ENODEV;
  made.lower_index = wanted.lower_index;
  place({.link = std::move(made), .id = ++last_id_, .lower_id = lower->id}, target);
  return 0;
}

int FakeNode::add_veth(std::uint64_t netns, std::uint64_t target, const NewLink& wanted,
                       Link made) {
  if (const int refused = check_name(wanted.peer_name)) return refused;
  if (name_taken(netns, wanted.peer_name)) return EEXIST;
  const std::uint64_t here = ++last_id_;
  const std::uint64_t there = ++last_id_;
  const int peer = place({.link = {.name = wanted.peer_name, .kind = "veth", .mtu = 1500},
                          .id = here,
                          .lower_id = there},
                         netns);
  made.lower_index = peer;
  const int index = place({.link = std::move(made), .id = there, .lower_id = here}, target);
  spaces_.at(netns).at(peer).link.lower_index = index;
  return 0;
}

int FakeNode::remove(std::uint64_t netns, int index) {
  const FakeLink* const link = find(index, netns);
  if (link == nullptr) return ENODEV;
  if (link->hardware()) return EOPNOTSUPP;
  destroy(link->id);
  return 0;
}

bool FakeNode::name_taken(std::uint64_t netns, const std::string& name) const {
  const Space& space = spaces_.at(netns);
  return std::any_of(space.begin(), space.end(),
                     [&](const auto& entry) { return entry.second.answers_to(name); });
}

int FakeNode::place(FakeLink link, std::uint64_t netns) {
  Space& space = spaces_.at(netns);
  int index = link.link.index;     // Kept where it is free.
  int& last = last_index_[netns];  // Those of links that are gone are not given again.
  if (index == 0 || space.contains(index)) index = last + 1;
  last = std::max(last, index);
  link.link.index = index;
  space.emplace(index, std::move(link));
  addresses_.at(netns)->add_link(index);
  return index;
}

FakeLink FakeNode::take(std::uint64_t netns, int index) {
  addresses_.at(netns)->links.erase(index);  // Addresses and routes do not move.
  return std::move(spaces_.at(netns).extract(index).mapped());
}

void FakeNode::follow(std::uint64_t from, int old_index, std::uint64_t to, int new_index) {
  for (auto& [index, device] : rdma_->devices) {
    if (device.link_netns != from || device.link != old_index) continue;
    device.link_netns = to;
    device.link = new_index;
  }
}

void FakeNode::destroy(std::uint64_t id) {
  for (auto& [netns, space] : spaces_) {
    const auto found = std::find_if(space.begin(), space.end(),
                                    [id](const auto& entry) { return entry.second.id == id; });
    if (found == space.end()) continue;
    take(netns, found->first);
    break;
  }
  std::vector<std::uint64_t> dependents;
  for (const auto& [netns, space] : spaces_) {
    for (const auto& [index, link] : space) {
      if (link.lower_id == id) dependents.push_back(link.id);
    }
  }
  for (const std::uint64_t dependent : dependents) destroy(dependent);
}

}  // namespace sluice
