#include <linux/bpf.h>
#include <linux/rtnetlink.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

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
  auto there_links = links_in(*there);
  return {.owner = here,
          .here = links_in(*here),
          .there = std::move(there_links),
          .there_netns = std::move(there),
          .add_altname = [here](int index, const std::string& name) {
            add_altname(*here, index, name);
          }};
}

/// A program that passes every frame; the error where this kernel takes none.
Result<UniqueFd> load_xdp_program() {
  const std::array<bpf_insn, 2> code = {
      bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
      bpf_insn{.code = BPF_JMP | BPF_EXIT}};
  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_XDP;
  attr.insn_cnt = code.size();
  attr.insns = reinterpret_cast<std::uint64_t>(code.data());
  const std::string license = "GPL";
  attr.license = reinterpret_cast<std::uint64_t>(license.data());
  UniqueFd fd(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr))));
  if (!fd) return Error::from_errno(errno, "load XDP program");
  return fd;
}

Result<> attach_xdp(const NetNs& netns, int index, const UniqueFd& program, std::uint32_t mode) {
  ifinfomsg header{};
  header.ifi_index = index;
  Message message(RTM_SETLINK, header);
  {
    const auto xdp = message.nest(IFLA_XDP);
    message.put(IFLA_XDP_FD, program.get()).put(IFLA_XDP_FLAGS, mode);
  }
  Socket socket = TRY(Socket::open(NETLINK_ROUTE, &netns));
  return socket.request(message, "attach XDP program");
}

TEST(KernelLinks, K33_AnXdpProgramIsSeenAndDetachedInEachMode) {
  const Result<UniqueFd> program = load_xdp_program();
  if (!program) GTEST_SKIP() << program.error().message();
  const NetNs netns = fresh_netns().value();
  const std::unique_ptr<Links> links = links_in(netns);
  ASSERT_THAT(links->add({.kind = LinkKind::veth, .name = "a", .peer_name = "b"}), IsOk());
  const int index = links->find("a").value()->index;
  for (const std::uint32_t mode : {XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE}) {
    ASSERT_THAT(attach_xdp(netns, index, *program, mode), IsOk());
    ASSERT_EQ(links->find(index).value()->xdp_modes, mode);

    EXPECT_THAT(links->detach_xdp(index, mode), IsOk());

    EXPECT_EQ(links->find(index).value()->xdp_modes, 0U);
    EXPECT_THAT(links->detach_xdp(index, 0), IsOk());
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, LinksContract, testing::Values(kernel_world));

}  // namespace
}  // namespace sluice
