#include "pkg/netlink/decode_link.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <filesystem>
#include <fstream>

#include "test/support/netlink_bytes.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

/// What Linux 6.18 answered to RTM_GETLINK, after the nlmsghdr.
std::vector<std::byte> captured(const std::string& name) {
  std::ifstream file(fmt::format("{}/{}", SLUICE_GOLDEN, name), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_GT(text.size(), 100U) << name;
  const Bytes bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

const Link kVeth{.index = 3,
                 .name = "lane0",
                 .kind = "veth",
                 .mtu = 1400,
                 .up = true,
                 .carrier = true,
                 .mac = MacAddress({2, 0, 0, 0, 0, 7}),
                 .altnames = {"alternative-of-lane0", "other0"},
                 .lower_index = 2};

TEST(DecodeLink, ReadsAVethThatIsUp) {
  ASSERT_OK_AND_ASSIGN(const Link link, decode_link(captured("link_veth.bin")));
  EXPECT_EQ(link, kVeth);
}

TEST(DecodeLink, ReadsAMacvlanWithoutCarrier) {
  ASSERT_OK_AND_ASSIGN(const Link link, decode_link(captured("link_macvlan.bin")));
  EXPECT_EQ(link, (Link{.index = 4,
                        .name = "net1",
                        .kind = "macvlan",
                        .mtu = 1400,
                        .mac = MacAddress({2, 0, 0, 0, 0, 8}),
                        .lower_index = 3}));
}

TEST(DecodeLink, ReadsWhatOnlyHardwareSends) {
  ifinfomsg header{};
  header.ifi_index = 7;
  header.ifi_flags = IFF_UP;
  Message message(RTM_NEWLINK, header);
  message.put_text(IFLA_IFNAME, "vf0")
      .put(IFLA_PERM_ADDRESS, MacAddress::Bytes{2, 0, 0, 0, 0, 5})
      .put(IFLA_MASTER, 9)
      .put_text(IFLA_PHYS_PORT_NAME, "p0")
      .put_text(IFLA_PARENT_DEV_NAME, "0000:01:10.0")
      .put_text(IFLA_PARENT_DEV_BUS_NAME, "pci");
  ASSERT_OK_AND_ASSIGN(const Link link, decode_link(payload_of(message)));
  EXPECT_EQ(link, (Link{.index = 7,
                        .name = "vf0",
                        .up = true,
                        .permanent_mac = MacAddress({2, 0, 0, 0, 0, 5}),
                        .parent_bus = "pci",
                        .parent_device = "0000:01:10.0",
                        .phys_port_name = "p0",
                        .master_index = 9}));
}

TEST(DecodeLink, EachSpecialModeIsSeen) {
  for (const unsigned mode : {IFF_DEBUG, IFF_NOARP, IFF_PROMISC, IFF_ALLMULTI}) {
    ifinfomsg header{};
    header.ifi_flags = IFF_MULTICAST | mode;
    Message message(RTM_NEWLINK, header);
    ASSERT_OK_AND_ASSIGN(const Link link, decode_link(payload_of(message)));
    EXPECT_TRUE(link.special_modes) << mode;
  }
}

TEST(DecodeLink, AddressThatIsNotSixBytesIsNoMac) {
  Message message(RTM_NEWLINK, ifinfomsg{});
  message.put(IFLA_ADDRESS, std::array<std::uint8_t, 20>{0x80});
  ASSERT_OK_AND_ASSIGN(const Link link, decode_link(payload_of(message)));
  EXPECT_EQ(link.mac, std::nullopt);
}

TEST(DecodeLink, NeverReadsPastTheEnd) {
  for (const char* name : {"link_veth.bin", "link_macvlan.bin"}) {
    const std::vector<std::byte> whole = captured(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> cut(whole.begin(),
                                       whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(decode_link(cut).has_value(), size >= sizeof(ifinfomsg)) << name << " " << size;
    }
  }
  EXPECT_THAT(decode_link({}), FailsWith(Code::internal, "link message cut short"));
}

}  // namespace
}  // namespace sluice
