#include "plugin/allocate_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const Device kFirst{.id = "0000:af:06.0",
                    .port = "0000:af:00.1",
                    .rdma_device = "mlx5_2",
                    .char_devices = {"issm1", "umad1", "uverbs1"}};
const Device kSecond{.id = "0000:af:06.1",
                     .port = "0000:af:00.1",
                     .rdma_device = "mlx5_3",
                     .char_devices = {"uverbs2"}};
const std::string kHook = "/opt/bin/sluice-memlock";
const Device kPlain{.id = "0000:af:06.2", .port = "0000:af:00.1"};
const Device kVfio{.id = "0000:af:06.3", .port = "0000:af:00.1", .vfio_group = "12"};

TEST(EnvName, HasNothingThatAShellCannotRead) {
  EXPECT_EQ(env_name("mellanox.com/mlnx_sriov_rdma"), "PCIDEVICE_MELLANOX_COM_MLNX_SRIOV_RDMA");
  EXPECT_EQ(env_name("sluice.dev/gold-10G"), "PCIDEVICE_SLUICE_DEV_GOLD_10G");
}

TEST(AllocateResponseTest, D09_ListsTheAddressesInTheOrderOfTheRequest) {
  const AllocateResponse given =
      allocate_response("sluice.dev/gold", {&kSecond, &kFirst}, Handover::cdi);
  EXPECT_EQ(given.env.at("PCIDEVICE_SLUICE_DEV_GOLD"), "0000:af:06.1,0000:af:06.0");
}

TEST(AllocateResponseTest, D09_DescribesEachDeviceAsThePeersDo) {
  const AllocateResponse given =
      allocate_response("sluice.dev/gold", {&kFirst, &kPlain, &kVfio}, Handover::cdi);
  EXPECT_EQ(nlohmann::json::parse(given.env.at("PCIDEVICE_SLUICE_DEV_GOLD_INFO")),
            nlohmann::json::parse(R"({
    "0000:af:06.0": {"generic": {"deviceID": "0000:af:06.0"},
                     "rdma": {"uverbs": "/dev/infiniband/uverbs1", "umad": "/dev/infiniband/umad1",
                              "issm": "/dev/infiniband/issm1", "rdma_cm": "/dev/infiniband/rdma_cm",
                              "rdma_dev": "mlx5_2"}},
    "0000:af:06.2": {"generic": {"deviceID": "0000:af:06.2"}},
    "0000:af:06.3": {"generic": {"deviceID": "0000:af:06.3"},
                     "vfio": {"mount": "/dev/vfio/vfio", "dev-mount": "/dev/vfio/12"}}})"));
}

TEST(AllocateResponseTest, D09_GivesCharacterDevicesByTheirCdiNames) {
  const AllocateResponse given =
      allocate_response("sluice.dev/gold", {&kFirst, &kPlain}, Handover::cdi);
  EXPECT_THAT(given.cdi_devices, ElementsAre("sluice.dev/vf=0000:af:06.0", "sluice.dev/vf=limits"));
  EXPECT_THAT(given.nodes, IsEmpty());
}

TEST(AllocateResponseTest, GivesThemOneByOneWhereTheRuntimeHasNoCdi) {
  const AllocateResponse given =
      allocate_response("sluice.dev/gold", {&kFirst, &kSecond}, Handover::device_specs);
  EXPECT_THAT(given.cdi_devices, IsEmpty());
  EXPECT_THAT(given.nodes, UnorderedElementsAre("/dev/infiniband/uverbs1", "/dev/infiniband/umad1",
                                                "/dev/infiniband/issm1", "/dev/infiniband/uverbs2",
                                                "/dev/infiniband/rdma_cm"));
}

TEST(AllocateResponseTest, GivesAContainerWhoseDevicesHaveNoNodesItsLimitsAlone) {
  const AllocateResponse given =
      allocate_response("sluice.dev/gold", {&kPlain}, Handover::device_specs);
  EXPECT_THAT(given.nodes, IsEmpty());
  EXPECT_THAT(allocate_response("sluice.dev/gold", {&kPlain}, Handover::cdi).cdi_devices,
              ElementsAre("sluice.dev/vf=limits"));
}

TEST(Nodes, OfAVfForVirtualMachinesAreThoseOfItsGroup) {
  EXPECT_THAT(nodes_of(kVfio), ElementsAre("/dev/vfio/vfio", "/dev/vfio/12"));
}

