#include "pkg/kubelet/device_checkpoint.h"

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeviceCheckpointTest : public testing::Test {
 protected:
  Result<std::vector<CheckpointDevice>> read(const std::string& text) {
    dir_.write("kubelet_internal_checkpoint", text);
    return read_device_checkpoint(dir_ / "kubelet_internal_checkpoint");
  }

  TempDir dir_;
};

// As a kubelet of 1.37 writes it; AllocResp is a protobuf.
TEST_F(DeviceCheckpointTest, HasTheDevicesOfAllContainers) {
  const auto devices = read(R"({"Data":{"PodDeviceEntries":[
      {"PodUID":"5f0c","ContainerName":"init","ResourceName":"sluice.dev/gold",
       "DeviceIDs":{"0":["0000:3b:02.1"]},"AllocResp":"Cg=="},
      {"PodUID":"5f0c","ContainerName":"main","ResourceName":"sluice.dev/gold",
       "DeviceIDs":{"-1":["0000:3b:02.2"],"1":["0000:3b:02.3"]},"AllocResp":"Cg=="},
      {"PodUID":"77aa","ContainerName":"main","ResourceName":"other.dev/x","DeviceIDs":null,
       "AllocResp":null}],
    "RegisteredDevices":{"sluice.dev/gold":["0000:3b:02.1"]}},"Checksum":4711})");
  const std::string gold = "sluice.dev/gold";
  EXPECT_THAT(devices.value(), ElementsAre(CheckpointDevice{"5f0c", "init", gold, "0000:3b:02.1"},
                                           CheckpointDevice{"5f0c", "main", gold, "0000:3b:02.2"},
                                           CheckpointDevice{"5f0c", "main", gold, "0000:3b:02.3"}));
}

TEST_F(DeviceCheckpointTest, ANodeWithoutPodsHasNone) {
  EXPECT_THAT(read_device_checkpoint(dir_ / "none").value(), IsEmpty());
  EXPECT_THAT(
      read(R"({"Data":{"PodDeviceEntries":null,"RegisteredDevices":{}},"Checksum":1})").value(),
      IsEmpty());
}

TEST_F(DeviceCheckpointTest, AnotherFormIsSaidWithItsPlace) {
  EXPECT_THAT(read("junk"), FailsWith(Code::data_loss, "kubelet's checkpoint"));
  EXPECT_THAT(read(R"({"V3":{}})"), FailsWith(Code::data_loss, "/Data"));
  EXPECT_THAT(read(R"({"Data":{"PodDeviceEntries":[{"PodUID":7,"ContainerName":"a",
                     "ResourceName":"b","DeviceIDs":{}}]}})"),
              FailsWith(Code::data_loss, "/Data/PodDeviceEntries/0/PodUID"));
  EXPECT_THAT(read(R"({"Data":{"PodDeviceEntries":[{"PodUID":"7","ContainerName":"a",
                     "ResourceName":"b","DeviceIDs":["x"]}]}})"),
              FailsWith(Code::data_loss, "/Data/PodDeviceEntries/0/DeviceIDs: want an object"));
}

}  // namespace
}  // namespace sluice
