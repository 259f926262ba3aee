#pragma once

#include "pkg/netlink/message.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// Requests of TrafficControl as messages. Pure: the opposite of decode_tc.h.

Message encode_add_qdisc(int link, const Qdisc& qdisc);
Message encode_remove_qdisc(int link, const Qdisc& qdisc);
Message encode_set_class(int link, const HtbClass& settings);
Message encode_remove_class(int link, TcHandle handle);
Message encode_add_filter(int link, const Filter& filter);
Message encode_remove_filter(int link, TcHandle parent, std::uint16_t priority);

/// A list: `type` is RTM_GETQDISC, RTM_GETTCLASS or RTM_GETTFILTER.
Message encode_tc_list(int type, int link, TcHandle parent = {});

}  // namespace sluice
