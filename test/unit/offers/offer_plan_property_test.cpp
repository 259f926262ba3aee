// Random nodes from a fixed seed: what must hold of every plan, whatever the configuration.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "pkg/bandwidth/admission.h"
#include "test/unit/offers/offer_node.h"

namespace sluice {
namespace {

constexpr int kNodes = 10'000;

class NodeMaker {
 public:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  bool one_in(std::uint64_t n) { return below(n) == 0; }

  OfferNode make() {
    OfferNode node;
    for (std::uint64_t ports = below(4); ports > 0; --ports) add_port(node);
    for (std::uint64_t classes = below(6); classes > 0; --classes) add_class(node);
    return node;
  }

  void change(OfferNode& node) {
    if (!node.classes_.empty()) {
      ClassRule& rule = node.classes_[below(node.classes_.size())];
      if (one_in(2)) rule.weight = static_cast<int>(1 + below(5));
      if (one_in(3)) rule.max = static_cast<int>(below(6));
      if (one_in(3)) rule.rate.floor = floor();
      if (one_in(8)) rule.name += "x";
    }
    if (!node.ports_.empty() && one_in(3)) {
      OfferPort& port = node.ports_[below(node.ports_.size())];
      port.line_rate = port.bandwidth = one_in(3) ? BitRate() : BitRate::gbps(10 + below(90));
    }
  }

  void hold_some(OfferNode& node) {
    for (const Offer& offer : node.current_) {
      if (one_in(3)) node.held_.push_back(offer.vf);
    }
  }

