#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// Names and values of a query, in order, not yet encoded.
using Query = std::vector<std::pair<std::string, std::string>>;

/// Percent-encoded, save letters, digits and "-._~" (RFC 3986, 2.3).
std::string url_encode(std::string_view text);

/// `path` with the query behind it, encoded; `path` itself is taken as it is.
std::string with_query(const std::string& path, const Query& query);

}  // namespace sluice
