// What provisioning makes of drivers that cannot bring a VF to baseline, or say so in their own
// way.
#include <cerrno>

#include "test/unit/provision/provision_world.h"

namespace sluice {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = PortOutcome::Kind;

class BaselineTest : public ProvisionWorld {
 protected:
  void on_driver(const std::string& driver, int vfs = kPortVfs) {
    hardware_.driver = driver;
    build(vfs);
    kernel_.log().clear();
  }

  void refuse(const std::string& setting, int sys_errno, int times) {
    for (int i = 0; i < times; ++i) {
      kernel_.log().fail_on(setting, Error::from_errno(sys_errno, "set VF"));
    }
  }

  /// As a driver that never has it: after the next write it is off, whatever was written.
  void spoofchk_reads_off() {
    for (int i = 0; i < kPortVfs; ++i) vf(i).info.spoofchk = false;
    kernel_.log().before("set_vf", [this] {
      kernel_.log().before("vfs", [this] {
        for (int i = 0; i < kPortVfs; ++i) vf(i).info.spoofchk = false;
      });
    });
  }

  std::vector<std::string> writes() { return kernel_.log().matching("set_vf"); }
};

struct Refused {
  int sys_errno;
  const char* name;
};

class RefusedSpoofCheck : public BaselineTest, public testing::WithParamInterface<Refused> {};

TEST_P(RefusedSpoofCheck, IsANoteSaidOnceForAllVfs) {
  on_driver("nfp");
  for (int i = 0; i < kPortVfs; ++i) vf(i).info.spoofchk = false;
  refuse("spoofchk", GetParam().sys_errno, kPortVfs);

  const PortOutcome outcome = provision_four();

  EXPECT_EQ(outcome.kind, Kind::unchanged);
  EXPECT_EQ(outcome.text,
            fmt::format("4 VFs as asked; spoof check left off: driver nfp does not take it ({})",
                        GetParam().name));
  EXPECT_TRUE(kernel_.log().exhausted());
}

// IPoIB, mlx5 in switchdev mode, nfp; mlx4 (two); bnxt_en with old firmware.
INSTANTIATE_TEST_SUITE_P(All, RefusedSpoofCheck,
                         testing::Values(Refused{EOPNOTSUPP, "EOPNOTSUPP"},
                                         Refused{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
                                         Refused{EPERM, "EPERM"}, Refused{524, "ENOTSUPP"}),
                         [](const auto& refused) { return std::string(refused.param.name); });

TEST_F(BaselineTest, WhatTheDriverTakesIsWrittenWhateverElseItRefuses) {
  on_driver("nfp");
  vf(2).info.spoofchk = false;
  vf(2).info.vlan = VlanTag{.id = 100};
  vf(2).info.trust = true;
  refuse("spoofchk", EOPNOTSUPP, 2);  // Along with the others, and alone.

  EXPECT_EQ(provision_four().text,
            "4 VFs, 1 brought to baseline; spoof check of VF 2 left off: driver nfp does not take "
            "it (EOPNOTSUPP)");
  EXPECT_EQ(vf(2).info.vlan, VlanTag());
  EXPECT_EQ(vf(2).info.trust, false);
}

TEST_F(BaselineTest, ARealFailureIsOne) {
  on_driver("nfp");
  vf(2).info.spoofchk = false;
  refuse("spoofchk", EIO, 1);

  const PortOutcome outcome = provision_four();

  EXPECT_EQ(outcome.kind, Kind::failed);
  EXPECT_EQ(outcome.text, "prepare VF 2: set VF: EIO");
}

TEST_F(BaselineTest, VfsOfAnInfinibandPortAreAskedForTheirLinkStateAlone) {
  hardware_.type = "32";
  on_driver("mlx5_core");
  for (int i = 0; i < kPortVfs; ++i) vf(i).info.spoofchk = false;  // As IPoIB reports it.
  vf(1).info.link_state = VfLinkState::disable;

  EXPECT_EQ(provision_four().text,
            "4 VFs, 1 brought to baseline; VLAN, rates, spoof check and trust not asked for: VFs "
            "of an InfiniBand port have none");
  EXPECT_THAT(writes(), ElementsAre(HasSubstr("/1 link_state=0")));
}

TEST_F(BaselineTest, QedeShowsTheLineRateForNoRateAndNoSpoofCheckOfALinkThatIsDown) {
  hardware_.speed = "25000";
  driver_.clears_rate = false;
  on_driver("qede");
  for (int i = 0; i < kPortVfs; ++i) vf(i).info.rate = Rate{.ceiling = BitRate::gbps(25)};
  for (int i = 0; i < 2; ++i) {
    spoofchk_reads_off();
    const PortOutcome outcome = provision_four();
    EXPECT_EQ(outcome.kind, Kind::unchanged);
    EXPECT_EQ(outcome.text, "4 VFs as asked; spoof check reads as off until its link is up");
  }
  EXPECT_THAT(writes(), Each(HasSubstr(" spoofchk")));
  EXPECT_THAT(kernel_.log().matching("rate="), IsEmpty());
}

TEST_F(BaselineTest, WhereZeroDoesNotClearALimitBecomesTheLineRate) {
  hardware_.speed = "25000";
  driver_.clears_rate = false;
  on_driver("qede");
  vf(1).info.rate = Rate{.ceiling = BitRate::mbps(100)};

  EXPECT_EQ(provision_four().text, "4 VFs, 1 brought to baseline");
  EXPECT_EQ(vf(1).info.rate, (Rate{.ceiling = BitRate::gbps(25)}));
}

TEST_F(BaselineTest, WhereZeroDoesNotClearALimitStaysWhileTheLineRateIsUnknown) {
  hardware_.speed = "-1";
  hardware_.carrier = "0";
  driver_.clears_rate = false;
  on_driver("qede");
  vf(1).info.rate = Rate{.ceiling = BitRate::mbps(100)};

  EXPECT_EQ(provision_four().text, "4 VFs as asked; rate of VF 1 stays until the port has carrier");
  EXPECT_THAT(writes(), IsEmpty());
}

class BaselineOfIgb : public BaselineTest {
 protected:
  BaselineOfIgb() {
    hardware_.device = "0x10c9";
    hardware_.speed = "1000";
    hardware_.carrier = "0";
    driver_ = {.floors = false, .needs_carrier = true};
    on_driver("igb");
    vf(3).info.rate = Rate{.ceiling = BitRate::mbps(100)};
    vf(3).info.vlan = VlanTag{.id = 7};
  }
};

TEST_F(BaselineOfIgb, ARateThatStaysWithoutCarrierIsRemembered) {
  EXPECT_EQ(provision_four().text,
            "4 VFs, 1 brought to baseline; rate of VF 3 stays until the port has carrier");
  EXPECT_EQ(vf(3).info.vlan, VlanTag());
  EXPECT_THAT(unreset(), ElementsAre(UnresetVf{
                             .id = "0000:3b:02.3", .number = 3, .settings = {.rate = Rate()}}));
  EXPECT_EQ(ledger().peek(kPort)->driver, "igb");

  carrier(true);
  EXPECT_EQ(provision_four().text, "4 VFs, 1 brought to baseline");
  EXPECT_EQ(vf(3).info.rate, Rate());
  EXPECT_THAT(unreset(), IsEmpty());
}

TEST_F(BaselineOfIgb, ARateThatIsRefusedInSpiteOfACarrierIsRememberedToo) {
  carrier(true);
  refuse("rate=", EINVAL, 2);  // ice: the others' floors exceed the speed.

  EXPECT_THAT(provision_four().text,
              HasSubstr("; rate of VF 3 stays until the port takes it back"));
  EXPECT_THAT(unreset(), SizeIs(1));
}

TEST_F(BaselineOfIgb, NothingIsLeftOfVfsThatAreMadeOnceMore) {
  provision_four();
  ASSERT_THAT(unreset(), SizeIs(1));

  vf(3).info.rate = Rate();
  hardware_.vfs = 3;
  EXPECT_EQ(provision(VfCount::exactly(3)).at(0).text, "3 VFs made, there were 4");
  EXPECT_THAT(unreset(), IsEmpty());
}

TEST_F(BaselineTest, WhatAReleaseHadToLeaveIsWrittenWhateverTheVfReports) {
  on_driver("nfp");
  {
    auto locked = ledger().lock(kPort, std::chrono::seconds(1));
    ASSERT_THAT(locked, IsOk());
    const VfSettings left{.mac = link_mac(1), .rate = Rate(), .trust = false};
    locked->record().note_unreset({.id = "0000:3b:02.1", .number = 1, .settings = left});
    ASSERT_THAT(locked->save(), IsOk());
  }

  EXPECT_EQ(provision_four().text, "4 VFs as asked");

  EXPECT_THAT(writes(), ElementsAre(HasSubstr("/1 rate=0..0 no-trust")));
  ASSERT_THAT(unreset(), SizeIs(1));  // The MAC is the link's, too: the agent sets it.
  EXPECT_EQ(unreset()[0].settings, (VfSettings{.mac = link_mac(1)}));
}

TEST_F(BaselineTest, AFreshVfOfIceIsResetForItsVlanOnceAndNow) {
  on_driver("ice");
  for (int i = 0; i < kPortVfs; ++i) vf(i).info.vlan = VlanTag{.protocol = 0};

  EXPECT_EQ(provision_four().text, "4 VFs, 4 brought to baseline");
  EXPECT_THAT(writes(), SizeIs(4));
  EXPECT_EQ(provision_four().kind, Kind::unchanged);
  EXPECT_THAT(writes(), SizeIs(4));
}

TEST_F(BaselineTest, FreshVfsThatAreStillInResetAreWaitedFor) {
  on_driver("ice", 0);
  vf(3).mute = true;
  vf(3).info.trust = true;
  kernel_.log().before("vfs",
                       [this] { kernel_.log().before("vfs", [this] { vf(3).mute = false; }); });

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0");
  EXPECT_EQ(vf(3).info.trust, false);
}

TEST_F(BaselineTest, AVfInResetWhenItIsReadBackIsWaitedFor) {
  on_driver("ice");
  vf(3).info.trust = true;
  kernel_.log().before("set_vf", [this] {
    vf(3).mute = true;
    kernel_.log().before("vfs", [this] {
      kernel_.log().before("vfs", [this] {
        vf(3).mute = false;
        vf(3).info.trust = true;  // The reset brought it back.
      });
    });
  });

  EXPECT_EQ(provision_four().text, "VF 3 did not take its baseline, though the driver said so");
}

}  // namespace
}  // namespace sluice
