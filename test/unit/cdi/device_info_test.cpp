#include "pkg/cdi/device_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(DeviceInfo, IsThatOfTheSpecification) {
  EXPECT_EQ(
      encode(DeviceInfo{.vf = "0000:af:06.0", .port = "0000:af:00.1", .rdma_device = "mlx5_2"}),
      R"({"type":"pci","version":"1.1.0","pci":{"pci-address":"0000:af:06.0",)"
      R"("pf-pci-address":"0000:af:00.1","rdma-device":"mlx5_2"}})");
}

TEST(DeviceInfo, LeavesOutAnRdmaDeviceThatThereIsNot) {
  EXPECT_EQ(encode(DeviceInfo{.vf = "0000:af:06.0", .port = "0000:af:00.1", .rdma_device = ""}),
            R"({"type":"pci","version":"1.1.0","pci":{"pci-address":"0000:af:06.0",)"
            R"("pf-pci-address":"0000:af:00.1"}})");
}

TEST(DeviceInfo, SurvivesANameThatAPodMadeUp) {
  // Not UTF-8; the kernel takes any bytes.
  EXPECT_THAT(encode(DeviceInfo{.vf = {}, .port = {}, .rdma_device = "mlx5\xff"}),
              testing::HasSubstr("\"mlx5\uFFFD\""));
}

}  // namespace
}  // namespace sluice
