#include "pkg/provision/vf_macs.h"

#include <cerrno>
#include <set>

#include "pkg/lane/vf/given_mac.h"
#include "test/unit/provision/provision_world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = PortOutcome::Kind;

constexpr MacAddress kPort0({0xb8, 0xce, 0xf6, 0x12, 0x34, 0x56});

TEST(GivenMac, IsStableLocallyAdministeredAndUnicast) {
  EXPECT_EQ(given_mac(kPort0, 0).to_string(), "6a:3b:0b:28:84:00");
  for (int vf = 0; vf < 256; ++vf) {
    EXPECT_EQ(given_mac(kPort0, vf).bytes()[0] & 3, 2) << vf;
  }
}

TEST(GivenMac, DiffersForAllVfsOfNeighbouringPorts) {
  std::set<MacAddress> macs;
  for (int port = 0; port < 256; ++port) {
    MacAddress::Bytes bytes = kPort0.bytes();
    bytes[5] = static_cast<std::uint8_t>(port);
    for (int vf = 0; vf < 256; ++vf) macs.insert(given_mac(MacAddress(bytes), vf));
  }
  EXPECT_THAT(macs, SizeIs(256 * 256));
}

class GivenMacs : public ProvisionWorld {
 protected:
  void on_driver(const std::string& driver, int vfs) {
    hardware_.driver = driver;
    build(vfs);
    add_vf_links();
    kernel_.log().clear();
  }

  void drive(const std::string& line) override {
    if (line.find("creating") != std::string::npos) given_before_ = given().size();
    ProvisionWorld::drive(line);
  }

  std::vector<std::string> given() { return kernel_.log().matching(" mac="); }

  MacAddress own_mac(int index) { return given_mac(kPortMac, index); }

  std::size_t given_before_ = 0;
};

TEST_F(GivenMacs, OnMlx5EveryVfHasOneBeforeItExists) {
  on_driver("mlx5_core", 0);

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0, MACs given");

  EXPECT_EQ(given_before_, 4U);
  EXPECT_THAT(given(), SizeIs(4));
  for (int i = 0; i < kPortVfs; ++i) EXPECT_EQ(vf(i).info.mac, own_mac(i));
}

TEST_F(GivenMacs, TheyAreMadeFromThePermanentMac) {
  on_driver("mlx5_core", 0);
  const MacAddress permanent({0xb8, 0xce, 0xf6, 0, 0, 9});
  kernel_.node().find(index_)->link.permanent_mac = permanent;  // In a bond it has another.

  provision_four();

  EXPECT_EQ(vf(2).info.mac, given_mac(permanent, 2));
}

TEST_F(GivenMacs, WhereThePortTakesNoneSoEarlyItIsToldTheLinksOwn) {
  on_driver("mlx5_core", 0);
  kernel_.log().fail_on("mac=", Error::from_errno(EINVAL, "set VF 0"));

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0, MACs given");

  EXPECT_EQ(given_before_, 1U);
  for (int i = 0; i < kPortVfs; ++i) EXPECT_EQ(vf(i).info.mac, link_mac(i));
}

TEST_F(GivenMacs, AFailureOfThePortIsOne) {
  on_driver("mlx5_core", 0);
  kernel_.log().fail_on("mac=", Error::from_errno(EIO, "set VF 0"));

  EXPECT_EQ(provision_four().text, "give VF 0 its MAC: set VF 0: EIO");
  EXPECT_EQ(numvfs(), "0");
}

TEST_F(GivenMacs, ThePortIsToldTheMacsOfVfsThatExistBeforeTheirSpoofCheck) {
  on_driver("mlx5_core", 4);
  vf(0).info.mac = own_mac(0);
  vf(1).info.spoofchk = false;

  EXPECT_EQ(provision_four().text, "4 VFs, 3 brought to baseline, MACs given");

  EXPECT_EQ(vf(0).info.mac, own_mac(0));
  EXPECT_THAT(given(), ElementsAre(HasSubstr("/1 mac=02:00:00:00:77:01 spoofchk"),
                                   HasSubstr("/2 mac=02:00:00:00:77:02"),
                                   HasSubstr("/3 mac=02:00:00:00:77:03")));
  EXPECT_EQ(provision_four().text, "4 VFs as asked");
}

TEST_F(GivenMacs, NoneIsGuessedForALinkThatIsBeingRenamed) {
  on_driver("mlx5_core", 4);
  kernel_.node().find("eth0v2")->link.name = "ens1v2";

  provision_four();

  EXPECT_EQ(vf(2).info.mac, MacAddress());
  EXPECT_THAT(given(), SizeIs(3));
}

TEST_F(GivenMacs, AVfWithoutDriverHasItsMacWhenItIsBound) {
  hardware_.vf_driver = "";
  hardware_.vf_link = "";
  on_driver("mlx5_core", 4);
  tree_.write(SysfsTree::device(kPort) + "/sriov_drivers_autoprobe", "0");

  provision_four();

  EXPECT_EQ(vf(1).info.mac, own_mac(1));
}

TEST_F(GivenMacs, OtherDriversKeepTheirs) {
  on_driver("ice", 0);

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0");
  EXPECT_THAT(given(), IsEmpty());
}

class MacsOfQede : public GivenMacs {
 protected:
  MacsOfQede() {
    on_driver("qede", 0);
    for (int i = 0; i < kPortVfs; ++i) link_of(i).mac = MacAddress();
  }

  Link& link_of(int vf) { return kernel_.node().find(link_name(vf))->link; }
};

TEST_F(MacsOfQede, ALinkWithoutOneIsGivenOneAndWaitedFor) {
  kernel_.log().before("/3 mac=", [this] {
    // The VF's driver looks for it once a second.
    kernel_.log().before("find 'eth1v3'", [this] {
      kernel_.log().before("find 'eth1v3'", [this] {
        for (int i = 0; i < kPortVfs; ++i) link_of(i).mac = vf(i).info.mac;
      });
    });
  });

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0, MACs given");
  EXPECT_EQ(given_before_, 0U);
  for (int i = 0; i < kPortVfs; ++i) EXPECT_EQ(link_of(i).mac, own_mac(i));
}

TEST_F(MacsOfQede, OneThatDoesNotArriveIsSaid) {
  timeout_ = std::chrono::milliseconds(300);
  kernel_.log().before("/3 mac=", [this] {
    for (int i = 0; i < 3; ++i) link_of(i).mac = own_mac(i);
  });

  EXPECT_EQ(provision_four().text,
            "4 VFs made, there were 0, MACs given; MAC of VF 3 has not reached its link yet");
}

}  // namespace
}  // namespace sluice
