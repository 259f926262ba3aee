#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pkg/json/members.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A VF's settings but its rate and GUIDs, as the files of the ledger have them. What is not set is
/// left out.
nlohmann::json encode_settings(const VfSettings& settings);

/// The same back.
VfSettings decode_settings(Members settings);

}  // namespace sluice
