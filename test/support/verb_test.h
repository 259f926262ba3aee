#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "test/support/temp_dir.h"

namespace sluice {

/// A program whose verbs are called as from a shell. A fixture adds the verbs to `program_`.
class VerbTest : public testing::Test {
 protected:
  /// The message of the refusal; empty when the command line was taken. What the verb printed is in
  /// out_ and err_.
  std::string run(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // As CLI::App::parse wants them.
    std::string refusal;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
      program_.parse(arguments);
    } catch (const CLI::ParseError& error) {
      refusal = error.what();
    }
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return refusal;
  }

  static constexpr int kUntouched = 77;
  CLI::App program_;
  int status_ = kUntouched;
  TempDir dir_;
  std::string out_;
  std::string err_;
};

}  // namespace sluice
