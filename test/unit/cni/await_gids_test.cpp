#include "cni/verbs/await_gids.h"

#include "test/fake/fake_rdma_devices.h"
#include "test/support/result_matchers.h"

namespace sluice::cni {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kPod = 2;
// Long enough for a test that is to end before, on a loaded machine too.
constexpr milliseconds kLong{60'000};

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

class AwaitGids : public testing::Test {
 protected:
  AwaitedGids wait(AwaitedGids awaited, milliseconds timeout) {
    FakeRdmaDevices devices(rdma_, kPod);
    await_gids(devices, std::span(&awaited, 1), timeout);
    return awaited;
  }

  FakeRdmaSubsystem::Device& device() { return rdma_->devices.at(index_); }

  std::shared_ptr<FakeRdmaSubsystem> rdma_ = std::make_shared<FakeRdmaSubsystem>();
  std::uint32_t index_ = rdma_->add("mlx5_3", kPod);
};

TEST_F(AwaitGids, ReturnsWhenAllAddressesAreThere) {
  rdma_->add_gid(index_, ip("10.1.0.2"));
  rdma_->add_gid(index_, ip("fd00::2"));
  device().looks_before_gids = 4;
  const AwaitedGids end = wait({"mlx5_3", {ip("10.1.0.2"), ip("fd00::2")}, {}}, kLong);
  EXPECT_THAT(end.missing, IsEmpty());
  EXPECT_EQ(end.problem, "");
  EXPECT_EQ(device().looks_before_gids, -1);  // Asked once more, and no longer.
}

TEST_F(AwaitGids, SaysWhichAreMissingAtTheEnd) {
  rdma_->add_gid(index_, ip("10.1.0.2"));
  const auto start = std::chrono::steady_clock::now();
  const AwaitedGids end =
      wait({"mlx5_3", {ip("10.1.0.1"), ip("10.1.0.2"), ip("fd00::2")}, {}}, milliseconds(20));
  EXPECT_THAT(end.missing, ElementsAre(ip("10.1.0.1"), ip("fd00::2")));
  EXPECT_EQ(end.problem, "");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20));
}

TEST_F(AwaitGids, AGidOfRoceV1IsNotEnough) {
  rdma_->add_gid(index_, ip("10.1.0.2"));
  device().gids[0].type = GidType::ib_or_roce_v1;
  EXPECT_THAT(wait({"mlx5_3", {ip("10.1.0.2")}, {}}, milliseconds(1)).missing,
              ElementsAre(ip("10.1.0.2")));
}

TEST_F(AwaitGids, ADeviceThatIsNotRoceHasNone) {
  for (const char* const protocol : {"ib", "iw", ""}) {
    device().device.protocol = protocol;
    const AwaitedGids end = wait({"mlx5_3", {ip("10.1.0.2")}, {}}, kLong);
    EXPECT_THAT(end.missing, IsEmpty()) << protocol;
    EXPECT_EQ(end.problem, "") << protocol;
  }
}

TEST_F(AwaitGids, ADeviceThatIsNotInThePodIsAProblemAndNotWaitedFor) {
  device().netns = 1;
  const AwaitedGids end = wait({"mlx5_3", {ip("10.1.0.2")}, {}}, kLong);
  EXPECT_THAT(end.missing, IsEmpty());
  EXPECT_EQ(end.problem, "no RDMA device 'mlx5_3' in the pod");
}

TEST_F(AwaitGids, SoIsWhatCannotBeRead) {
  for (const int failing_call : {1, 2}) {
    rdma_->fail(Error(Code::permission_denied, "mount sysfs: EPERM"), failing_call);
    const AwaitedGids end = wait({"mlx5_3", {ip("10.1.0.2")}, {}}, kLong);
    EXPECT_THAT(end.missing, IsEmpty()) << failing_call;
    EXPECT_EQ(end.problem, "mount sysfs: EPERM") << failing_call;
  }
}

TEST_F(AwaitGids, LanesOfAPodShareTheTimeout) {
  const std::uint32_t second = rdma_->add("mlx5_4", kPod);
  rdma_->add_gid(second, ip("10.2.0.2"));
  std::vector<AwaitedGids> awaited = {{"mlx5_3", {ip("10.1.0.2")}, {}},
                                      {"mlx5_4", {ip("10.2.0.2")}, {}},
                                      {"mlx5_5", {ip("10.3.0.2")}, {}}};
  FakeRdmaDevices devices(rdma_, kPod);
  await_gids(devices, awaited, milliseconds(1));
  EXPECT_THAT(awaited[0].missing, ElementsAre(ip("10.1.0.2")));
  EXPECT_THAT(awaited[1].missing, IsEmpty());
  EXPECT_EQ(awaited[1].problem, "");
  EXPECT_THAT(awaited[2].problem, testing::HasSubstr("mlx5_5"));
}

}  // namespace
}  // namespace sluice::cni
