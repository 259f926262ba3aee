#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pkg/ledger/json_fields.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A VF's settings but its rate and GUIDs, as the files of the ledger have them. What is not set is
/// left out.
nlohmann::json encode_settings(const VfSettings& settings);

/// The same back. Problems are the fields' own.
VfSettings decode_settings(JsonFields& fields);

}  // namespace sluice
