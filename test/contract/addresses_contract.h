#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>

#include "pkg/netlink/addresses.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// A namespace holding two Ethernet links that are up, without addresses of ours.
struct AddressesWorld {
  std::unique_ptr<Addresses> addresses;
  int link = 0;
  int other_link = 0;
};

class AddressesContract : public testing::TestWithParam<std::function<AddressesWorld()>> {
 protected:
  static constexpr int kNoSuchLink = 4711;

  static IpPrefix prefix(const char* text) { return IpPrefix::parse(text).value(); }

  static IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

  AddressesWorld world_ = GetParam()();
  Addresses& addresses_ = *world_.addresses;
  const int link_ = world_.link;
};

TEST_P(AddressesContract, AddedAddressesOfBothFamiliesAreListed) {
  ASSERT_THAT(addresses_.add_address(link_, prefix("192.0.2.1/24")), IsOk());
  ASSERT_THAT(addresses_.add_address(link_, prefix("2001:db8::1/64")), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto listed, addresses_.addresses(link_));
  EXPECT_THAT(listed, testing::IsSupersetOf({prefix("192.0.2.1/24"), prefix("2001:db8::1/64")}));
}

TEST_P(AddressesContract, AddressTwiceAlreadyExists) {
  for (const char* text : {"192.0.2.1/24", "2001:db8::1/64"}) {
    ASSERT_THAT(addresses_.add_address(link_, prefix(text)), IsOk());
    EXPECT_THAT(addresses_.add_address(link_, prefix(text)), FailsWith(Code::already_exists, text));
  }
}

TEST_P(AddressesContract, AddressOnMissingLinkIsNotFound) {
  EXPECT_THAT(addresses_.add_address(kNoSuchLink, prefix("192.0.2.1/24")),
              FailsWith(Code::not_found, "add address"));
  EXPECT_THAT(addresses_.add_address(kNoSuchLink, prefix("2001:db8::1/64")),
              FailsWith(Code::not_found, "add address"));
}

TEST_P(AddressesContract, MissingLinkHasNothing) {
  ASSERT_THAT(addresses_.add_address(link_, prefix("192.0.2.1/24")), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto listed, addresses_.addresses(kNoSuchLink));
  EXPECT_THAT(listed, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(kNoSuchLink));
  EXPECT_THAT(routes, testing::IsEmpty());
}

TEST_P(AddressesContract, RouteThroughAGatewayKeepsEverySetting) {
  ASSERT_THAT(addresses_.add_address(link_, prefix("192.0.2.1/24")), IsOk());
  ASSERT_THAT(addresses_.add_address(link_, prefix("2001:db8::1/64")), IsOk());
  const Route v4{.destination = prefix("198.51.100.0/24"),
                 .gateway = address("192.0.2.254"),
                 .mtu = 1400,
                 .advmss = 1300,
                 .priority = 7};
  const Route v6{.destination = prefix("2001:db8:1::/48"),
                 .gateway = address("2001:db8::fe"),
                 .mtu = 1400,
                 .advmss = 1300,
                 .priority = 7};
  ASSERT_THAT(addresses_.add_route(link_, v4), IsOk());
  ASSERT_THAT(addresses_.add_route(link_, v6), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::IsSupersetOf({v4, v6}));
}

TEST_P(AddressesContract, DefaultRoutesOfBothFamilies) {
  ASSERT_THAT(addresses_.add_address(link_, prefix("192.0.2.1/24")), IsOk());
  ASSERT_THAT(addresses_.add_address(link_, prefix("2001:db8::1/64")), IsOk());
  const Route v4{.destination = prefix("0.0.0.0/0"), .gateway = address("192.0.2.254")};
  const Route v6{
      .destination = prefix("::/0"), .gateway = address("2001:db8::fe"), .priority = 1024};
  ASSERT_THAT(addresses_.add_route(link_, v4), IsOk());
  ASSERT_THAT(addresses_.add_route(link_, v6), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::IsSupersetOf({v4, v6}));
}

