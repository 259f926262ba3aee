#include "test/fake/fake_addresses.h"

#include "test/contract/source_routing_contract.h"

namespace sluice {
namespace {

AddressesWorld fake_world() {
  auto table = std::make_shared<FakeAddressTable>();
  table->add_link(7);
  table->add_link(8);
  return {.addresses = std::make_unique<FakeAddresses>(table), .link = 7, .other_link = 8};
}

INSTANTIATE_TEST_SUITE_P(Fake, AddressesContract, testing::Values(fake_world));
INSTANTIATE_TEST_SUITE_P(Fake, SourceRoutingContract, testing::Values(fake_world));

TEST(FakeAddresses, ViewsShareTheTableAndFailWhenTold) {
  auto table = std::make_shared<FakeAddressTable>();
  table->add_link(7);
  FakeAddresses writer(table);
  FakeAddresses reader(table);
  table->fail(Error(Code::busy, "later"), 2);
  ASSERT_THAT(writer.add_address(7, IpPrefix::parse("192.0.2.1/24").value()), IsOk());
  EXPECT_THAT(reader.addresses(7), FailsWith(Code::busy, "later"));
  ASSERT_OK_AND_ASSIGN(const auto listed, reader.addresses(7));
  EXPECT_EQ(listed.size(), 1U);
}

}  // namespace
}  // namespace sluice
