#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cni/protocol/error.h"

namespace sluice::cni {

/// unsupported_field when a key of the network configuration, or of its runtimeConfig, is one of
/// ours misspelt ("max-tx-rate", "vlan_qos", "spoofcheck"): it would be ignored without a word. The
/// message names the key and the one that is meant. Keys that resemble none of ours belong to
/// another program and are accepted, as the specification wants.
Outcome<> refuse_misspelt_keys(const nlohmann::json& conf);

}  // namespace sluice::cni
