#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice::bench {

/// Runs the program as a container runtime runs a CNI plugin: `input` on standard input, exactly
/// `environment`, output caught, and
/// `arguments` on its command line. Error with the output when its exit status is not 0.
Result<std::string> run_program(const std::string& path,
                                const std::vector<std::string>& environment,
                                const std::string& input,
                                const std::vector<std::string>& arguments = {});

}  // namespace sluice::bench
