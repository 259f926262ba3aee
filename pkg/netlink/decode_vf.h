#pragma once

#include "pkg/base/result.h"
#include "pkg/netlink/message.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// The VFs of a port from what follows the nlmsghdr of its RTM_NEWLINK, asked for with
/// RTEXT_FILTER_VF. Pure. The length of a nested attribute is 16 bits and wraps at 335 VFs (222
/// with statistics), after which fewer VFs, or none, can be told apart: VfList::complete().
/// internal when not even the fixed header is whole.
Result<VfList> decode_vfs(Bytes payload);

/// Puts one IFLA_VFINFO_LIST with one IFLA_VF_INFO for all `settings` of `vf`. invalid_argument,
/// with nothing put, for a rate that is not whole Mbit/s below 2³¹, a VLAN id or priority out of
/// range, and a negative `vf`.
Result<> put_vf_settings(Message& message, int vf, const VfSettings& settings);

}  // namespace sluice
