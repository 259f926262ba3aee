#pragma once

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "pkg/lane/lanes.h"
#include "pkg/ledger/set_aside.h"
#include "test/life/hardware.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// How a step ended where it did not fail.
enum class Outcome { ok, refused, not_here };

/// The lives of lanes on one port: what the CNI plugin and the agent do, and what has to be true
/// after it. Functions that look are gtest expectations.
class Life {
 public:
  explicit Life(Hardware& hardware);

  Hardware& hardware() { return hardware_; }

  Lanes& lanes() { return *lanes_; }

  const Abilities& can() const { return can_; }

  Outcome outcome = Outcome::ok;

  /// The wire got slower than what is promised on it: no fault of Sluice's.
  bool overpromised = false;

  // What programs do.

  /// `sluiced provision`: its words on the port. Afterwards VFs are what a release is to restore.
  std::string provision();

  /// A request of pod `pod` for VF `vf`, whose other values are the caller's.
  LaneRequest request(int vf = 0, const std::string& pod = "p1") const;

  /// The same with all that the port can do.
  LaneRequest rich_request(int vf = 0, const std::string& pod = "p1") const;

  Result<Lane> add(const LaneRequest& wanted);
  Result<> del(const std::string& pod = "p1");

  /// What the agent does each second, for some seconds.
  void tend();

  /// What it has logged.
  std::string said() const { return said_.str(); }

  /// VF `vf` had no driver when one came to it, and that driver chose its MAC.
  void take_mac_of_new_driver(int vf);

  /// A new process.
  void restart();

  // What is to be true.

  /// Lane and link are in the pod as asked for, by kernel, hardware and Sluice.
  void expect_in_force(const LaneRequest& wanted);

  /// The VF is as it was provisioned and no lane is recorded for it.
  void expect_baseline(int vf = 0);

  /// Floors fit the port, ceilings fit it where they stand for floors, each VF has one owner.
  void expect_invariants();

  /// `wanted` is refused for what it asks, and nothing is left of it.
  void expect_refusal(const Result<Lane>& answer, int vf = 0);

  /// A lane in pod `pod` comes and goes once more; for the ends of steps.
  void expect_usable(int vf = 0, const std::string& pod = "p2");

  /// A floor and a ceiling that every step can use: a tenth and a fifth of the line.
  BitRate floor() const;
  BitRate ceiling() const;

  PortRecord record() const;

  /// The pod's namespace; nullopt when it is gone.
  std::optional<NetNs> pod(const std::string& name);

  /// The record's file, which a process that died has not changed since.
  std::string read_ledger() const;
  void write_ledger(const std::string& text) const;

 private:
  /// A VF without a lane.
  struct Home {
    std::string link;
    std::optional<MacAddress> mac;
    int mtu = 0;
    VfInfo info;
  };

  std::string ledger_file() const;
  std::optional<VfInfo> reported(int vf);
  Link link_at_home(int vf);
  void expect_link(const LaneRequest& wanted, const NetNs& where);
  void expect_settings(const LaneRequest& wanted, int vf);
  void expect_rate(const LaneRequest& wanted, int vf);
  void expect_rdma(int vf, const NetNs& where);
  void expect_home_settings(int vf);
  void expect_no_rate(const Rate& rate) const;
  int index_of(const LaneRequest& wanted) const;

  Hardware& hardware_;
  Abilities can_;
  TempDir dir_;
  std::stringstream said_;
  std::vector<Home> homes_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<SetAsideStore> aside_;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace sluice
