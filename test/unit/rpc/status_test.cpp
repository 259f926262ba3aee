#include "pkg/rpc/status.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace sluice {
namespace {

TEST(Status, EachCodeOfOursHasOneOfTheirs) {
  const std::vector<std::pair<Code, grpc::StatusCode>> codes = {
      {Code::invalid_argument, grpc::INVALID_ARGUMENT},
      {Code::not_found, grpc::NOT_FOUND},
      {Code::already_exists, grpc::ALREADY_EXISTS},
      {Code::busy, grpc::UNAVAILABLE},
      {Code::permission_denied, grpc::PERMISSION_DENIED},
      {Code::unsupported, grpc::UNIMPLEMENTED},
      {Code::exhausted, grpc::RESOURCE_EXHAUSTED},
      {Code::timed_out, grpc::DEADLINE_EXCEEDED},
      {Code::data_loss, grpc::DATA_LOSS},
      {Code::internal, grpc::INTERNAL},
  };
  for (const auto& [ours, theirs] : codes) {
    const grpc::Status status = to_status(Error(ours, "why"));
    EXPECT_EQ(status.error_code(), theirs);
    EXPECT_EQ(status.error_message(), "why");
    EXPECT_EQ(to_error(status, "call it").code(), ours);
  }
}

TEST(Status, CodesThatOnlyOthersSendMeanTheNearestOfOurs) {
  const std::vector<std::pair<grpc::StatusCode, Code>> codes = {
      {grpc::OUT_OF_RANGE, Code::invalid_argument},
      {grpc::FAILED_PRECONDITION, Code::invalid_argument},
      {grpc::ABORTED, Code::busy},
      {grpc::CANCELLED, Code::busy},
      {grpc::UNAUTHENTICATED, Code::permission_denied},
      {grpc::UNKNOWN, Code::internal},
  };
  for (const auto& [theirs, ours] : codes) {
    EXPECT_EQ(to_error(grpc::Status(theirs, "why"), "call it").code(), ours);
  }
}

TEST(Status, AnErrorNamesTheAttemptTheMessageAndTheirCode) {
  const Error error = to_error(grpc::Status(grpc::UNKNOWN, "no such plugin"), "register 'a/b'");
  EXPECT_EQ(error.message(), "register 'a/b': no such plugin (UNKNOWN)");
}

}  // namespace
}  // namespace sluice
