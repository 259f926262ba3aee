#include "test/fake/fake_devlink.h"

#include "test/contract/devlink_contract.h"

namespace sluice {
namespace {

DevlinkWorld fake_world() {
  auto devlink = std::make_unique<FakeDevlink>();
  const DevlinkDevice device{.bus = "pci", .name = "0000:3b:00.0"};
  const DevlinkDevice legacy{.bus = "pci", .name = "0000:3b:00.1"};
  devlink->add(device, EswitchMode::switchdev, 2);
  devlink->add(legacy, EswitchMode::legacy, 2);
  return {.devlink = std::move(devlink), .device = device, .legacy = legacy};
}

INSTANTIATE_TEST_SUITE_P(Fake, DevlinkContract, testing::Values(fake_world));

TEST(FakeDevlink, TheCallThatWasNamedFails) {
  FakeDevlink devlink;
  devlink.add({.name = "0000:3b:00.0"}, EswitchMode::switchdev, 1);
  devlink.fail(Error(Code::busy, "later"), 2);
  EXPECT_THAT(devlink.create_node({.name = "0000:3b:00.0"}, "lane"), IsOk());
  EXPECT_THAT(devlink.delete_node({.name = "0000:3b:00.0"}, "lane"),
              FailsWith(Code::busy, "later"));
  EXPECT_THAT(devlink.delete_node({.name = "0000:3b:00.0"}, "lane"), IsOk());
}

}  // namespace
}  // namespace sluice
