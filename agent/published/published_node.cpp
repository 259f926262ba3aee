#include "agent/published/published_node.h"

#include <algorithm>

#include "agent/grants/port_share.h"
#include "agent/published/held_pods.h"
#include "agent/published/pods_share.h"
#include "pkg/bandwidth/port_capability.h"
#include "pkg/ledger/records.h"
#include "plugin/describe.h"

namespace sluice {
namespace {

// What the definition of NodeLanes lets a text have.
constexpr std::size_t kLongestTrouble = 256;

PublishedShare published(const Share& share) {
  return {.vfs = static_cast<int>(share.vfs.size()), .bandwidth = share.bandwidth};
}

PublishedShare published(const PodsShare& pods, std::vector<std::string> networks) {
  networks.resize(std::min(networks.size(), kMostPublishedNetworks));
  return {.vfs = static_cast<int>(pods.vfs.size()),
          .bandwidth = pods.bandwidth,
          .vfio_vfs = static_cast<int>(pods.vfio.size()),
          .networks = std::move(networks)};
}

/// Why no lane can be given on the port; empty: one can.
std::string trouble_of(const Port& port, BitRate line_rate, const PortRecord* record,
                       const SetAside& aside) {
  std::string trouble = plugin::trouble_of(port);
  if (!trouble.empty()) return trouble;
  const std::string name = port.address.to_string();
  if (!port.carrier) return fmt::format("port {} has no carrier", name);
  const Result<> carries = check_carries({.port = name,
                                          .line_rate = line_rate,
                                          .usable = line_rate,
                                          .promised = sum_of(promises_on(port, record, aside))});
  return carries ? std::string() : carries.error().message();
}

PublishedPort published_port(const Port& port, const NodeState& node, const SetAside& aside,
                             const PodsShare& pods) {
  const DriverCapability& capability = capability_of(port);
  const std::string name = port.address.to_string();
  const PortRecord* const record = find_record(node.after, name);
  const BitRate line_rate = line_rate_of(port, record);
  const Shares shares = shares_of(port, *node.config, line_rate);
  const Share& for_pods = shares[static_cast<std::size_t>(FrontEndName::pods)];
  return {.name = name,
          .link = port.link,
          .medium = medium_of(port.link_type),
          .numa_node = port.numa_node,
          .driver = std::string(capability.driver),
          .line_rate = line_rate,
          .usable = usable_of(port, *node.config, line_rate),
          .vfs = static_cast<int>(port.vfs.size()),
          .floor_enforcement = std::string(to_string(capability.floor)),
          .ceiling_enforcement = std::string(to_string(capability.ceiling)),
          .trouble = trouble_of(port, line_rate, record, aside).substr(0, kLongestTrouble),
          .classes = published(shares[static_cast<std::size_t>(FrontEndName::classes)]),
          .claims = published(shares[static_cast<std::size_t>(FrontEndName::claims)]),
          .pods = published(pods, networks_of(port, for_pods.vfs, *node.config))};
}

std::vector<PublishedClass> published_classes(const Config& config,
                                              const std::vector<Offer>& offers) {
  const std::vector<ClassRule> rules = config.classes_of(FrontEndName::classes);
  std::vector<PublishedClass> classes;
  classes.reserve(rules.size());
  for (const ClassRule& rule : rules) {
    const auto offered = std::ranges::count_if(offers, [&](const Offer& offer) {
      return offer.class_name == rule.name && offer.state == OfferState::offered;
    });
    classes.push_back({.name = rule.name, .rate = rule.rate, .offered = static_cast<int>(offered)});
  }
  return classes;
}

std::vector<PublishedPort> published_ports(const NodeState& node, const SetAside& aside,
                                           const std::vector<PodsShare>& shares) {
  const std::vector<Port>& ports = node.inventory.ports;
  std::vector<PublishedPort> published;
  published.reserve(ports.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    published.push_back(published_port(ports[i], node, aside, shares[i]));
  }
  return published;
}

}  // namespace

NodeLanes published_node(const NodeState& node, const SetAside& aside,
                         const NodeIdentity& identity) {
  const std::vector<PodsShare> shares = pods_shares(node, aside);
  return {.node = identity.name,
          .uid = identity.uid,
          .domain = node.config->domain,
          .ports = published_ports(node, aside, shares),
          .classes = published_classes(*node.config, aside.offers),
          .held = held_pods(node, aside, shares),
          .wishes = {}};
}

std::vector<PublishedPort> published_ports(const NodeState& node, const SetAside& aside) {
  return published_ports(node, aside, pods_shares(node, aside));
}

}  // namespace sluice
