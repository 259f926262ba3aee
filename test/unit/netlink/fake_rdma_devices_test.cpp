#include "test/fake/fake_rdma_devices.h"

#include "test/contract/rdma_devices_contract.h"

namespace sluice {
namespace {

RdmaDevicesWorld world_of(RdmaNetnsMode mode) {
  auto rdma = std::make_shared<FakeRdmaSubsystem>();
  rdma->mode = mode;
  const std::uint32_t index = rdma->add("rxe0", 1, 7);
  rdma->devices[index].looks_before_gids = 2;
  return {.here = std::make_unique<FakeRdmaDevices>(rdma, 1),
          .there = std::make_unique<FakeRdmaDevices>(rdma, 2),
          .here_ns = std::make_shared<const NetNs>(NetNs::fake(1)),
          .there_ns = std::make_shared<const NetNs>(NetNs::fake(2)),
          .name = "rxe0",
          .link = 7,
          .add_address = [rdma, index](const IpPrefix& prefix) -> Result<> {
            rdma->add_gid(index, prefix.address);
            return {};
          }};
}

RdmaDevicesWorld shared() {
  return world_of(RdmaNetnsMode::shared);
}
RdmaDevicesWorld exclusive() {
  return world_of(RdmaNetnsMode::exclusive);
}

INSTANTIATE_TEST_SUITE_P(Fake, RdmaDevicesContract, testing::Values(shared, exclusive),
                         [](const auto& mode) { return mode.index == 0 ? "shared" : "exclusive"; });
INSTANTIATE_TEST_SUITE_P(Fake, SharedRdmaContract, testing::Values(shared));
INSTANTIATE_TEST_SUITE_P(Fake, ExclusiveRdmaContract, testing::Values(exclusive));

TEST(FakeRdmaDevices, MoveTakesTheLowestFreeNumber) {
  auto rdma = std::make_shared<FakeRdmaSubsystem>();
  const auto first = rdma->add("mlx5_2", 1);
  const auto second = rdma->add("mlx5_3", 1);
  FakeRdmaDevices here(rdma, 1);
  FakeRdmaDevices there(rdma, 2);
  EXPECT_EQ(here.char_device(second, "uverbs").value()->name, "uverbs1");

  rdma->devices.erase(first);
  ASSERT_THAT(here.move_to(second, NetNs::fake(2)), IsOk());

  EXPECT_EQ(there.char_device(second, "uverbs").value()->name, "uverbs0");
}

TEST(FakeRdmaDevices, DriverThatCannotDisassociateDoesNotMove) {
  auto rdma = std::make_shared<FakeRdmaSubsystem>();
  const auto index = rdma->add("rxe0", 1);
  rdma->devices[index].movable = false;
  EXPECT_THAT(FakeRdmaDevices(rdma, 1).move_to(index, NetNs::fake(2)),
              FailsWith(Code::unsupported, "move RDMA device 0: EOPNOTSUPP"));
}

TEST(FakeRdmaDevices, FailsOnceWhenTold) {
  auto rdma = std::make_shared<FakeRdmaSubsystem>();
  FakeRdmaDevices here(rdma, 1);
  rdma->fail(Error(Code::busy, "later"));
  EXPECT_THAT(here.list(), FailsWith(Code::busy, "later"));
  EXPECT_THAT(here.list(), IsOk());
}

}  // namespace
}  // namespace sluice
