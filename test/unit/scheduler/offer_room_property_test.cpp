// What is said to stay of a class, against what an agent's plan leaves of it.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "scheduler/offer_room.h"
#include "test/unit/offers/offer_node.h"

namespace sluice {
namespace {

constexpr int kNodes = 3'000;
constexpr int kFloors[] = {1, 2, 5, 10, 20, 25, 40, 50};  // Gbit/s

/// Nodes of one port with two to four classes, some of whose offers pods hold.
class NodeMaker {
 public:
  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  OfferNode make() {
    OfferNode node;
    node.add_port({.line_rate = BitRate::gbps(100), .vfs = 4 + below(13)});
    for (int classes = 2 + below(3); classes > 0; --classes) {
      const auto floor = static_cast<std::uint64_t>(kFloors[below(std::size(kFloors))]);
      ClassRule& rule =
          node.add_class(fmt::format("c{}", classes), BitRate::gbps(floor), 1 + below(5));
      if (below(3) == 0) rule.min = below(3);
    }
    node.settle();
    for (const Offer& offer : node.current_) {
      if (below(2) == 0) node.held_.push_back(offer.vf);
    }
    return node;
  }

 private:
  std::mt19937 random_{20261130};
};

PublishedNode published(const OfferNode& node) {
  PublishedNode published{.class_ports = 1};
  for (const ClassRule& rule : node.classes_) {
    published.floors[rule.name] = rule.rate.floor;
    published.offered[rule.name] = 0;
  }
  for (const Offer& offer : node.current_) ++published.offered[offer.class_name];
  return published;
}

/// Of the offers that are there, by class, those whose VF is in `vfs` or not.
ClassLanes count_if(const OfferNode& node, const std::set<std::string>& vfs, bool is_in) {
  ClassLanes lanes;
  for (const Offer& offer : node.current_) {
    if ((vfs.count(offer.vf) != 0) == is_in) ++lanes[offer.class_name];
  }
  return lanes;
}

/// Free offers by class that the agent leaves where they are.
ClassLanes left_by_plan(const OfferNode& node) {
  std::set<std::string> gone(node.held_.begin(), node.held_.end());
  std::map<std::string, std::string> planned;
  for (const Offer& offer : node.plan().offers) planned[offer.vf] = offer.class_name;
  for (const Offer& offer : node.current_) {
    if (planned[offer.vf] != offer.class_name) gone.insert(offer.vf);
  }
  return count_if(node, gone, false);
}

TEST(OfferRoomProperty, OnOnePortIsNeverMoreThanThePlanOfTheAgentLeaves) {
  NodeMaker maker;
  int with_room = 0;
  for (int i = 0; i < kNodes; ++i) {
    OfferNode node = maker.make();
    const ClassLanes held = count_if(node, {node.held_.begin(), node.held_.end()}, true);
    PublishedNode says = published(node);
    const std::string& wished = node.classes_[0].name;
    says.wishes[wished] = says.offered[wished] + 1 + maker.below(3);
    node.wanted_ = says.wishes;
    const ClassLanes left = left_by_plan(node);
    for (const auto& [name, count] : offer_room(says, held).left) {
      ASSERT_LE(count, count_of(left, name)) << name << " of node " << i;
      if (count > 0) ++with_room;
    }
  }
  EXPECT_GT(with_room, kNodes / 10) << "pods are to pass where they can";
}

}  // namespace
}  // namespace sluice
