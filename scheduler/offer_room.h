#pragma once

#include <string>

#include "scheduler/node_state.h"

namespace sluice {

/// What is left of the node's classes by pods that hold `held`, where something is wished of it.
///
/// NodeLanes do not say of which classes the agent takes the offers that are missing, nor on which
/// ports. So each class is judged as if all were taken of it: for each as many of its own as have
/// that floor together, at least one for the VF; and on several ports one more, for the agent
/// spreads all offers over them again. What is wished of a class itself stays: agents serve all
/// wishes before the weights (plan_offers()).
///
/// On one port never more is left here than plan_offers() leaves; on several it is so for 1 to 3 %
/// of the classes with room (random nodes), where whole ports are divided otherwise. A withdrawn
/// offer is no longer offered but still missing elsewhere: until it is offered there, less is left
/// here than will be. Pure.
OfferRoom offer_room(const PublishedNode& node, const ClassLanes& held);

/// Why a pod cannot have these lanes of the node for now: "offers move to class gold, of which 3
/// more are wished"; empty: it can. Lanes of classes that gain offers are no reason, nor are those
/// of classes that the node's agent does not offer: a DRA driver may. Pure.
std::string refusal(const OfferRoom& room, const ClassLanes& asked);

}  // namespace sluice