TEST_P(AddressesContract, RouteWithoutGatewayIgnoresHostBits) {
  ASSERT_THAT(addresses_.add_route(link_, {.destination = prefix("198.51.100.7/24")}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::Contains(Route{.destination = prefix("198.51.100.0/24")}));
}

TEST_P(AddressesContract, AddressBringsTheRouteToItsNetwork) {
  ASSERT_THAT(addresses_.add_address(link_, prefix("192.0.2.1/24")), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::Contains(Route{.destination = prefix("192.0.2.0/24")}));
}

TEST_P(AddressesContract, ScopeOtherThanTheDefaultIsReported) {
  constexpr int kSite = 200;  // RT_SCOPE_SITE (linux/rtnetlink.h)
  const Route route{.destination = prefix("198.51.100.0/24"), .scope = kSite};
  ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::Contains(route));
}

TEST_P(AddressesContract, RoutesOfOtherTablesAreKeptApart) {
  for (const int table : {100, 1000}) {  // Above 255 the number has its own attribute.
    const Route route{.destination = prefix("198.51.100.0/24"), .table = table};
    ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
    EXPECT_THAT(addresses_.add_route(link_, route), FailsWith(Code::already_exists, "add route"));
  }
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  for (const Route& route : routes) EXPECT_NE(route.destination, prefix("198.51.100.0/24"));
}

TEST_P(AddressesContract, RouteTwiceAlreadyExists) {
  const Route v4{.destination = prefix("198.51.100.0/24")};
  const Route v6{.destination = prefix("2001:db8:1::/48"), .priority = 5};
  for (const Route& route : {v4, v6}) {
    ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
    EXPECT_THAT(addresses_.add_route(link_, route),
                FailsWith(Code::already_exists, route.destination.to_string()));
  }
}

TEST_P(AddressesContract, TheSameDestinationThroughAnotherLinkIsAnotherRoute) {
  for (const char* destination : {"198.51.100.0/24", "2001:db8:1::/48"}) {
    const Route route{.destination = prefix(destination), .priority = 5};
    ASSERT_THAT(addresses_.add_route(world_.other_link, route), IsOk()) << destination;
    ASSERT_THAT(addresses_.add_route(link_, route), IsOk()) << destination;
    for (const int link : {link_, world_.other_link}) {
      ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link));
      EXPECT_THAT(routes, testing::Contains(route)) << destination;
    }
  }
}

TEST_P(AddressesContract, UnreachableGatewayComesAsTheKernelsErrno) {
  const auto v4 = addresses_.add_route(
      link_, {.destination = prefix("198.51.100.0/24"), .gateway = address("203.0.113.1")});
  ASSERT_THAT(v4, FailsWith(Code::internal, "add route to 198.51.100.0/24"));
  EXPECT_EQ(v4.error().sys_errno(), ENETUNREACH);
  const auto v6 = addresses_.add_route(
      link_, {.destination = prefix("2001:db8:1::/48"), .gateway = address("2001:db8:2::1")});
  ASSERT_THAT(v6, FailsWith(Code::internal, "add route to 2001:db8:1::/48"));
  EXPECT_EQ(v6.error().sys_errno(), EHOSTUNREACH);
}

TEST_P(AddressesContract, GatewayOfTheOtherFamilyIsRefused) {
  EXPECT_THAT(addresses_.add_route(
                  link_, {.destination = prefix("0.0.0.0/0"), .gateway = address("2001:db8::1")}),
              FailsWith(Code::invalid_argument, "is of the other family"));
}

TEST_P(AddressesContract, RouteOnMissingLinkIsNotFound) {
  EXPECT_THAT(addresses_.add_route(kNoSuchLink, {.destination = prefix("198.51.100.0/24")}),
              FailsWith(Code::not_found, "add route"));
}

TEST_P(AddressesContract, NeighbourCanBeReplaced) {
  for (const char* ip : {"192.0.2.9", "2001:db8::9"}) {
    EXPECT_THAT(addresses_.set_neighbour(link_, address(ip), "02:00:5e:10:00:01"), IsOk());
    EXPECT_THAT(addresses_.set_neighbour(link_, address(ip), "02:00:5e:10:00:02"), IsOk());
  }
}

TEST_P(AddressesContract, NeighbourRefusesWhatIsNoMacOrNoLink) {
  EXPECT_THAT(addresses_.set_neighbour(link_, address("192.0.2.9"), "02:00:5e:10:00"),
              FailsWith(Code::invalid_argument, "'02:00:5e:10:00'"));
  EXPECT_THAT(addresses_.set_neighbour(kNoSuchLink, address("192.0.2.9"), "02:00:5e:10:00:01"),
              FailsWith(Code::not_found, "set neighbour"));
}

}  // namespace sluice
