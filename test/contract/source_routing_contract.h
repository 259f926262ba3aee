#pragma once

#include "pkg/netlink/source_routing.h"
#include "test/contract/addresses_contract.h"

namespace sluice {

// More of AddressesContract: what several lanes in one subnet need. Include it where that suite is
// instantiated.

inline SourceRule source_rule(const char* from, int table = 1000, int priority = 500) {
  return {.from = IpAddress::parse(from).value(), .table = table, .priority = priority};
}

TEST_P(AddressesContract, AddedRulesOfBothFamiliesAreListed) {
  const SourceRule v4 = source_rule("192.0.2.1");
  const SourceRule v6 = source_rule("2001:db8::1", 100, 501);
  ASSERT_THAT(addresses_.add_rule(v4), IsOk());
  ASSERT_THAT(addresses_.add_rule(v6), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto rules, addresses_.rules());
  EXPECT_THAT(rules, testing::UnorderedElementsAre(v4, v6)) << "none of the kernel's own";
}

TEST_P(AddressesContract, RulesOfOneFamilyAreListedByPriority) {
  const SourceRule late = source_rule("192.0.2.1", 1000, 900);
  const SourceRule early = source_rule("192.0.2.2", 1001, 300);
  ASSERT_THAT(addresses_.add_rule(late), IsOk());
  ASSERT_THAT(addresses_.add_rule(early), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto rules, addresses_.rules());
  EXPECT_THAT(rules, testing::ElementsAre(early, late));
}

TEST_P(AddressesContract, RuleTwiceAlreadyExists) {
  for (const char* from : {"192.0.2.1", "2001:db8::1"}) {
    ASSERT_THAT(addresses_.add_rule(source_rule(from)), IsOk());
    EXPECT_THAT(addresses_.add_rule(source_rule(from)), FailsWith(Code::already_exists, from));
  }
  ASSERT_OK_AND_ASSIGN(const auto rules, addresses_.rules());
  EXPECT_EQ(rules.size(), 2U);
}

TEST_P(AddressesContract, RuleWithAnyOtherFieldIsAnotherRule) {
  for (const SourceRule& rule :
       {source_rule("192.0.2.1"), source_rule("192.0.2.2"), source_rule("192.0.2.1", 1001),
        source_rule("192.0.2.1", 1000, 7)}) {
    EXPECT_THAT(addresses_.add_rule(rule), IsOk()) << rule.to_string();
  }
}

TEST_P(AddressesContract, RemovedRuleIsGoneAndItsLikeStay) {
  for (const char* from : {"192.0.2.1", "2001:db8::1"}) {
    const SourceRule removed = source_rule(from);
    const SourceRule other = source_rule(from, 1001);
    ASSERT_THAT(addresses_.add_rule(other), IsOk());
    ASSERT_THAT(addresses_.add_rule(removed), IsOk());
    ASSERT_THAT(addresses_.remove_rule(removed), IsOk());
    EXPECT_THAT(addresses_.remove_rule(removed), FailsWith(Code::not_found, from));
    ASSERT_OK_AND_ASSIGN(const auto rules, addresses_.rules());
    EXPECT_THAT(rules, testing::Contains(other));
    EXPECT_THAT(rules, testing::Not(testing::Contains(removed)));
  }
}

TEST_P(AddressesContract, RoutesOfATableAreListedWithTheirTable) {
  const Route subnet4{.destination = prefix("192.0.2.0/24"), .table = 1000};
  const Route default4{
      .destination = prefix("0.0.0.0/0"), .gateway = address("192.0.2.254"), .table = 1000};
  const Route subnet6{.destination = prefix("2001:db8::/64"), .priority = 5, .table = 1000};
  const Route default6{.destination = prefix("::/0"),
                       .gateway = address("2001:db8::fe"),
                       .priority = 5,
                       .table = 1000};
  // The gateways are reached by the routes of the table: main has none to their subnets.
  for (const Route& route : {subnet4, default4, subnet6, default6}) {
    ASSERT_THAT(addresses_.add_route(link_, route), IsOk()) << route.destination.to_string();
  }
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes_in(1000, link_));
  EXPECT_THAT(routes, testing::UnorderedElementsAre(subnet4, default4, subnet6, default6));
}

TEST_P(AddressesContract, TablesAreListedByLinkAndNumber) {
  const Route route{.destination = prefix("198.51.100.0/24"), .table = 100};
  ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
  for (const auto& [table, link] :
       {std::pair(100, world_.other_link), std::pair(101, link_), std::pair(100, kNoSuchLink)}) {
    ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes_in(table, link));
    EXPECT_THAT(routes, testing::IsEmpty()) << table << " " << link;
  }
}

TEST_P(AddressesContract, MainIsATableToo) {
  const Route route{.destination = prefix("198.51.100.0/24"), .table = kMainTable};
  ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto routes, addresses_.routes(link_));
  EXPECT_THAT(routes, testing::Contains(Route{.destination = prefix("198.51.100.0/24")}));
}

