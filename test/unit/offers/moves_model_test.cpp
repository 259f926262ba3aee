// All interleavings of the agent and a model of kubelet on a small node: invariants 1 and 7 hold in
// every state that can be reached, crashes of the agent at any moment included.
#include "test/unit/offers/moves_model.h"

#include <gtest/gtest.h>

#include <deque>
#include <unordered_set>

#include "pkg/bandwidth/admission.h"
#include "pkg/offers/moves.h"
#include "test/unit/offers/offer_node.h"

namespace sluice {
namespace {

const std::vector<std::string> kClasses = {"gold", "silver"};
constexpr int kMostChanges = 2;
constexpr int kMostPods = 1;
constexpr int kMostCrashes = 1;
constexpr std::size_t kMostQueued = 2;

class OfferMovesModel : public testing::Test {
 protected:
  OfferMovesModel() {
    node_.add_port({.vfs = 2});
    ports_.assign(node_.ports_.begin(), node_.ports_.end());
    goals_ = {{offer(0, "gold", 60), offer(1, "silver", 40)},
              {offer(0, "silver", 40), offer(1, "gold", 60)},
              {offer(0, "silver", 50), offer(1, "silver", 50)}};
  }

  static Offer offer(int vf, const std::string& class_name, std::uint64_t gbps) {
    return {.vf = OfferNode::vf(0, vf),
            .port = OfferNode::port_name(0),
            .class_name = class_name,
            .rate = {.floor = BitRate::gbps(gbps), .ceiling = {}}};
  }

  static std::map<std::string, List> lists_of(const World& world) {
    std::map<std::string, List> lists;
    for (const std::string& class_name : kClasses) lists[class_name];
    for (const Offer& offer : world.file) {
      if (offer.state == OfferState::offered) lists[offer.class_name].insert(offer.vf);
    }
    return lists;
  }

  // What can happen next; each adds the worlds it leads to.

  void change_goal(const World& world) {
    if (world.changes == kMostChanges) return;
    for (std::size_t goal = 0; goal < goals_.size(); ++goal) {
      if (goal == world.goal) continue;
      World next = world;
      next.goal = goal;
      ++next.changes;
      visit(std::move(next));
    }
  }

  void send(const World& world) {
    if (world.sent) return;
    World next = world;
    for (const auto& [class_name, list] : lists_of(world)) {
      auto& stream = next.kubelet.streams[class_name];
      if (stream.size() == kMostQueued) return;
      stream.push_back(list);
    }
    next.sent = true;
    visit(std::move(next));
  }

  void read_view(const World& world) {
    if (!world.sent || world.has_view) return;
    World next = world;
    next.has_view = true;
    next.view = {.published = world.kubelet.published, .kubelet = {}};
    for (const auto& [class_name, list] : world.kubelet.lists) {
      for (const std::string& vf : list) next.view.kubelet.insert({class_name, vf});
    }
    visit(std::move(next));
  }

  // What the code relies on: within kListTime kubelet has handled what it was sent.
  static bool is_quiet(const World& world) {
    for (const auto& [class_name, stream] : world.kubelet.streams) {
      if (!stream.empty()) return false;
    }
    return world.sent;
  }

  void pass_time(const World& world) {
    if (!world.mover.is_waiting() || !is_quiet(world)) return;
    if (world.mover.longest_wait(world.now) >= kWithdrawalTimeout) return;
    for (const std::chrono::seconds time : {kListTime, kWithdrawalTimeout}) {
      World next = world;
      next.now += time;
      visit(std::move(next));
    }
  }

  void step(const World& world) {
    if (!world.has_view) return;
    World next = world;
    std::map<std::string, int> healthy;
    for (const auto& [class_name, list] : lists_of(world)) {
      healthy[class_name] = static_cast<int>(list.size());
    }
    std::vector<std::string> held;
    for (const auto& [vf, class_name] : world.kubelet.allocated) held.push_back(vf);
    const MoveStep made = next.mover.step({.current = world.file,
                                           .desired = goals_[world.goal],
                                           .ports = ports_,
                                           .held = held,
                                           .healthy = healthy,
                                           .view = &world.view,
                                           .now = world.now});
    for (const Move& move : made.moves) {
      if (move.kind != Move::Kind::gone) continue;
      ++confirmed_;
      EXPECT_LE(world.view.published.contains(move.offer.class_name)
                    ? world.view.published.at(move.offer.class_name)
                    : 0,
                healthy[move.offer.class_name]);
    }
    next.file = made.offers;
    next.sent = made.moves.empty();
    next.has_view = false;
    next.view = {};
    visit(std::move(next));
  }

