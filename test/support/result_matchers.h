#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// Matches a Result that holds a value; prints the error otherwise.
MATCHER(IsOk, "holds a value") {
  if (arg) return true;
  *result_listener << "is the error \"" << arg.error().message() << "\"";
  return false;
}

/// Matches a Result that failed with `code` and whose message contains `text`.
MATCHER_P2(FailsWith, code, text, "fails") {
  if (arg) {
    *result_listener << "holds a value";
    return false;
  }
  *result_listener << "is the error \"" << arg.error().message() << "\" with code "
                   << static_cast<int>(arg.error().code());
  return arg.error().code() == code && arg.error().message().find(text) != std::string::npos;
}

}  // namespace sluice

/// Unwraps a Result in a test, or ends the test with its error.
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration can't stand in parentheses.
#define ASSERT_OK_AND_ASSIGN(declaration, expression)            \
  auto SLUICE_NAME(result_, __LINE__) = (expression);            \
  ASSERT_THAT(SLUICE_NAME(result_, __LINE__), ::sluice::IsOk()); \
  declaration = std::move(SLUICE_NAME(result_, __LINE__)).release()
// NOLINTEND(bugprone-macro-parentheses)
#define SLUICE_NAME(a, b) SLUICE_NAME_EXPANDED(a, b)
#define SLUICE_NAME_EXPANDED(a, b) a##b
