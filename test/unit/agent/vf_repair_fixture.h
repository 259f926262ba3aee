#pragma once

#include <chrono>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "agent/announcer.h"
#include "pkg/ledger/ledger.h"
#include "pkg/metrics/metrics.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// A sysfs of files with one port, its ledger, and what a repair of its VFs says. Time is the
/// test's.
class VfRepairTest : public testing::Test {
 protected:
  static constexpr const char* kPort = "0000:3b:00.0";

  explicit VfRepairTest(const FakePort& port) { tree_.pf(kPort, port); }

  /// The lanes that the port has from now on.
  void record(std::vector<LaneRecord> lanes) const {
    ASSERT_OK_AND_ASSIGN(LockedPort port, ledger_.lock(kPort, std::chrono::seconds(1)));
    port.record().lanes = std::move(lanes);
    ASSERT_THAT(port.save(), IsOk());
  }

  static LaneRecord lane(const std::string& vf, Phase phase) {
    return {.id = vf, .provider = "vf", .phase = phase};
  }

  Announcer announcer() { return Announcer(Log(output_, "vfs"), no_kubernetes_); }

  TempDir dir_;
  SysfsTree tree_;
  Dir sysfs_{tree_.root()};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot");
  Metrics metrics_;
  std::stringstream said_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();

 private:
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  NoKubernetes no_kubernetes_;
};

}  // namespace sluice
