#pragma once

#include <string>
#include <string_view>

#include "pkg/base/error.h"

namespace sluice {

/// Why the API server refused: the essence of a Status object
/// (apimachinery/pkg/apis/meta/v1/types.go).
struct ApiStatus {
  int code = 0;         ///< The HTTP status.
  std::string reason;   ///< "NotFound", "Conflict", "Expired" …; may be empty.
  std::string message;  ///< The server's own words.
};

/// The Status in `body`; when `body` holds none (a proxy's page, nothing), its beginning is the
/// message. `http_status` stands in for a missing code.
ApiStatus parse_api_status(int http_status, std::string_view body);

/// "404 NotFound: nodes "a" not found", with the Code that callers branch on: already_exists for a
/// name that is taken, busy for a conflict and for overload (read again, try again), data_loss for
/// 410 (the resourceVersion is too old to go on from), permission_denied for 401 and 403.
Error to_error(const ApiStatus& status);

}  // namespace sluice
