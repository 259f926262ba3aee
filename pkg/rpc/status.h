#pragma once

#include <grpcpp/support/status.h>

#include "pkg/base/error.h"

namespace sluice {

/// What a client is told of a failure of ours; the message goes along as it is.
grpc::Status to_status(const Error& error);

/// What a failed call means to us: "<attempt>: <message> (UNAVAILABLE)". `status` must not be OK.
Error to_error(const grpc::Status& status, std::string_view attempt);

}  // namespace sluice
