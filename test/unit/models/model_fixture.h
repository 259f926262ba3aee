#pragma once

#include <memory>
#include <string>

#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// A port of a driver model with four VFs, asked what the kernel asks it. Answers are errnos.
class ModelTest : public testing::Test {
 protected:
  void plug(std::string_view model, KernelVersion version = KernelVersion::v6_12) {
    machine = std::make_unique<FakeMachine>(driver_model(model));
    machine->node().version = version;
    ASSERT_EQ(port().set_vfs(4), 0);
    pod = machine->node().add_netns("/run/netns/pod");
    port().settle();
  }

  PortModel& port() { return machine->port(); }

  FakeKernel& kernel() { return machine->kernel(); }

  static int errno_of(const Result<>& done) { return done ? 0 : done.error().sys_errno(); }

  static Rate ceiling(std::uint64_t mbps) { return {.floor = {}, .ceiling = BitRate::mbps(mbps)}; }

  static Rate rate(std::uint64_t floor, std::uint64_t ceiling) {
    return {.floor = BitRate::mbps(floor), .ceiling = BitRate::mbps(ceiling)};
  }

  static MacAddress mac(int last) {
    return MacAddress({2, 0xab, 0, 0, 0, static_cast<std::uint8_t>(last)});
  }

  int set(const VfSettings& settings, int vf = 0) {
    return errno_of(kernel().links().set_vf(port().port().link.index, vf, settings));
  }

  /// Through the VF's link, wherever it is.
  int change(LinkChange change, int vf = 0) {
    const std::string function = port().vf(vf).function;
    FakeLinks links(machine->node(), machine->node().netns_of(function));
    return errno_of(links.change(port().link_of(vf)->link.index, change));
  }

  int move_to_pod(int vf = 0) {
    const NetNs target = NetNs::fake(pod);
    return change({.netns = &target, .name = "net1", .up = true}, vf);
  }

  MacAddress link_mac(int vf = 0) { return port().link_of(vf)->link.mac.value_or(MacAddress()); }

  VfInfo reported(int vf = 0) {
    const auto list = kernel().links().vfs(port().port().link.index);
    const VfInfo* const info = list ? list->find(vf) : nullptr;
    EXPECT_NE(info, nullptr);
    return info != nullptr ? *info : VfInfo();
  }

  std::unique_ptr<FakeMachine> machine;
  std::uint64_t pod = 0;
};

}  // namespace sluice