TEST_P(AddressesContract, Ipv4ConfIsOfOneLink) {
  ASSERT_OK_AND_ASSIGN(const auto before, addresses_.ipv4_conf(world_.other_link));
  const Ipv4Conf wanted{.arp_ignore = 1, .arp_announce = 2, .rp_filter = 2};
  ASSERT_NE(before, wanted);
  ASSERT_THAT(addresses_.set_ipv4_conf(link_, wanted), IsOk());
  ASSERT_THAT(addresses_.set_ipv4_conf(link_, wanted), IsOk());
  EXPECT_EQ(addresses_.ipv4_conf(link_).value(), wanted);
  EXPECT_EQ(addresses_.ipv4_conf(world_.other_link).value(), before);
}

TEST_P(AddressesContract, Ipv4ConfOfNoLink) {
  EXPECT_THAT(addresses_.set_ipv4_conf(kNoSuchLink, kSharedSubnetConf),
              FailsWith(Code::not_found, "set IPv4 configuration"));
  EXPECT_EQ(addresses_.ipv4_conf(kNoSuchLink).value(), std::nullopt);
}

/// Two lanes with addresses of both families in one subnet.
class SourceRoutingContract : public AddressesContract {
 protected:
  void SetUp() override {
    for (const SourceRouting& lane : {lane_, other_}) {
      for (const IpPrefix& address : lane.addresses) {
        ASSERT_THAT(addresses_.add_address(lane.link, address), IsOk());
      }
    }
  }

  Result<> verify() { return verify_source_routing(addresses_, lane_); }

  const SourceRouting lane_ = {
      .link = link_,
      .table = 1000,
      .addresses = {prefix("192.0.2.1/24"), prefix("2001:db8::1/64"), prefix("198.51.100.1/32")},
      .routes = {{.destination = prefix("0.0.0.0/0"), .gateway = address("192.0.2.254")},
                 {.destination = prefix("203.0.113.7/24"), .gateway = address("192.0.2.253")},
                 {.destination = prefix("::/0"), .gateway = address("2001:db8::fe")}}};
  const SourceRouting other_ = {
      .link = world_.other_link,
      .table = 1001,
      .addresses = {prefix("192.0.2.2/24"), prefix("2001:db8::2/64")},
      .routes = {{.destination = prefix("0.0.0.0/0"), .gateway = address("192.0.2.254")}}};
};

TEST_P(SourceRoutingContract, InstalledTwiceNothingIsMissing) {
  for (int i = 0; i < 2; ++i) {
    for (const SourceRouting& lane : {lane_, other_}) {
      ASSERT_THAT(install_source_routing(addresses_, lane), IsOk());
      EXPECT_THAT(verify_source_routing(addresses_, lane), IsOk());
    }
  }
  EXPECT_EQ(addresses_.routes_in(1000, link_).value().size(), 5U);
  EXPECT_EQ(addresses_.routes_in(1001, world_.other_link).value().size(), 3U);
  EXPECT_EQ(addresses_.rules().value().size(), 5U);
}

TEST_P(SourceRoutingContract, TheFirstThingMissingIsNamed) {
  const auto lacks = [](const std::string& what) {
    return FailsWith(Code::internal, what + " is missing");
  };
  EXPECT_THAT(verify(), lacks("arp_ignore 1, arp_announce 2, rp_filter 2"));
  ASSERT_THAT(addresses_.set_ipv4_conf(link_, kSharedSubnetConf), IsOk());
  for (const Route& route : table_routes(lane_)) {
    EXPECT_THAT(verify(),
                lacks("route to " + route.destination.network().to_string() + " in table 1000"));
    ASSERT_THAT(addresses_.add_route(link_, route), IsOk());
  }
  for (const IpPrefix& address : lane_.addresses) {
    EXPECT_THAT(verify(), lacks("rule from " + address.address.to_string() + " lookup 1000"));
    ASSERT_THAT(addresses_.add_rule(table_rule(lane_, address)), IsOk());
  }
  EXPECT_THAT(verify(), IsOk());
}

TEST_P(SourceRoutingContract, RulesOfOneLaneAreRemovedAgain) {
  ASSERT_THAT(install_source_routing(addresses_, lane_), IsOk());
  ASSERT_THAT(install_source_routing(addresses_, other_), IsOk());
  ASSERT_THAT(remove_source_rules(addresses_, lane_), IsOk());
  ASSERT_THAT(remove_source_rules(addresses_, lane_), IsOk());
  EXPECT_THAT(verify(), FailsWith(Code::internal, "rule from 192.0.2.1 lookup 1000 is missing"));
  EXPECT_THAT(verify_source_routing(addresses_, other_), IsOk());
}

TEST_P(SourceRoutingContract, FailureIsHandedOn) {
  SourceRouting astray = lane_;
  astray.routes.push_back(
      {.destination = prefix("203.0.113.0/25"), .gateway = address("198.18.0.1")});
  EXPECT_THAT(install_source_routing(addresses_, astray),
              FailsWith(Code::internal, "add route to 203.0.113.0/25"));
}

}  // namespace sluice
