#pragma once

#include "pkg/netlink/links.h"
#include "pkg/netlink/message.h"

namespace sluice {

/// A Link from what follows the nlmsghdr of an RTM_NEWLINK. Pure. Attributes that are cut short
/// count as not sent; internal when not even the fixed header is whole.
Result<Link> decode_link(Bytes payload);

}  // namespace sluice
