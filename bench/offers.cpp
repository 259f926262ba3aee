// All offers of a large node, from nothing and with everything in place: 8 ports x 128 VFs x 8
// classes.
#include "bench/bench.h"
#include "pkg/offers/offer_plan.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kPorts = 8;
constexpr int kVfs = 128;
constexpr int kClasses = 8;
constexpr int kRounds = 31;
constexpr double kMostOfHash = 3;  // Against FNV-1a over 1 MiB.

struct Node {
  std::vector<Port> hardware{kPorts};
  std::vector<OfferPort> ports;
  std::vector<ClassRule> classes;
  std::vector<Offer> current;
  std::vector<std::string> held;
};

Node large_node() {
  Node node;
  for (std::size_t p = 0; p < kPorts; ++p) {
    Port& hardware = node.hardware[p];
    hardware.address = PciAddress::parse(fmt::format("0000:{:02x}:00.0", 0x10 + p)).value();
    hardware.driver = "mlx5_core";
    hardware.link = fmt::format("ens{}f0np0", p);
    hardware.numa_node = static_cast<int>(p % 2);
    OfferPort port{.hardware = &hardware,
                   .capability = &capability_of("mlx5_core"),
                   .line_rate = BitRate::gbps(400),
                   .bandwidth = BitRate::gbps(400),
                   .outside = {},
                   .vfs = {}};
    for (int i = 0; i < kVfs; ++i) {
      port.vfs.push_back(
          {.address = fmt::format("0000:{:02x}:{:02x}.{}", 0x10 + p, 1 + i / 8, i % 8),
           .index = i,
           .use = VfUse::usable,
           .obstacle = {}});
    }
    node.ports.push_back(std::move(port));
  }
  for (int c = 0; c < kClasses; ++c) {
    ClassRule rule{
        .name = fmt::format("class-{}", c),
        .rate = {.floor = BitRate::mbps(500U << static_cast<unsigned>(c)), .ceiling = {}},
        .weight = kClasses - c,
        .min = c,
        .max = {}};
    rule.select[0].port.link = "ens*";
    node.classes.push_back(std::move(rule));
  }
  return node;
}

double measure(const Node& node, std::vector<Offer>& offers) {
  std::vector<double> rounds;
  rounds.reserve(kRounds);
  for (int i = 0; i < kRounds; ++i) {
    rounds.push_back(seconds([&] {
      offers = plan_offers({.ports = node.ports,
                            .classes = node.classes,
                            .current = node.current,
                            .held = node.held})
                   .offers;
    }));
  }
  return median(rounds);
}

bool run() {
  Node node = large_node();
  std::vector<Offer> offers;
  const double fresh = measure(node, offers);
  node.current = offers;
  for (std::size_t i = 0; i < offers.size(); i += 2) node.held.push_back(offers[i].vf);
  const double again = measure(node, offers);
  const bool same = offers == node.current;
  node.classes[0].weight = 1;
  const double changed = measure(node, offers);
  const double hash = arithmetic(std::size_t{1} << 20U);
  const auto is_fast = [hash](const char* what, double measured) {
    return print({.what = what,
                  .measured = measured,
                  .reference = hash,
                  .reference_name = "FNV-1a of 1 MiB",
                  .most_ratio = kMostOfHash});
  };
  bool fast = is_fast("offers, 8 ports x 128 VFs x 8 classes", fresh);
  fast &= is_fast("offers, nothing to change", again);
  fast &= is_fast("offers, new weights", changed);
  return fast && same && !offers.empty();
}

}  // namespace
}  // namespace sluice::bench

int main() {
  return sluice::bench::run() ? 0 : 1;
}
