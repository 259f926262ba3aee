#include "pkg/netlink/decode_vf.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "test/support/netlink_bytes.h"
#include "test/support/raw_attributes.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr std::uint32_t kUnsaid = 0xffffffff;

enum class Statistics { without, with };

/// What rtnl_fill_vfinfo() of Linux 6.12 sends for one VF, in its order: 196 bytes, 296 with
/// statistics.
void put_vf(RawAttributes& raw, std::uint32_t vf, Statistics statistics) {
  const std::size_t info = raw.open(IFLA_VF_INFO);
  raw.put(IFLA_VF_MAC,
          ifla_vf_mac{.vf = vf, .mac = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(vf)}});
  raw.put(IFLA_VF_BROADCAST, ifla_vf_broadcast{});
  raw.put(IFLA_VF_VLAN, ifla_vf_vlan{.vf = vf, .vlan = 100, .qos = 3});
  raw.put(IFLA_VF_RATE, ifla_vf_rate{.vf = vf, .min_tx_rate = 50, .max_tx_rate = 1000 + vf});
  raw.put(IFLA_VF_TX_RATE, ifla_vf_tx_rate{.vf = vf, .rate = 1000 + vf});
  raw.put(IFLA_VF_SPOOFCHK, ifla_vf_spoofchk{.vf = vf, .setting = 1});
  raw.put(IFLA_VF_LINK_STATE, ifla_vf_link_state{.vf = vf, .link_state = 2});
  raw.put(IFLA_VF_RSS_QUERY_EN, ifla_vf_rss_query_en{.vf = vf, .setting = kUnsaid});
  raw.put(IFLA_VF_TRUST, ifla_vf_trust{.vf = vf, .setting = kUnsaid});
  const std::size_t vlans = raw.open(IFLA_VF_VLAN_LIST);
  raw.put(IFLA_VF_VLAN_INFO,
          ifla_vf_vlan_info{.vf = vf, .vlan = 100, .qos = 3, .vlan_proto = htons(0x88a8)});
  raw.close(vlans);
  if (statistics == Statistics::with) {
    const std::size_t stats = raw.open(IFLA_VF_STATS);
    for (int type = 0; type < 8; ++type) raw.put(type, std::uint64_t{1});
    raw.close(stats);
  }
  raw.close(info);
}

struct Port {
  std::uint32_t announced = 0;
  std::vector<std::uint32_t> vfs;
  Statistics statistics = Statistics::without;
  std::uint16_t type = ARPHRD_ETHER;
};

std::vector<std::uint32_t> first(std::uint32_t count) {
  std::vector<std::uint32_t> vfs;
  for (std::uint32_t vf = 0; vf < count; ++vf) vfs.push_back(vf);
  return vfs;
}

std::vector<std::byte> port_message(const Port& port) {
  RawAttributes raw;
  ifinfomsg header{};
  header.ifi_type = port.type;
  raw.append(header).put_text(IFLA_IFNAME, "pf0").put(IFLA_NUM_VF, port.announced);
  const std::size_t list = raw.open(IFLA_VFINFO_LIST);
  for (const std::uint32_t vf : port.vfs) put_vf(raw, vf, port.statistics);
  raw.close(list);
  raw.put(IFLA_MTU, 1500);
  return raw.bytes();
}

VfInfo whole_vf(int index) {
  return {.index = index,
          .mac = MacAddress({2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)}),
          .vlan = VlanTag{.id = 100, .qos = 3, .protocol = VlanTag::kDot1ad},
          .rate = Rate{.floor = BitRate::mbps(50),
                       .ceiling = BitRate::mbps(1000 + static_cast<std::uint64_t>(index))},
          .spoofchk = true,
          .trust = std::nullopt,
          .link_state = VfLinkState::disable};
}

TEST(DecodeVfs, ReadsEverySettingTheKernelSends) {
  const auto bytes = port_message({.announced = 2, .vfs = {0, 1}});
  ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
  EXPECT_TRUE(list.complete());
  EXPECT_EQ(list.vfs, (std::vector<VfInfo>{whole_vf(0), whole_vf(1)}));
}

TEST(DecodeVfs, VfIsWhatItSaysItIsNotWhereItIs) {
  const auto bytes = port_message({.announced = 4, .vfs = {3, 0, 2}});
  ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.find(1), nullptr);
  ASSERT_NE(list.find(3), nullptr);
  EXPECT_EQ(*list.find(3), whole_vf(3));
  EXPECT_EQ(list.vfs.front().index, 0);
}

TEST(DecodeVfs, LongestListsThatFitAreComplete) {
  for (const auto& [count, statistics] :
       {std::pair(334U, Statistics::without), std::pair(221U, Statistics::with)}) {
    const auto bytes =
        port_message({.announced = count, .vfs = first(count), .statistics = statistics});
    ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
    EXPECT_TRUE(list.complete()) << count;
  }
}

