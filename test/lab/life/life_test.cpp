// The life of a lane on drivers of the guest's kernel.
#include <cstdio>

#include "test/lab/life/igb_port.h"
#include "test/lab/life/simulated_port.h"
#include "test/life/run.h"

namespace sluice {
namespace {

Subject simulated(const std::string& name, EswitchMode mode) {
  if (!SimulatedPort::is_there()) return {.name = name, .make = nullptr};
  return {.name = name, .make = [mode] { return std::make_unique<SimulatedPort>(mode); }};
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  using sluice::EswitchMode;
  return sluice::run_life(argc, argv,
                          {{"igb", [] { return std::make_unique<sluice::IgbPort>(); }},
                           sluice::simulated("netdevsim", EswitchMode::legacy),
                           sluice::simulated("netdevsim_switchdev", EswitchMode::switchdev)});
}
