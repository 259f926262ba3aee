#include <linux/rtnetlink.h>

#include "pkg/netlink/kernel_links.h"
#include "test/contract/links_contract.h"
#include "test/netns/fresh_netns.h"

namespace sluice {
namespace {

void add_altname(const NetNs& netns, int index, const std::string& name) {
  ifinfomsg header{};
  header.ifi_index = index;
  Message message(RTM_NEWLINKPROP, header, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND);
  {
    const auto list = message.nest(IFLA_PROP_LIST);
    message.put_text(IFLA_ALT_IFNAME, name);
  }
  Socket socket = Socket::open(NETLINK_ROUTE, &netns).value();
  EXPECT_THAT(socket.request(message, "add altname"), IsOk());
}

std::unique_ptr<Links> links_in(const NetNs& netns) {
  return std::make_unique<KernelLinks>(KernelLinks::open(&netns).value());
}

LinksWorld kernel_world() {
  const auto here = std::make_shared<NetNs>(fresh_netns().value());
  auto there = std::make_unique<NetNs>(fresh_netns().value());
  return {.owner = here,
          .here = links_in(*here),
          .there = links_in(*there),
          .there_netns = std::move(there),
          .add_altname = [here](int index, const std::string& name) {
            add_altname(*here, index, name);
          }};
}

INSTANTIATE_TEST_SUITE_P(Kernel, LinksContract, testing::Values(kernel_world));

}  // namespace
}  // namespace sluice
