#include "test/contract/links_contract.h"
#include "test/contract/vfs_contract.h"
#include "test/fake/fake_kernel.h"

namespace sluice {
namespace {

LinksWorld fake_world() {
  auto kernel = std::make_shared<FakeKernel>();
  const std::uint64_t here = kernel->node().add_netns("/run/netns/here");
  const std::uint64_t there = kernel->node().add_netns("/run/netns/there");
  FakeNode& node = kernel->node();
  return {.owner = kernel,
          .here = std::make_unique<FakeLinks>(node, here),
          .there = std::make_unique<FakeLinks>(node, there),
          .there_netns = std::make_unique<NetNs>(NetNs::fake(there)),
          .add_altname = [&node, here](int index, const std::string& name) {
            node.find(index, here)->link.altnames.push_back(name);
          }};
}

VfsWorld fake_port(FakeDriver driver) {
  auto kernel = std::make_shared<FakeKernel>();
  const int port = kernel->node().add_port({.name = "pf0"}, 4, driver);
  auto links = std::make_unique<FakeLinks>(kernel->node(), FakeNode::kHost);
  return {
      .owner = kernel, .links = std::move(links), .port = port, .vfs = 4, .floors = driver.floors};
}

INSTANTIATE_TEST_SUITE_P(Fake, LinksContract, testing::Values(fake_world));
INSTANTIATE_TEST_SUITE_P(Fake, VfsContract,
                         testing::Values([] { return fake_port({}); },
                                         [] { return fake_port({.floors = false}); }));

}  // namespace
}  // namespace sluice
