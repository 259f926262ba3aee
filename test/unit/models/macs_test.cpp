#include <cerrno>

#include "test/fake/vf_model.h"
#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

using ModelMacs = ModelTest;

TEST_F(ModelMacs, Mlx5SendsWithTheGivenMacAlone) {
  plug("mlx5");
  ASSERT_EQ(set({.spoofchk = true}), 0);
  ASSERT_EQ(move_to_pod(), 0);
  EXPECT_FALSE(port().can_send(0)) << "no MAC given, none passes";

  EXPECT_EQ(set({.mac = link_mac()}), 0);
  EXPECT_TRUE(port().can_send(0));

  EXPECT_EQ(change({.mac = mac(9)}), 0) << "the VF may have any";
  EXPECT_FALSE(port().can_send(0));
  EXPECT_EQ(set({.spoofchk = false}), 0);
  EXPECT_TRUE(port().can_send(0));
}

TEST_F(ModelMacs, Mlx5HandsTheGivenMacOnAtTheNextProbe) {
  plug("mlx5");
  EXPECT_EQ(port().vf(0).probed_guid, 0U);
  ASSERT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_NE(link_mac(), mac(1));
  ASSERT_TRUE(port().recreate_vf(0));
  EXPECT_EQ(link_mac(), mac(1));
  EXPECT_EQ(port().vf(0).probed_guid, 0x02ab00fffe000001U);

  ASSERT_EQ(set({.mac = MacAddress()}), 0);
  ASSERT_TRUE(port().recreate_vf(0));
  EXPECT_EQ(port().vf(0).probed_guid, 0x000000fffe000000U);
}

TEST_F(ModelMacs, Mlx5TakesMacsOfVfsThatDoNotExistYet) {
  plug("mlx5");
  ASSERT_EQ(port().set_vfs(0), 0);
  EXPECT_EQ(set({.mac = mac(1)}, 1), 0);
  EXPECT_EQ(set({.mac = mac(8)}, 8), EINVAL);
  ASSERT_EQ(port().set_vfs(2), 0);
  EXPECT_EQ(link_mac(1), mac(1));
  EXPECT_EQ(reported(1).mac, mac(1));
  EXPECT_EQ(port().vf(1).probed_guid, guid_of(mac(1)));
  EXPECT_EQ(reported(0).mac, MacAddress());
}

TEST_F(ModelMacs, IcePinsOnlyWhatTheVfDidNotHaveAlready) {
  plug("ice");
  ASSERT_EQ(change({.mac = mac(1)}), 0);
  EXPECT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_EQ(port().vf(0).resetting, 0);
  EXPECT_EQ(change({.mac = mac(2)}), 0) << "not pinned";

  EXPECT_EQ(set({.mac = mac(3)}), 0);
  EXPECT_EQ(change({.mac = mac(3)}), EACCES) << "the reset is not through";
  port().settle();
  EXPECT_EQ(link_mac(), mac(3));
  EXPECT_EQ(change({.mac = mac(3)}), 0);
  EXPECT_EQ(change({.mac = mac(4)}), EACCES) << "pinned";
  EXPECT_EQ(set({.trust = true}), 0);
  port().settle();
  EXPECT_EQ(change({.mac = mac(4)}), 0);
}

TEST_F(ModelMacs, IceKeepsTheVfsMacWhenTheGivenOneIsTakenBack) {
  plug("ice");
  ASSERT_EQ(set({.mac = mac(1)}), 0);
  port().settle();
  EXPECT_EQ(set({.mac = MacAddress()}), 0);
  EXPECT_EQ(change({.mac = mac(5)}), EACCES);
  port().settle();
  EXPECT_EQ(link_mac(), mac(1));
  EXPECT_EQ(change({.mac = mac(5)}), 0);
}

TEST_F(ModelMacs, I40ePinsAndResetsAlways) {
  plug("i40e");
  ASSERT_EQ(change({.mac = mac(1)}), 0);
  EXPECT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_GT(port().vf(0).resetting, 0);
  port().settle();
  EXPECT_EQ(change({.mac = mac(2)}), EACCES);
}

TEST_F(ModelMacs, IgbRefusesEvenTheGivenMac) {
  plug("igb", KernelVersion::v6_1);
  ASSERT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_EQ(change({.mac = mac(1)}), EADDRNOTAVAIL);
  ASSERT_EQ(change({.up = true}), 0);
  ASSERT_EQ(change({.up = false}), 0);
  EXPECT_EQ(link_mac(), mac(1)) << "taken over going down";
  EXPECT_EQ(change({.mac = mac(1)}), EADDRNOTAVAIL);
}

TEST_F(ModelMacs, IxgbeTakesTheGivenMacFromTheVf) {
  plug("ixgbe");
  ASSERT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_EQ(change({.mac = mac(1)}), 0);
  EXPECT_EQ(change({.mac = mac(2)}), EPERM);
}

TEST_F(ModelMacs, IgbIsDeafAfterZeroUntilTheVfSetsItsMac) {
  plug("igb");
  ASSERT_EQ(move_to_pod(), 0);
  ASSERT_TRUE(port().can_receive(0));
  ASSERT_TRUE(port().can_send(0));
  EXPECT_EQ(set({.mac = MacAddress()}), 0);
  EXPECT_FALSE(port().can_receive(0));
  EXPECT_FALSE(port().can_send(0));
  EXPECT_EQ(change({.mac = mac(3)}), 0);
  EXPECT_TRUE(port().can_receive(0));
  EXPECT_TRUE(port().can_send(0));
}

TEST_F(ModelMacs, BnxtHandsTheGivenMacOnWhenTheVfIsOpened) {
  plug("bnxt_en");
  EXPECT_EQ(reported().mac, link_mac());
  ASSERT_EQ(set({.mac = mac(1)}), 0);
  EXPECT_EQ(change({.mac = mac(2)}), EADDRNOTAVAIL);
  EXPECT_NE(link_mac(), mac(1));
  ASSERT_EQ(move_to_pod(), 0);
  EXPECT_EQ(link_mac(), mac(1));
}

TEST_F(ModelMacs, QedeHasNoneUntilOneIsGivenAndThatOneStays) {
  plug("qede");
  EXPECT_EQ(link_mac(), MacAddress());
  EXPECT_EQ(move_to_pod(), EADDRNOTAVAIL);
  EXPECT_FALSE(port().link_of(0)->link.up);
  EXPECT_EQ(port().link_of(0)->link.name, "net1") << "moved and renamed all the same";

  EXPECT_EQ(set({.mac = mac(1)}), 0);
  port().settle();
  EXPECT_EQ(link_mac(), mac(1));
  EXPECT_EQ(change({.up = true}), 0);
  EXPECT_EQ(change({.mac = mac(2)}), EINVAL);
  EXPECT_EQ(change({.mac = MacAddress()}), EFAULT);
  EXPECT_EQ(set({.mac = MacAddress()}), EINVAL);
  EXPECT_EQ(set({.mac = mac(2)}), 0);
}

TEST_F(ModelMacs, MulticastIsRefusedEverywhere) {
  for (const DriverModel& model : driver_models()) {
    if (model.driver.infiniband) continue;
    plug(model.name);
    EXPECT_EQ(set({.mac = MacAddress({3, 0, 0, 0, 0, 1})}), EINVAL) << model.name;
  }
}

}  // namespace
}  // namespace sluice
