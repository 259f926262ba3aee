#pragma once

#include <map>
#include <span>
#include <string>

#include "scheduler/node_state.h"

namespace sluice {

/// What a node does with its classes.
struct ClassNode {
  std::string name;
  ClassLanes offered;  ///< VFs of each class of the node, taken or not.
  ClassLanes held;     ///< Those that pods bound there have.
  ClassLanes wishes;   ///< As the API has them now.
};

/// Which offers of which class are wanted on which node, in all, so that pods that wait for classes
/// are served: by node, those alone of which something is wished.
///
/// Each waiting pod goes to the node that has to change the class of the fewest free offers for it,
/// none where they have been changed already; of equals to one of which the class is wished
/// already, then to the one with the most free offers of other classes. Where no node has as many,
/// nothing is wished for the pod. Pure; `nodes` in the order of their names.
std::map<std::string, ClassLanes> wishes_for(std::span<const ClassLanes> waiting,
                                             std::span<const ClassNode> nodes);

}  // namespace sluice
