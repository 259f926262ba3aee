#include "pkg/netlink/decode_tc.h"

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "pkg/netlink/encode_tc.h"
#include "test/support/netlink_bytes.h"

namespace sluice {
namespace {

const MacAddress kMac = MacAddress::parse("02:a1:b2:c3:d4:e5").value();

HtbClass fast_class() {
  return {.handle = {0x51ce, 0x10},
          .parent = {0x51ce, 1},
          .rate = BitRate::gbps(50),
          .ceiling = BitRate::gbps(100),
          .burst = TcBurst(100),
          .ceiling_burst = TcBurst(200),
          .quantum = 65'536,
          .priority = 2};
}

Filter redirect() {
  return {kTcIngress, 9, match_destination(kMac), Redirect{4}};
}

TEST(TcHandle, ReadsAsTcWritesIt) {
  EXPECT_EQ(to_string(TcHandle{0x51ce, 0}), "51ce:");
  EXPECT_EQ(to_string(TcHandle{0x51ce, 0x1f}), "51ce:1f");
}

TEST(U32Key, AddressesLieBeforeTheNetworkHeader) {
  EXPECT_EQ(match_source(kMac),
            (std::vector<U32Key>{{-8, 0x02a1b2c3, 0xffffffff}, {-4, 0xd4e50000, 0xffff0000}}));
  EXPECT_EQ(match_destination(kMac),
            (std::vector<U32Key>{{-16, 0x000002a1, 0x0000ffff}, {-12, 0xb2c3d4e5, 0xffffffff}}));
}

TEST(DecodeTc, RoundTripsAClassBeyondThirtyTwoBits) {
  Message message = encode_set_class(7, fast_class());
  const auto decoded = decode_htb_class(payload_of(message));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->link, 7);
  EXPECT_EQ(decoded->value.settings, fast_class());
  EXPECT_EQ(decoded->value.counters, ClassCounters());
}

TEST(DecodeTc, RoundTripsQdiscs) {
  const std::vector<Qdisc> all = {
      {.kind = "htb", .handle = {1, 0}, .options = HtbOptions{.default_class = 2}},
      {.kind = "tbf",
       .handle = {2, 0},
       .options = TbfOptions{.rate = BitRate::gbps(40), .burst = TcBurst(5), .limit = 9}},
      {.kind = "ingress",
       .handle = kTcIngress,
       .parent = kTcIngressParent,
       .options = IngressOptions{}},
      {.kind = "mq", .options = {}}};
  for (const Qdisc& qdisc : all) {
    Message message = encode_add_qdisc(7, qdisc);
    const auto decoded = decode_qdisc(payload_of(message));
    ASSERT_TRUE(decoded) << qdisc.kind;
    EXPECT_EQ(decoded->value, qdisc) << qdisc.kind;
  }
}

TEST(DecodeTc, RoundTripsFilters) {
  for (const Filter& filter :
       {redirect(), Filter{kTcIngress, 1, match_group_destination(), Mirror{5}},
        Filter{{0x51ce, 0}, 3, match_source(kMac), TcHandle{0x51ce, 0x10}}}) {
    Message message = encode_add_filter(7, filter);
    const auto decoded = decode_filter(payload_of(message));
    ASSERT_TRUE(decoded) << filter.priority;
    EXPECT_EQ(decoded->value, filter) << filter.priority;
  }
}

TEST(DecodeTc, LeavesOutWhatIsNotOurs) {
  Message prio(RTM_NEWTCLASS, tcmsg{});
  prio.put_text(TCA_KIND, "prio");
  EXPECT_FALSE(decode_htb_class(payload_of(prio)));
  Message hash_table(RTM_NEWTFILTER, tcmsg{});
  hash_table.put_text(TCA_KIND, "u32");
  {
    const auto options = hash_table.nest(TCA_OPTIONS);
    hash_table.put(TCA_U32_DIVISOR, std::uint32_t{1});
  }
  EXPECT_FALSE(decode_filter(payload_of(hash_table)));
}

TEST(DecodeTc, SurvivesTruncationAnywhere) {
  Message add_class = encode_set_class(7, fast_class());
  for_each_truncation(add_class, [](Bytes cut) {
    const auto decoded = decode_htb_class(cut);
    if (decoded) {
      EXPECT_EQ(decoded->value.settings.handle, fast_class().handle);
    }
  });
  Message add_filter = encode_add_filter(7, redirect());
  for_each_truncation(add_filter, [](Bytes cut) { EXPECT_FALSE(decode_filter(cut)); });
  Message add_qdisc =
      encode_add_qdisc(7, {.kind = "htb", .handle = {1, 0}, .options = HtbOptions{}});
  for_each_truncation(add_qdisc, [](Bytes cut) {
    const auto decoded = decode_qdisc(cut);
    if (decoded) {
      EXPECT_EQ(decoded->link, 7);
    }
  });
}

}  // namespace
}  // namespace sluice
