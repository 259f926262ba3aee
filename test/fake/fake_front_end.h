#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/front_end.h"

namespace sluice {

/// A front end that has what it is told to have, and remembers what it was shown.
class FakeFrontEnd final : public FrontEnd {
 public:
  explicit FakeFrontEnd(FrontEndName name) : name_(name) {}

  FrontEndName name() const override { return name_; }

  std::optional<std::vector<std::string>> given_vfs(const Config& /*config*/) const override {
    return given;
  }

  bool asks_kubernetes() const override { return asks; }

  Result<> reconcile(const NodeState& node) override {
    ++steps;
    seen = node.given;
    seen_unrepaired = node.unrepaired;
    return fails_with ? Result<>(*fails_with) : Result<>();
  }

  std::vector<Offer> offers() const override { return made; }
  bool is_due() const override { return due; }
  void notice_lanes() override {}
  bool is_registered() const override { return true; }
  void hand_over() override {}
  void expect_loss() override {}

  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override {
    if (fails_with) return *fails_with;
    const auto found = lanes.find(pod.name);
    return found == lanes.end() ? std::vector<PodLane>() : found->second;
  }

  std::optional<std::vector<std::string>> given = std::vector<std::string>();
  bool asks = false;
  bool due = false;
  std::vector<Offer> made;
  std::map<std::string, std::vector<PodLane>> lanes;  ///< By the pod's name.
  std::optional<Error> fails_with;

  int steps = 0;
  std::optional<std::vector<std::string>> seen;
  std::vector<LaneRepair> seen_unrepaired;

 private:
  FrontEndName name_;
};

}  // namespace sluice
