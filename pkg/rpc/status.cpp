#include "pkg/rpc/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice {
namespace {

using Foreign = grpc::StatusCode;

struct Pair {
  Code ours;
  Foreign theirs;
  const char* name;
};

// The one table. Of several foreign codes for one of ours the first is what we send; what stands in
// none of them is internal.
constexpr std::array kTable = {
    Pair{Code::invalid_argument, Foreign::INVALID_ARGUMENT, "INVALID_ARGUMENT"},
    Pair{Code::invalid_argument, Foreign::OUT_OF_RANGE, "OUT_OF_RANGE"},
    Pair{Code::invalid_argument, Foreign::FAILED_PRECONDITION, "FAILED_PRECONDITION"},
    Pair{Code::not_found, Foreign::NOT_FOUND, "NOT_FOUND"},
    Pair{Code::already_exists, Foreign::ALREADY_EXISTS, "ALREADY_EXISTS"},
    // Asking again can help.
    Pair{Code::busy, Foreign::UNAVAILABLE, "UNAVAILABLE"},
    Pair{Code::busy, Foreign::ABORTED, "ABORTED"},
    Pair{Code::busy, Foreign::CANCELLED, "CANCELLED"},
    Pair{Code::permission_denied, Foreign::PERMISSION_DENIED, "PERMISSION_DENIED"},
    Pair{Code::permission_denied, Foreign::UNAUTHENTICATED, "UNAUTHENTICATED"},
    Pair{Code::unsupported, Foreign::UNIMPLEMENTED, "UNIMPLEMENTED"},
    Pair{Code::exhausted, Foreign::RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
    Pair{Code::timed_out, Foreign::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
    Pair{Code::data_loss, Foreign::DATA_LOSS, "DATA_LOSS"},
    Pair{Code::internal, Foreign::INTERNAL, "INTERNAL"},
    // A Go server's error without a code.
    Pair{Code::internal, Foreign::UNKNOWN, "UNKNOWN"},
};

}  // namespace

grpc::Status to_status(const Error& error) {
  const auto* const found = std::ranges::find(kTable, error.code(), &Pair::ours);
  return {found == kTable.end() ? Foreign::INTERNAL : found->theirs, error.message()};
}

Error to_error(const grpc::Status& status, std::string_view attempt) {
  const auto* const found = std::ranges::find(kTable, status.error_code(), &Pair::theirs);
  const bool known = found != kTable.end();
  return {known ? found->ours : Code::internal,
          fmt::format("{}: {} ({})", attempt, status.error_message(),
                      known ? found->name : std::to_string(status.error_code()))};
}

}  // namespace sluice
