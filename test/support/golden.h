#pragma once

#include <gtest/gtest.h>

#include <string>

namespace sluice {

/// Compares `text` as JSON with the file test/golden/<name>; with SLUICE_UPDATE_GOLDEN=1 in the
/// environment the file is rewritten instead, to be reviewed like code.
testing::AssertionResult equals_golden(const std::string& text, const std::string& name);

}  // namespace sluice

#define EXPECT_JSON_EQ_GOLDEN(text, name) EXPECT_TRUE(::sluice::equals_golden(text, name))
