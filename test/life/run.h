#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/life/hardware.h"

namespace sluice {

/// Hardware to run the suite on, made again for every step.
struct Subject {
  std::string name;
  std::function<std::unique_ptr<Hardware>()> make;  ///< Empty: this machine has none.
};

/// Makes every step on every subject a test "LifeOfALane.<step>/<subject>", runs those that the
/// command line selects, and prints a table of subjects and steps, which it also leaves in
/// $RESULTS_DIR/life.txt. The exit code of main().
int run_life(int argc, char** argv, const std::vector<Subject>& subjects);

}  // namespace sluice
