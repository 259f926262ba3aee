#pragma once

#include <gmock/gmock.h>

#include "cni/protocol/error.h"

namespace sluice::cni {

/// Matches an Outcome that failed with `code` and whose message or details contain `text`.
MATCHER_P2(FailsAs, code, text, "fails with that code and text") {
  if (arg) {
    *result_listener << "holds a value";
    return false;
  }
  const Failure& failure = arg.error();
  *result_listener << "is \"" << failure.message << "\" (" << failure.details << ") with code "
                   << static_cast<int>(failure.code);
  return failure.code == code && (failure.message.find(text) != std::string::npos ||
                                  failure.details.find(text) != std::string::npos);
}

}  // namespace sluice::cni
