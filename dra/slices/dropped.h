#pragma once

#include <string>
#include <vector>

#include "dra/slices/slices.h"

namespace sluice::dra {

/// Which features the slice makes use of: true, or nullopt.
ServerFeatures used_by(const Slice& slice);

/// Whether all that the slice uses is known to be kept.
bool is_proven(const ServerFeatures& server, const Slice& slice);

/// Takes into `server` what the server's answer to `sent` shows: whether it kept what was used.
/// Names the fields that it dropped, once each: "devices[].taints".
std::vector<std::string> learn(ServerFeatures& server, const Slice& sent, const Slice& answer);

}  // namespace sluice::dra
