#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/rate.h"
#include "pkg/json/members.h"

namespace sluice {

/// A rate in the ledger's files: its floor and ceiling in bit/s.
nlohmann::json encode_rate(const Rate& rate);
Rate decode_rate(Members rate);

}  // namespace sluice
