#include "pkg/netlink/addresses.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

TEST(IpAddress, RoundTripsBothFamilies) {
  ASSERT_OK_AND_ASSIGN(const IpAddress v4, IpAddress::parse("192.0.2.1"));
  EXPECT_FALSE(v4.is_v6());
  EXPECT_EQ(v4.size(), 4U);
  EXPECT_EQ(v4.to_string(), "192.0.2.1");
  ASSERT_OK_AND_ASSIGN(const IpAddress v6, IpAddress::parse("2001:DB8:0::1"));
  EXPECT_TRUE(v6.is_v6());
  EXPECT_EQ(v6.to_string(), "2001:db8::1");
  EXPECT_EQ(IpAddress::from_bytes(v6.data(), v6.size()), v6);
}

TEST(IpAddress, TheSameBytesOfTheOtherFamilyAreAnotherAddress) {
  ASSERT_OK_AND_ASSIGN(const IpAddress v4, IpAddress::parse("0.0.0.0"));
  ASSERT_OK_AND_ASSIGN(const IpAddress v6, IpAddress::parse("::"));
  EXPECT_NE(v4, v6);
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.1 "sv, "2001:db8::g"sv, "fe80::1%eth0"sv,
        "192.0.2.1/24"sv, "192.0.2.1\0x"sv}) {
    EXPECT_THAT(IpAddress::parse(text),
                FailsWith(Code::invalid_argument, "want an IP address, got '"));
  }
}

TEST(IpPrefix, RoundTripsAndKeepsHostBits) {
  for (const char* text :
       {"192.0.2.1/24", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::1/64", "::/0", "2001:db8::1/128"}) {
    ASSERT_OK_AND_ASSIGN(const IpPrefix prefix, IpPrefix::parse(text));
    EXPECT_EQ(prefix.to_string(), text);
  }
}

TEST(IpPrefix, SaysWhatIsWrong) {
  EXPECT_THAT(IpPrefix::parse("192.0.2.1"),
              FailsWith(Code::invalid_argument,
                        "want an address with its length like 192.0.2.1/24, got '192.0.2.1'"));
  EXPECT_THAT(IpPrefix::parse("192.0.2/24"),
              FailsWith(Code::invalid_argument, "want an IP address, got '192.0.2'"));
  EXPECT_THAT(IpPrefix::parse("192.0.2.1/x"),
              FailsWith(Code::invalid_argument, "prefix length of '192.0.2.1/x': want a whole"));
  EXPECT_THAT(IpPrefix::parse("192.0.2.1/33"),
              FailsWith(Code::invalid_argument, "prefix length of '192.0.2.1/33' is not 0 to 32"));
  EXPECT_THAT(IpPrefix::parse("2001:db8::1/129"),
              FailsWith(Code::invalid_argument, "is not 0 to 128"));
  EXPECT_THAT(IpPrefix::parse("192.0.2.1/-1"), FailsWith(Code::invalid_argument, "is not 0 to 32"));
}

IpPrefix prefix(const char* text) {
  auto parsed = IpPrefix::parse(text);
  EXPECT_THAT(parsed, IsOk()) << text;
  return parsed ? *parsed : IpPrefix();
}

TEST(IpPrefix, NetworkClearsHostBitsOnly) {
  EXPECT_EQ(prefix("192.0.2.130/25").network(), prefix("192.0.2.128/25"));
  EXPECT_EQ(prefix("192.0.2.255/30").network(), prefix("192.0.2.252/30"));
  EXPECT_EQ(prefix("192.0.2.1/32").network(), prefix("192.0.2.1/32"));
  EXPECT_EQ(prefix("192.0.2.1/0").network(), prefix("0.0.0.0/0"));
  EXPECT_EQ(prefix("2001:db8::1:2/112").network(), prefix("2001:db8::1:0/112"));
}

TEST(IpPrefix, ContainsAddressesOfItsNetworkAndFamily) {
  EXPECT_TRUE(prefix("192.0.2.1/24").contains(prefix("192.0.2.254/32").address));
  EXPECT_FALSE(prefix("192.0.2.1/24").contains(prefix("192.0.3.1/32").address));
  EXPECT_TRUE(prefix("0.0.0.0/0").contains(prefix("198.51.100.1/32").address));
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(prefix("2001:db8::1/64").address));
}

}  // namespace
}  // namespace sluice
