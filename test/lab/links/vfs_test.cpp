#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pkg/netlink/live_kernel.h"
#include "test/contract/vfs_contract.h"
#include "test/netns/fresh_netns.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr int kVfs = 7;  // What QEMU's igb has.

/// The first of the guest's ports, as a PCI address.
std::string first_port() {
  const char* const ports = std::getenv("LAB_PORTS");  // NOLINT(concurrency-mt-unsafe)
  const std::string all = ports != nullptr ? ports : "";
  return all.substr(0, all.find(' '));
}

/// Asks again until `condition` holds; false after about a minute.
template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    ::usleep(20'000);
  }
  return false;
}

std::optional<Link> link_of(Links& links, const std::string& pci) {
  const std::vector<Link> all = links.list().value();
  for (const Link& link : all) {
    if (link.parent_device == pci) return link;
  }
  return std::nullopt;
}

/// PCI address of a VF of the first port.
std::string vf_address(int vf) {
  return fs::read_symlink(fmt::format("/sys/bus/pci/devices/{}/virtfn{}", first_port(), vf))
      .filename()
      .string();
}

/// The port's VFs are made once and stay for all tests.
void make_vfs(Links& links) {
  const std::string file = fmt::format("/sys/bus/pci/devices/{}/sriov_numvfs", first_port());
  std::string now;
  std::getline(std::ifstream(file), now);
  if (now != std::to_string(kVfs)) std::ofstream(file) << kVfs << std::flush;
  for (int vf = 0; vf < kVfs; ++vf) {
    EXPECT_TRUE(eventually([&] { return link_of(links, vf_address(vf)).has_value(); })) << vf;
  }
  // igb takes a rate only while the port has carrier, which goes for a moment as VFs come.
  EXPECT_TRUE(eventually([&] {
    const auto port = link_of(links, first_port());
    return port && port->carrier;
  }));
}

VfsWorld igb_port() {
  auto links = std::make_unique<KernelLinks>(KernelLinks::open().value());
  make_vfs(*links);
  const int port = link_of(*links, first_port())->index;
  return {.owner = nullptr, .links = std::move(links), .port = port, .vfs = kVfs, .floors = false};
}

INSTANTIATE_TEST_SUITE_P(Igb, VfsContract, testing::Values(igb_port));

class VfLinkTest : public testing::Test {
 protected:
  void SetUp() override { make_vfs(kernel_->links()); }

  std::unique_ptr<LiveKernel> kernel_ = LiveKernel::open().value();
};

TEST_F(VfLinkTest, IsFoundInANamespaceWithoutANameAndComesHomeWhenItDies) {
  const std::string address = vf_address(2);
  Links& host = kernel_->links();
  const auto vf = link_of(host, address);
  ASSERT_TRUE(vf);
  EXPECT_EQ(vf->parent_bus, "pci");
  {
    const NetNs pod = fresh_netns().value();
    ASSERT_THAT(host.change(vf->index, {.netns = &pod, .name = "net1", .up = true}), IsOk());
    EXPECT_EQ(link_of(host, address), std::nullopt);
    ASSERT_OK_AND_ASSIGN(const auto holder, kernel_->find_netns_holding(address));
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->cookie(), pod.cookie());
    const VfSettings limit{.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(100)}};
    const int port = link_of(host, first_port())->index;
    EXPECT_THAT(host.set_vf(port, 2, limit), IsOk());
  }
  ASSERT_TRUE(eventually([&] { return link_of(host, address).has_value(); }));
  const auto back = link_of(host, address);
  EXPECT_EQ(back->name, "net1");
  EXPECT_FALSE(back->up);
  EXPECT_THAT(host.change(back->index, {.name = vf->name}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto none, kernel_->find_netns_holding(address));
  EXPECT_FALSE(none);
}

}  // namespace
}  // namespace sluice
