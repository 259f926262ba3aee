#include "pkg/netlink/gid_table.h"

#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPort = "class/infiniband/mlx5_3/ports/";
constexpr const char* kUnused = "0000:0000:0000:0000:0000:0000:0000:0000";

class GidTable : public testing::Test {
 protected:
  GidTable& entry(int port, int index, const std::string& gid, const std::string& type) {
    const std::string folder = kPort + std::to_string(port);
    tree_.write(folder + "/gids/" + std::to_string(index), gid + "\n");
    const std::string file = folder + "/gid_attrs/types/" + std::to_string(index);
    if (!type.empty()) tree_.write(file, type + "\n");
    return *this;
  }

  SysfsTree tree_;
};

TEST_F(GidTable, HasTheUsedEntriesOfAllPorts) {
  entry(1, 0, "fe80:0000:0000:0000:0202:03ff:fe04:0506", "IB/RoCE v1");
  entry(1, 1, kUnused, "");  // The kernel refuses its type.
  entry(1, 2, "0000:0000:0000:0000:0000:ffff:c000:0207", "RoCE v2");
  entry(2, 0, "2001:0db8:0000:0000:0000:0000:0000:0007", "RoCE v2");
  ASSERT_OK_AND_ASSIGN(const std::vector<Gid> gids, read_gids(tree_.root(), "mlx5_3"));
  EXPECT_THAT(gids, ElementsAre(Gid{.address = *IpAddress::parse("fe80::202:3ff:fe04:506"),
                                    .type = GidType::ib_or_roce_v1},
                                Gid{.address = *IpAddress::parse("::ffff:192.0.2.7"),
                                    .type = GidType::roce_v2,
                                    .index = 2},
                                Gid{.address = *IpAddress::parse("2001:db8::7"),
                                    .type = GidType::roce_v2,
                                    .port = 2}));
}

TEST_F(GidTable, EndsWith64UnusedEntriesInARow) {
  const std::string used = "2001:0db8:0000:0000:0000:0000:0000:0007";
  for (int index = 0; index < 130; ++index) entry(1, index, kUnused, "");
  entry(1, 63, used, "RoCE v2");
  entry(1, 128, used, "RoCE v2");
  ASSERT_OK_AND_ASSIGN(const std::vector<Gid> gids, read_gids(tree_.root(), "mlx5_3"));
  EXPECT_THAT(gids, ElementsAre(testing::Field(&Gid::index, 63)));
}

TEST_F(GidTable, AnEntryThatGoesWhileItIsReadIsNone) {
  entry(1, 0, "2001:0db8:0000:0000:0000:0000:0000:0007", "");
  ASSERT_OK_AND_ASSIGN(const std::vector<Gid> gids, read_gids(tree_.root(), "mlx5_3"));
  EXPECT_THAT(gids, IsEmpty());
}

TEST_F(GidTable, OfAMissingDeviceIsNotFound) {
  EXPECT_THAT(read_gids(tree_.root(), "mlx5_3"),
              FailsWith(Code::not_found, "read GIDs of RDMA device 'mlx5_3': no such RDMA device"));
}

TEST_F(GidTable, WhatCannotBeReadIsNamedWithItsPort) {
  entry(1, 0, "2001:0db8:0000:0000:0000:0000:0000:0007", "RoCE v2");
  tree_.break_file(fmt::format("{}1/gids/0", kPort));
  EXPECT_THAT(
      read_gids(tree_.root(), "mlx5_3"),
      FailsWith(Code::internal, "read GIDs of RDMA device 'mlx5_3', port 1: read 'gids/0': EIO"));
}

TEST_F(GidTable, WhatIsNoGidIsRefused) {
  entry(1, 0, "c0ffee", "RoCE v2");
  EXPECT_THAT(read_gids(tree_.root(), "mlx5_3"), FailsWith(Code::invalid_argument, "port 1"));
}

TEST(AsGid, MapsIPv4AndKeepsIPv6) {
  EXPECT_EQ(as_gid(*IpAddress::parse("10.1.0.2")), *IpAddress::parse("::ffff:10.1.0.2"));
  EXPECT_EQ(as_gid(*IpAddress::parse("fd00::2")), *IpAddress::parse("fd00::2"));
}

}  // namespace
}  // namespace sluice
