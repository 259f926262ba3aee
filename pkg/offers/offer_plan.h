#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/bit_rate.h"
#include "pkg/config/classes.h"
#include "pkg/config/networks.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/offers.h"

namespace sluice {

/// What may be done with a VF as far as offers go.
enum class VfUse {
  usable,   ///< Can be offered.
  blocked,  ///< Belongs to the classes, but not now: used by another program, without a driver, …
  foreign,  ///< Belongs to another front end's share, or to none.
};

struct OfferVf {
  std::string address;
  int index = 0;
  VfUse use = VfUse::usable;
  std::string obstacle;  ///< Why it is not usable: "no driver".
};

/// A port as the offers see it.
struct OfferPort {
  const Port* hardware = nullptr;  ///< For selectors and NUMA; must outlive the call.
  const DriverCapability* capability = nullptr;
  BitRate line_rate;  ///< As last known; zero while unknown.
  BitRate bandwidth;  ///< The classes' share of what is usable.
  BitRate outside;    ///< Promised out of that share to lanes and grants beside offers.
  std::vector<OfferVf> vfs;

  /// Whether it can be judged what fits: drivers without any rates need no line rate for that.
  bool can_promise() const {
    return !line_rate.is_zero() || capability->ceiling == CeilingEnforcement::none;
  }
};

struct OfferInput {
  std::span<const OfferPort> ports;
  std::span<const ClassRule> classes;          ///< At most kMostClasses.
  std::span<const Offer> current;              ///< The offers file.
  std::span<const std::string> held;           ///< VFs that pods hold under their current offers.
  std::span<const NetworkRule> networks = {};  ///< Those of classes.
  /// So many offers of a class are wanted for now, by its name: pods wait for it.
  std::map<std::string, int> wanted = {};
};

/// Why VFs are not offered.
enum class WhyNot {
  foreign,       ///< Not in the classes' share.
  blocked,       ///< Something is in the way of the VF itself.
  no_line_rate,  ///< Nothing can be promised on the port before it was known once.
  not_selected,  ///< No class selects it.
  unsupported,   ///< The driver cannot keep what the classes promise.
  at_maximum,    ///< Every class that could take it has all it may have.
  waiting,       ///< It will be offered; only who looks at a node from outside says so.
  no_bandwidth,  ///< What is left of the port is not enough for any class that could take it.
};

std::string_view to_string(WhyNot reason);

/// VFs of one port that are not offered for one reason.
struct Unoffered {
  std::string port;
  std::vector<std::string> vfs;
  WhyNot reason = WhyNot::foreign;
  std::string text;  ///< For people, class by class and with the numbers.
};

/// How often a class is offered on the node.
struct ClassCount {
  std::string name;
  int offered = 0;
  int min = 0;

  bool is_short() const { return offered < min; }
};

struct OfferPlan {
  std::vector<Offer> offers;  ///< By port and VF.
  std::vector<Unoffered> unoffered;
  std::vector<ClassCount> classes;  ///< As configured; then those that only pods still hold.
};

/// Decides which VF is offered under which class. Pure: the same answer for the same input.
///
/// What holds of the answer:
///  - On every port the promises of the offers (effective_promise) sum to no more than the classes'
///    share less what is promised outside, so all may be taken at once. Only VFs that pods hold,
///    and a line rate that fell under them, can make it more; nothing is added then.
///  - A VF that a pod holds keeps its offer, class and rate, whatever became of class and port.
///  - No VF stays free that some class below its maximum could have.
///  - An offer that is there stays while its class is still due as many; where a VF is only for a
///    while without a driver, or its port without carrier, the offer stays as well.
///
/// How many each class is due follows from the configuration, the hardware and what is wanted, not
/// from who holds what, so that pods coming and going change nothing. The VFs are given out one by
/// one:
///  1. to classes below their minimum, first to the one with the fewest spare chances left to reach
///     it (one that cannot reach it any more comes last);
///  2. then, in the same way, to classes below what is wanted of them;
///  3. then to the class with the smallest (offers + 1) / weight (D'Hondt's rule), of equals to the
///     one with the larger floor. A class that fits nowhere any more, or has its maximum, drops
///     out, and the others go on.
/// Each takes, where it fits, a VF that the fewest classes compete for, then on the NUMA node and
/// on the port that have the fewest offers of the class, then where most bandwidth is free.
///
/// The packing is greedy, not optimal: where floors are large against the ports, fewer large ones
/// may be offered than an exhaustive search would find room for. `min` is what reserves that room.
/// Time: O(VFs x classes + VFs x ports); 8 ports x 128 VFs x 8 classes is below 1 ms (`make
/// bench`).
OfferPlan plan_offers(const OfferInput& input);

}  // namespace sluice
