#pragma once

#include <string>
#include <string_view>

#include "pkg/base/bit_rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// The rate in bit/s that a Kubernetes quantity names: "25G", "2.5G", "100Mi", "1e9", "1500000k".
/// Suffixes are n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent (e9, E+9), as
/// k8s.io/apimachinery/pkg/api/resource has them.
///
/// invalid_argument, naming the text, for anything else: a negative value, one that is no whole
/// number of bit/s, one above 2^63 - 1 (where Kubernetes itself would silently cap it), more than
/// 19 significant digits, blanks.
Result<BitRate> parse_quantity(std::string_view text);

/// The canonical quantity of `rate`: a whole number with the largest decimal suffix, "25G",
/// "2500M", "0". parse_quantity() gives `rate` back.
std::string to_quantity(BitRate rate);

}  // namespace sluice