TEST(DecodeVfs, ListWhoseLengthWrappedIsIncomplete) {
  struct Case {
    std::uint32_t count;
    Statistics statistics;
    std::size_t readable;
  };
  for (const Case& wrapped : {Case{222, Statistics::with, 0}, Case{256, Statistics::with, 34},
                              Case{512, Statistics::with, 69}, Case{335, Statistics::without, 0},
                              Case{400, Statistics::without, 65}}) {
    const auto bytes = port_message({.announced = wrapped.count,
                                     .vfs = first(wrapped.count),
                                     .statistics = wrapped.statistics});
    ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
    EXPECT_EQ(list.announced, wrapped.count);
    EXPECT_FALSE(list.complete());
    EXPECT_EQ(list.vfs.size(), wrapped.readable) << wrapped.count;
  }
}

TEST(DecodeVfs, ListThatTheKernelCapsIsIncomplete) {
  const auto bytes = port_message({.announced = 300, .vfs = first(256)});
  ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.find(256), nullptr);
}

TEST(DecodeVfs, NeverReadsPastTheEnd) {
  const auto whole = port_message({.announced = 2, .vfs = {0, 1}, .statistics = Statistics::with});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto list = decode_vfs(cut);
    EXPECT_EQ(list.has_value(), size >= sizeof(ifinfomsg));
    EXPECT_LE(list ? list->vfs.size() : 0, 2U);
  }
  EXPECT_THAT(decode_vfs({}), FailsWith(Code::internal, "link message cut short"));
}

TEST(DecodeVfs, LongAddressOfAnInfinibandPortIsNoMac) {
  const auto bytes = port_message({.announced = 1, .vfs = {0}, .type = ARPHRD_INFINIBAND});
  ASSERT_OK_AND_ASSIGN(const VfList list, decode_vfs(bytes));
  ASSERT_EQ(list.vfs.size(), 1U);
  EXPECT_EQ(list.vfs[0].mac, std::nullopt);
}

/// What put_vf_settings() put for one VF.
std::vector<std::byte> info_of(const VfSettings& settings) {
  Message message(RTM_SETLINK);
  EXPECT_THAT(put_vf_settings(message, 3, settings), IsOk());
  EXPECT_FALSE(message.overflown());
  const auto payload = payload_of(message);
  const auto list = Attributes(Bytes(payload)).find(IFLA_VFINFO_LIST);
  const auto info = Attributes(list->payload).find(IFLA_VF_INFO);
  return {info->payload.begin(), info->payload.end()};
}

std::vector<int> types_of(const std::vector<std::byte>& info) {
  std::vector<int> types;
  for (const Attribute& attribute : Attributes(Bytes(info))) types.push_back(attribute.type);
  return types;
}

TEST(PutVfSettings, PutsAllIntoOneInfoAndNothingThatIsAbsent) {
  EXPECT_THAT(types_of(info_of({.mac = MacAddress(),
                                .vlan = VlanTag{.id = 5},
                                .rate = Rate(),
                                .spoofchk = false,
                                .trust = true,
                                .link_state = VfLinkState::enable,
                                .node_guid = 1,
                                .port_guid = 2})),
              testing::ElementsAre(IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_RATE, IFLA_VF_SPOOFCHK,
                                   IFLA_VF_LINK_STATE, IFLA_VF_TRUST, IFLA_VF_IB_NODE_GUID,
                                   IFLA_VF_IB_PORT_GUID));
  EXPECT_THAT(types_of(info_of({.trust = true})), testing::ElementsAre(IFLA_VF_TRUST));
}

TEST(PutVfSettings, RateIsInMegabits) {
  const auto info =
      info_of({.rate = Rate{.floor = BitRate::mbps(50), .ceiling = BitRate::gbps(2)}});
  const auto rate = Attributes(Bytes(info)).find(IFLA_VF_RATE)->as<ifla_vf_rate>();
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->vf, 3U);
  EXPECT_EQ(rate->min_tx_rate, 50U);
  EXPECT_EQ(rate->max_tx_rate, 2000U);
}

TEST(PutVfSettings, ServiceTagTravelsInTheListThatHasAProtocol) {
  const auto info = info_of({.vlan = VlanTag{.id = 7, .qos = 2, .protocol = VlanTag::kDot1ad}});
  EXPECT_THAT(types_of(info), testing::ElementsAre(IFLA_VF_VLAN_LIST));
  const auto list = Attributes(Bytes(info)).find(IFLA_VF_VLAN_LIST);
  const auto vlan = Attributes(list->payload).find(IFLA_VF_VLAN_INFO)->as<ifla_vf_vlan_info>();
  ASSERT_TRUE(vlan);
  EXPECT_EQ(vlan->vlan, 7U);
  EXPECT_EQ(ntohs(vlan->vlan_proto), ETH_P_8021AD);
}

TEST(PutVfSettings, RefusesAndPutsNothing) {
  for (const VfSettings& settings :
       {VfSettings{.rate = Rate{.floor = BitRate::bits_per_second(1), .ceiling = {}}},
        VfSettings{.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(std::uint64_t{1} << 31)}},
        VfSettings{.vlan = VlanTag{.id = 4095}}, VfSettings{.vlan = VlanTag{.qos = 8}}}) {
    Message message(RTM_SETLINK);
    EXPECT_THAT(put_vf_settings(message, 0, settings), FailsWith(Code::invalid_argument, "want "));
    EXPECT_THAT(payload_of(message), testing::IsEmpty());
  }
}

}  // namespace
}  // namespace sluice
