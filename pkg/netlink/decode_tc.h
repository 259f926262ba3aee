#pragma once

#include <optional>

#include "pkg/netlink/message.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// A traffic-control object and the link it is on.
template <typename T>
struct OnLink {
  int link = 0;
  T value;
};

/// From the payload of RTM_NEWQDISC; nullopt when it is cut short.
std::optional<OnLink<Qdisc>> decode_qdisc(Bytes payload);

/// From the payload of RTM_NEWTCLASS; nullopt when it is no HTB class or cut short.
std::optional<OnLink<HtbClassState>> decode_htb_class(Bytes payload);

/// From the payload of RTM_NEWTFILTER; nullopt for all but u32 rules with an action that Filter
/// knows: the kernel lists each priority and hash table beside them.
std::optional<OnLink<Filter>> decode_filter(Bytes payload);

}  // namespace sluice
