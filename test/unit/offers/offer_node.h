#pragma once

#include <fmt/format.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "pkg/offers/offer_plan.h"

namespace sluice {

/// A node in memory whose offers are planned; `current` is what the last plan said.
class OfferNode {
 public:
  struct PortFacts {
    std::string driver = "mlx5_core";
    BitRate line_rate = BitRate::gbps(100);
    int numa = 0;
    int vfs = 8;
  };

  /// Ports are 0000:10:00.0, 0000:11:00.0, …; VFs of the first 0000:10:02.0, 0000:10:02.1, …
  OfferPort& add_port(const PortFacts& facts) {
    const std::size_t number = ports_.size();
    Port& hardware = hardware_.emplace_back();
    hardware.address = *PciAddress::parse(fmt::format("0000:{:02x}:00.0", 0x10 + number));
    hardware.driver = facts.driver;
    hardware.link = fmt::format("eth{}", number);
    hardware.numa_node = facts.numa;
    OfferPort port{.hardware = &hardware,
                   .capability = &capability_of(facts.driver),
                   .line_rate = facts.line_rate,
                   .bandwidth = facts.line_rate,
                   .outside = {},
                   .vfs = {}};
    for (int i = 0; i < facts.vfs; ++i) {
      port.vfs.push_back(
          {.address = vf(number, i), .index = i, .use = VfUse::usable, .obstacle = {}});
    }
    return ports_.emplace_back(std::move(port));
  }

  ClassRule& add_class(const std::string& name, BitRate floor, int weight = 1) {
    ClassRule rule{
        .name = name, .rate = {.floor = floor, .ceiling = {}}, .weight = weight, .max = {}};
    return classes_.emplace_back(std::move(rule));
  }

  static std::string vf(std::size_t port, int index) {
    return fmt::format("0000:{:02x}:{:02x}.{}", 0x10 + port, 2 + index / 8, index % 8);
  }

  static std::string port_name(std::size_t port) {
    return fmt::format("0000:{:02x}:00.0", 0x10 + port);
  }

  OfferPlan plan() const {
    const std::vector<OfferPort> ports(ports_.begin(), ports_.end());
    const std::vector<ClassRule> classes(classes_.begin(), classes_.end());
    return plan_offers({.ports = ports,
                        .classes = classes,
                        .current = current_,
                        .held = held_,
                        .networks = networks_,
                        .wanted = wanted_});
  }

  /// Plans, and makes it what is offered.
  OfferPlan settle() {
    OfferPlan made = plan();
    current_ = made.offers;
    return made;
  }

  std::deque<Port> hardware_;
  std::deque<OfferPort> ports_;
  std::deque<ClassRule> classes_;
  std::vector<Offer> current_;
  std::vector<std::string> held_;
  std::vector<NetworkRule> networks_;
  std::map<std::string, int> wanted_;
};

/// Offers by class.
inline std::map<std::string, int> counts(const std::vector<Offer>& offers,
                                         const std::string& port = "") {
  std::map<std::string, int> by_class;
  for (const Offer& offer : offers) {
    if (port.empty() || offer.port == port) ++by_class[offer.class_name];
  }
  return by_class;
}

}  // namespace sluice