  void crash(const World& world) {
    if (world.crashes == kMostCrashes) return;
    World next = world;
    ++next.crashes;
    next.mover = OfferMover();
    next.sent = next.has_view = false;
    next.view = {};
    next.kubelet.streams.clear();
    next.kubelet.lists.clear();  // Kubelet takes all devices of an ended stream for unhealthy.
    visit(std::move(next));
  }

  void see_list(const World& world) {
    for (const std::string& class_name : kClasses) {
      const auto stream = world.kubelet.streams.find(class_name);
      if (stream == world.kubelet.streams.end() || stream->second.empty()) continue;
      World next = world;
      next.kubelet.lists[class_name] = stream->second.front();
      next.kubelet.streams[class_name].pop_front();
      visit(std::move(next));
    }
  }

  void publish(const World& world) {
    World next = world;
    for (const std::string& class_name : kClasses) {
      next.kubelet.published[class_name] = static_cast<int>(next.kubelet.lists[class_name].size());
    }
    visit(std::move(next));
  }

  void allocate(const World& world) {
    if (world.pods == kMostPods) return;
    for (const auto& [class_name, list] : world.kubelet.lists) {
      for (const std::string& vf : list) {
        if (world.kubelet.allocated.contains(vf)) continue;
        World next = world;
        ++next.pods;
        const auto taken = take_offer(next.file, class_name, vf);
        ASSERT_TRUE(taken) << taken.error().message() << "\n" << key_of(world);
        if (*taken) next.sent = false;
        next.kubelet.allocated[vf] = class_name;
        ++allocated_;
        visit(std::move(next));
      }
    }
  }

  void end_pod(const World& world) {
    for (const auto& [vf, class_name] : world.kubelet.allocated) {
      World next = world;
      next.kubelet.allocated.erase(vf);
      visit(std::move(next));
    }
  }

  void check(const World& world) const {
    BitRate sum;
    for (const Offer& offer : world.file) {
      sum += effective_promise(*ports_[0].capability, offer.rate.floor);
    }
    ASSERT_LE(sum, ports_[0].bandwidth) << encode_offers(world.file);
    for (const auto& [class_name, list] : world.kubelet.lists) {
      for (const std::string& vf : list) {
        std::vector<Offer> file = world.file;
        ASSERT_TRUE(take_offer(file, class_name, vf)) << key_of(world);
      }
    }
    for (const auto& [vf, class_name] : world.kubelet.allocated) {
      std::vector<Offer> file = world.file;
      ASSERT_TRUE(take_offer(file, class_name, vf)) << key_of(world);
    }
  }

  void visit(World world) {
    if (!seen_.insert(key_of(world)).second) return;
    check(world);
    queue_.push_back(std::move(world));
  }

  void explore() {
    visit(World());
    while (!queue_.empty() && !HasFatalFailure()) {
      const World world = std::move(queue_.front());
      queue_.pop_front();
      change_goal(world);
      send(world);
      read_view(world);
      step(world);
      pass_time(world);
      crash(world);
      see_list(world);
      publish(world);
      allocate(world);
      end_pod(world);
    }
  }

  OfferNode node_;
  std::vector<OfferPort> ports_;
  std::vector<std::vector<Offer>> goals_;
  std::unordered_set<std::string> seen_;
  std::deque<World> queue_;
  int confirmed_ = 0;
  int allocated_ = 0;
};

TEST_F(OfferMovesModel, D26_WhatKubeletHasCanAlwaysBeAllocatedAndNoPortPromisesTooMuch) {
  explore();
  EXPECT_GT(seen_.size(), 10'000U);
  EXPECT_GT(confirmed_, 100) << "moves between classes were part of it";
  EXPECT_GT(allocated_, 100);
  RecordProperty("states", static_cast<int>(seen_.size()));
}

}  // namespace
}  // namespace sluice