TEST(AllocateResponseTest, SurvivesANameThatAPodMadeUp) {
  Device renamed = kFirst;
  renamed.rdma_device = "mlx5\xff";  // Not UTF-8; the kernel takes any bytes.
  const AllocateResponse given = allocate_response("sluice.dev/gold", {&renamed}, Handover::cdi);
  EXPECT_THAT(given.env.at("PCIDEVICE_SLUICE_DEV_GOLD_INFO"), HasSubstr("\"mlx5\uFFFD\""));
  EXPECT_THAT(device_info(renamed), HasSubstr("\"mlx5\uFFFD\""));
}

TEST(CdiSpecOfSnapshot, D12_HasTheDevicesOfAllClassesOnce) {
  const DeviceSnapshot snapshot{
      .classes = {{.resource = "sluice.dev/gold", .devices = {kSecond, kPlain}},
                  {.resource = "sluice.dev/bronze", .devices = {kFirst}}}};
  const CdiSpec spec = cdi_spec(snapshot, kHook);
  EXPECT_EQ(spec.kind, "sluice.dev/vf");
  ASSERT_EQ(spec.devices.size(), 3U);
  EXPECT_EQ(spec.devices[0].name, "0000:af:06.0");
  EXPECT_EQ(spec.devices[1].name, "0000:af:06.1");
  EXPECT_THAT(spec.devices[1].device_nodes,
              ElementsAre("/dev/infiniband/uverbs2", "/dev/infiniband/rdma_cm"));
  EXPECT_EQ(spec.devices[2].name, "limits");
}

// The file as a runtime reads it.
std::string cdi_file(LockedMemory memory) {
  const DeviceSnapshot snapshot{
      .classes = {{.resource = "sluice.dev/gold", .devices = {kPlain, kVfio}}},
      .locked_memory = memory};
  return *encode(cdi_spec(snapshot, kHook));
}

constexpr std::string_view kDevices =
    R"("devices":[{"name":"0000:af:06.3","containerEdits":{"deviceNodes":[)"
    R"({"path":"/dev/vfio/vfio","permissions":"rw"},{"path":"/dev/vfio/12","permissions":"rw"}]}},)"
    R"({"name":"limits","containerEdits":{"env":["SLUICE_LANES=yes"]}}]})"
    "\n";

TEST(CdiSpecOfSnapshot, LetsContainersLockMemoryByAHook) {
  constexpr std::string_view kFormat =
      R"({{"cdiVersion":"0.5.0","kind":"sluice.dev/vf","containerEdits":{{"hooks":[{{"hookName":)"
      R"("createRuntime","path":"/opt/bin/sluice-memlock","args":[{}],"timeout":30}}]}},{})";
  EXPECT_EQ(cdi_file({}), fmt::format(kFormat, R"("sluice-memlock")", kDevices));
  EXPECT_EQ(cdi_file({.mode = LockedMemory::Mode::bytes, .bytes = 17179869184}),
            fmt::format(kFormat, R"("sluice-memlock","--bytes","17179869184")", kDevices));
}

TEST(CdiSpecOfSnapshot, KeepsItsNamesWhereTheLimitIsLeftToTheRuntime) {
  EXPECT_EQ(cdi_file({.mode = LockedMemory::Mode::leave}),
            fmt::format(R"({{"cdiVersion":"0.5.0","kind":"sluice.dev/vf",{})", kDevices));
}

TEST(CdiSpecOfSnapshot, IsEmptyWithoutDevices) {
  EXPECT_THAT(
      cdi_spec({.classes = {{.resource = "sluice.dev/gold", .devices = {}}}}, kHook).devices,
      IsEmpty());
}

TEST(DeviceInfo, D19_IsThatOfTheSpecification) {
  EXPECT_EQ(device_info_name("sluice.dev/gold", "0000:af:06.0"),
            "sluice.dev-gold-0000:af:06.0-device.json");
  EXPECT_EQ(nlohmann::json::parse(device_info(kFirst)), nlohmann::json::parse(R"({
    "type": "pci", "version": "1.1.0", "pci": {"pci-address": "0000:af:06.0",
      "pf-pci-address": "0000:af:00.1", "rdma-device": "mlx5_2"}})"));
  EXPECT_FALSE(nlohmann::json::parse(device_info(kPlain))["pci"].contains("rdma-device"));
}

}  // namespace
}  // namespace sluice::plugin