 private:
  BitRate floor() { return one_in(4) ? BitRate() : BitRate::mbps(1 + below(40'000)); }

  void add_port(OfferNode& node) {
    static constexpr const char* kDrivers[] = {"mlx5_core", "ice", "i40e", "mlx4_core"};
    OfferPort& port = node.add_port({.driver = kDrivers[below(4)],
                                     .line_rate = BitRate::gbps(10 + below(90)),
                                     .numa = static_cast<int>(below(2)),
                                     .vfs = static_cast<int>(below(12))});
    if (one_in(3)) port.bandwidth = BitRate::gbps(below(10));
    if (one_in(3)) port.outside = BitRate::gbps(below(5));
    for (OfferVf& vf : port.vfs) {
      if (one_in(8)) vf.use = one_in(2) ? VfUse::blocked : VfUse::foreign;
    }
  }

  void add_class(OfferNode& node) {
    ClassRule& rule = node.add_class(fmt::format("c{}", node.classes_.size()), floor(),
                                     static_cast<int>(1 + below(5)));
    if (one_in(3)) rule.min = static_cast<int>(below(4));
    if (one_in(3)) rule.max = rule.min + static_cast<int>(below(4));
    if (one_in(4)) rule.select[0].numa_node = static_cast<int>(below(2));
    if (one_in(4)) rule.select[0].vfs = *IndexSet::parse(one_in(2) ? "0-3" : "2,5-7");
    if (one_in(6)) rule.select[0].port.driver = "ice";
  }

  std::mt19937_64 random_{20260201};
};

const OfferPort* port_of(const OfferNode& node, const Offer& offer) {
  for (const OfferPort& port : node.ports_) {
    if (port.hardware->address.to_string() == offer.port) return &port;
  }
  return nullptr;
}

BitRate promised(const OfferNode& node, const OfferPort& port, const std::vector<Offer>& offers) {
  BitRate sum;
  for (const Offer& offer : offers) {
    if (port_of(node, offer) == &port) sum += effective_promise(*port.capability, offer.rate.floor);
  }
  return sum;
}

void expect_feasible(const OfferNode& node, const std::vector<Offer>& offers, int number) {
  for (const OfferPort& port : node.ports_) {
    if (port.line_rate.is_zero()) continue;
    ASSERT_LE(promised(node, port, offers), port.bandwidth - port.outside) << "node " << number;
  }
  std::set<std::string> seen;
  for (const Offer& offer : offers) ASSERT_TRUE(seen.insert(offer.vf).second) << "node " << number;
}

/// Whether one more offer of the class could be made.
bool has_room(const OfferNode& node, const std::vector<Offer>& offers, const ClassRule& rule) {
  std::set<std::string> taken;
  for (const Offer& offer : offers) taken.insert(offer.vf);
  for (const OfferPort& port : node.ports_) {
    if (port.line_rate.is_zero() || !validate(*port.capability, port.line_rate, rule.rate)) {
      continue;
    }
    const BitRate cost = effective_promise(*port.capability, rule.rate.floor);
    const BitRate free = (port.bandwidth - port.outside) - promised(node, port, offers);
    for (const OfferVf& vf : port.vfs) {
      const bool may = vf.use == VfUse::usable && rule.may_use(*port.hardware, vf.index);
      if (may && !taken.contains(vf.address) && cost <= free) return true;
    }
  }
  return false;
}

void expect_nothing_left(const OfferNode& node, const std::vector<Offer>& offers, int number) {
  auto by_class = counts(offers);
  for (const ClassRule& rule : node.classes_) {
    const bool full = rule.max && by_class[rule.name] >= *rule.max;
    ASSERT_TRUE(full || !has_room(node, offers, rule)) << rule.name << " of node " << number;
  }
}

TEST(OfferPlanProperty, D24_EveryPlanIsJointlyFeasibleAndLeavesNothing) {
  NodeMaker maker;
  for (int i = 0; i < kNodes; ++i) {
    const OfferNode node = maker.make();
    const std::vector<Offer> offers = node.plan().offers;
    expect_feasible(node, offers, i);
    expect_nothing_left(node, offers, i);
    for (const ClassRule& rule : node.classes_) {
      const int bound = rule.max.value_or(1'000'000);
      ASSERT_LE(counts(offers)[rule.name], bound) << "node " << i;
    }
  }
}

TEST(OfferPlanProperty, D24_EveryVfIsOfferedOrItIsSaidWhyNot) {
  NodeMaker maker;
  for (int i = 0; i < kNodes; ++i) {
    const OfferNode node = maker.make();
    const OfferPlan plan = node.plan();
    std::set<std::string> named;
    for (const Offer& offer : plan.offers) named.insert(offer.vf);
    for (const Unoffered& group : plan.unoffered) {
      ASSERT_FALSE(group.text.empty() && group.reason > WhyNot::blocked) << "node " << i;
      for (const std::string& vf : group.vfs) ASSERT_TRUE(named.insert(vf).second) << vf;
    }
    std::size_t vfs = 0;
    for (const OfferPort& port : node.ports_) vfs += port.vfs.size();
    ASSERT_EQ(named.size(), vfs) << "node " << i;
  }
}

TEST(OfferPlanProperty, ThePlanOfAPlanIsItselfWhateverIsHeld) {
  NodeMaker maker;
  for (int i = 0; i < kNodes; ++i) {
    OfferNode node = maker.make();
    const std::vector<Offer> first = node.settle().offers;
    maker.hold_some(node);
    ASSERT_EQ(node.plan().offers, first) << "node " << i;
  }
}

TEST(OfferPlanProperty, AfterAnyChangeHeldVfsStayAndTheRestIsFeasibleAndFull) {
  NodeMaker maker;
  for (int i = 0; i < kNodes; ++i) {
    OfferNode node = maker.make();
    node.settle();
    maker.hold_some(node);
    const std::vector<Offer> before = node.current_;
    maker.change(node);
    const std::vector<Offer> after = node.settle().offers;
    std::vector<Offer> pinned;
    for (const Offer& offer : before) {
      const bool held =
          std::find(node.held_.begin(), node.held_.end(), offer.vf) != node.held_.end();
      if (!held) continue;
      ASSERT_EQ(std::count(after.begin(), after.end(), offer), 1) << "node " << i;
      pinned.push_back(offer);
    }
    for (const OfferPort& port : node.ports_) {
      if (port.line_rate.is_zero()) continue;
      // A line rate may have fallen below what pods hold: then nothing comes on top of that.
      const BitRate most = std::max(port.bandwidth - port.outside, promised(node, port, pinned));
      ASSERT_LE(promised(node, port, after), most) << "node " << i;
    }
    expect_nothing_left(node, after, i);
    ASSERT_EQ(node.plan().offers, after) << "node " << i;
  }
}

BitRate floor_of(const OfferNode& node, const std::string& class_name) {
  for (const ClassRule& rule : node.classes_) {
    if (rule.name == class_name) return rule.rate.floor;
  }
  return {};
}

/// Whether another class is above its minimum with VFs of which one would be enough.
bool could_be_helped(const OfferNode& node, const OfferPlan& plan, const std::string& class_name) {
  return std::ranges::any_of(plan.classes, [&](const ClassCount& other) {
    return other.offered > other.min && floor_of(node, other.name) >= floor_of(node, class_name);
  });
}

TEST(OfferPlanProperty, NoClassIsBelowItsMinimumWhileAnotherIsAboveItsAndHasWhatItNeeds) {
  // One port, one kind of VF: a class above its minimum could give room back.
  NodeMaker maker;
  for (int i = 0; i < kNodes; ++i) {
    OfferNode node;
    node.add_port({.vfs = static_cast<int>(1 + maker.below(12))});
    for (int c = 0; c < 3; ++c) {
      ClassRule& rule = node.add_class(fmt::format("c{}", c), BitRate::gbps(5 + maker.below(30)));
      rule.min = static_cast<int>(maker.below(3));
    }
    const OfferPlan plan = node.plan();
    for (const ClassCount& count : plan.classes) {
      ASSERT_FALSE(count.is_short() && could_be_helped(node, plan, count.name)) << "node " << i;
    }
  }
}

}  // namespace
}  // namespace sluice
