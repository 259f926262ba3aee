#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/annotations/placement_annotation.h"
#include "pkg/base/bit_rate.h"
#include "pkg/node_lanes/node_lanes.h"
#include "pkg/placement/node_ports.h"

namespace sluice {

/// How many lanes of each class a pod has.
using ClassLanes = std::map<std::string, int>;

/// Of the class; 0 where there are none.
int count_of(const ClassLanes& lanes, const std::string& class_name);

/// What a node's NodeLanes say, as far as decisions need it.
struct PublishedNode {
  std::vector<NodePort> ports;  ///< The pods' share with nothing promised.
  std::vector<HeldPod> held;
  std::string troubles;                   ///< Of ports with a share for pods; empty: none.
  BitRate classes;                        ///< The bandwidth of all ports for classes,
  BitRate claims;                         ///< and that for claims.
  std::map<std::string, BitRate> floors;  ///< By class.
  int class_ports = 0;                    ///< With a share for classes.
  ClassLanes offered;                     ///< VFs of each class, taken or not.
  ClassLanes wishes;                      ///< Of the scheduler, as the API has them.

  friend bool operator==(const PublishedNode&, const PublishedNode&) = default;
};

PublishedNode published_node(const NodeLanes& lanes);

/// What pods can count on of a node's classes while something is wished of it. Empty otherwise.
struct OfferRoom {
  ClassLanes missing;  ///< Wished and not offered yet, by class.
  ClassLanes left;     ///< Free offers that stay, by class; those of `missing` are not in it.
};

/// A node as a decision sees it. Immutable.
struct NodeState {
  std::size_t number = 0;       ///< Of the node; as small as there are few nodes.
  std::uint64_t version = 0;    ///< No other state has it, of whatever node.
  std::vector<NodePort> ports;  ///< The pods' share, and what is promised of it.
  std::string troubles;         ///< As in PublishedNode.
  /// Why it can have no pod with lanes; empty: `ports` decide.
  std::string refusal;
  bool can_wait = false;  ///< The refusal may pass.
  BitRate classes;        ///< Bandwidth for classes,
  BitRate classes_held;   ///< and what pods have of it.
  BitRate claims;
  std::map<std::string, BitRate> floors;
  OfferRoom room;
};

/// What the lanes are promised together, with these floors by class; a class without one costs
/// nothing.
BitRate bandwidth_of(const ClassLanes& lanes, const std::map<std::string, BitRate>& floors);

/// What one pod has of a node.
struct PodHolding {
  std::string_view uid;
  PodPlacement lanes;
  ClassLanes classes;
};

/// What they have of each class together.
ClassLanes held_by(std::span<const PodHolding* const> pods);

/// The state of a node with these pods on it. A pod that NodeLanes say holds lanes is counted as
/// they say, others by their placement; lanes on ports that are not there any more do not count.
/// Pure; number and version are left to the caller.
NodeState state_with(const PublishedNode& node, std::span<const PodHolding* const> pods);

}  // namespace sluice
