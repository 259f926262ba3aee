#pragma once

#include <gtest/gtest.h>

#include <string>

#include "pkg/offers/offer_plan.h"
#include "test/unit/offers/offer_node.h"

namespace sluice {

/// A node with ports and classes, and what its plan says.
class OfferPlanTest : public testing::Test {
 protected:
  /// The example of the scenarios: 1 x 40 + 2 x 20 + 4 x 5 = 100.
  void add_metals() {
    node_.add_class("gold", BitRate::gbps(40), 1);
    node_.add_class("silver", BitRate::gbps(20), 2);
    node_.add_class("bronze", BitRate::gbps(5), 4);
  }

  std::string why(const std::string& vf) const {
    for (const Unoffered& group : node_.plan().unoffered) {
      for (const std::string& one : group.vfs) {
        if (one == vf) return fmt::format("{}: {}", to_string(group.reason), group.text);
      }
    }
    return "offered";
  }

  OfferNode node_;
};

}  // namespace sluice
