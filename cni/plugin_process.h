#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice::cni {

/// A program to be run as the CNI specification runs plugins.
struct PluginProcess {
  std::string path;
  std::vector<std::string> variables;  ///< The whole environment, "NAME=value".
  std::string_view input;              ///< All of its standard input.
  std::chrono::milliseconds timeout;
};

struct PluginExit {
  int status = 0;      ///< Exit status; 128 + signal when one ended it.
  std::string output;  ///< Standard output; standard error goes to ours.
};

/// Runs it to its end. timed_out when it took longer than `timeout` (it has been killed then),
/// invalid_argument when it printed more than 1 MiB.
Result<PluginExit> run(const PluginProcess& process);

/// Runs all of them, at most `at_once` at a time, and started in their order. Each to its end,
/// whatever becomes of the others.
std::vector<Result<PluginExit>> run_all(std::span<const PluginProcess> processes,
                                        std::size_t at_once);

}  // namespace sluice::cni
