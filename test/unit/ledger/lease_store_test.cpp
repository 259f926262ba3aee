#include "pkg/ledger/lease_store.h"

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::IsEmpty;

const AttachmentId kAttachment{"c1", "eth0"};

LaneAddresses given() {
  return {
      .addresses = {IpPrefix::parse("10.1.0.2/24").value(), IpPrefix::parse("fd00::2/64").value()},
      .routes = {{.destination = IpPrefix::parse("10.0.0.0/8").value(),
                  .gateway = IpAddress::parse("10.1.0.1").value(),
                  .mtu = 9000,
                  .advmss = 8960,
                  .priority = 5,
                  .table = 7,
                  .scope = 0},
                 {.destination = IpPrefix::parse("fd00:1::/32").value()}},
      .rules = true};
}

Lease lease(const std::string& ifname, const std::string& lacks_gids = {}) {
  return {.ifname = ifname,
          .network = "rail0",
          .conf = R"({"ipam":{"type":"host-local"}})",
          .given = given(),
          .lacks_gids = lacks_gids};
}

class LeaseStoreTest : public testing::Test {
 protected:
  TempDir dir_;
  LeaseStore store_{dir_.path()};
};

TEST_F(LeaseStoreTest, ReadsInOrderWhatWasWrittenWithAndWithoutMissingGids) {
  const std::vector<Lease> leases = {lease("net1"), lease("net2", "10.1.0.2,fd00::2"),
                                     lease("net3")};
  ASSERT_THAT(store_.write("k8s", kAttachment, leases), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<Lease> read, store_.read(kAttachment));
  EXPECT_EQ(read, leases);
  ASSERT_OK_AND_ASSIGN(const auto second,
                       store_.find({.container_id = "c1", .ifname = "net2", .beside = "eth0"}));
  EXPECT_EQ(second, leases[1]);
}

TEST_F(LeaseStoreTest, HasNoneOfAnUnknownAttachment) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Lease> read, store_.read(kAttachment));
  EXPECT_THAT(read, IsEmpty());
}

TEST_F(LeaseStoreTest, HasNoAddressesBeforeTheyAreGiven) {
  Lease planned = lease("net1");
  planned.given = {};
  ASSERT_THAT(store_.write("k8s", kAttachment, std::span(&planned, 1)), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<Lease> read, store_.read(kAttachment));
  EXPECT_EQ(read[0].given, LaneAddresses());
}

TEST(LaneAddressesTest, RefusesWhatMakesNoSense) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "want an object"},
      {R"({"routes":[]})", "/addresses"},
      {R"({"addresses":["10.1.0.2"],"routes":[]})", "/addresses"},
      {R"({"addresses":[1],"routes":[]})", "/addresses"},
      {R"({"addresses":[],"routes":[{}]})", "/routes/0/dst"},
      {R"({"addresses":[],"routes":[{"dst":"10.0.0.0/8","gw":"x"}]})", "/routes/0/gw"},
      {R"({"addresses":[],"routes":[{"dst":"10.0.0.0/8","mtu":-1}]})", "/routes/0/mtu"}};
  for (const auto& [text, why] : cases) {
    EXPECT_THAT(decode_lane_addresses(text), FailsWith(Code::data_loss, why)) << text;
  }
}

TEST_F(LeaseStoreTest, RefusesALineThatMakesNoSense) {
  Lease broken = lease("net1", "10.1.0.2");
  for (const char* const more : {"\t", "\tx\ty"}) {
    broken.lacks_gids = std::string("10.1.0.2") + more;
    ASSERT_THAT(store_.write("k8s", kAttachment, std::span(&broken, 1)), IsOk());
    EXPECT_THAT(store_.read(kAttachment), FailsWith(Code::data_loss, "leases of container 'c1'"));
  }
}

}  // namespace
}  // namespace sluice
