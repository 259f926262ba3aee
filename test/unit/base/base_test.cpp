#include <fcntl.h>

#include "pkg/base/bit_rate.h"
#include "pkg/base/mac_address.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/rate_text.h"
#include "pkg/base/result.h"
#include "pkg/base/rollback.h"
#include "pkg/base/strings.h"
#include "pkg/base/unique_fd.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

TEST(BitRate, RoundsTheWayItsNameSays) {
  const BitRate rate = BitRate::bits_per_second(1'500'000);
  EXPECT_EQ(rate.as_mbps_floor(), 1U);
  EXPECT_EQ(rate.as_mbps_ceil(), 2U);
  EXPECT_EQ(rate.rounded_down(BitRate::mbps(1)), BitRate::mbps(1));
  EXPECT_EQ(rate.rounded_up(BitRate::mbps(1)), BitRate::mbps(2));
  EXPECT_EQ(BitRate::mbps(150).rounded_up(BitRate::mbps(50)), BitRate::mbps(150));
  EXPECT_EQ(rate.rounded_up(BitRate()), rate);
}

TEST(BitRate, DifferenceStopsAtZero) {
  EXPECT_EQ(BitRate::mbps(1) - BitRate::mbps(2), BitRate());
  EXPECT_EQ(BitRate::mbps(3) - BitRate::mbps(2), BitRate::mbps(1));
}

TEST(BitRate, ReadsAsAPersonWritesIt) {
  EXPECT_EQ(to_string(BitRate::gbps(40)), "40 Gbit/s");
  EXPECT_EQ(to_string(BitRate::mbps(2500)), "2.5 Gbit/s");
  EXPECT_EQ(to_string(BitRate::mbps(100)), "100 Mbit/s");
  EXPECT_EQ(to_string(BitRate::bits_per_second(1'234'567)), "1234.567 kbit/s");
  EXPECT_EQ(to_string(BitRate::bits_per_second(1'234'000)), "1.234 Mbit/s");
  EXPECT_EQ(to_string(BitRate()), "0 bit/s");
}

TEST(Rate, ReadsAsWhatIsPromisedAndAllowed) {
  EXPECT_EQ(to_string(Rate{.floor = BitRate::gbps(2), .ceiling = BitRate::gbps(4)}),
            "2 Gbit/s promised, at most 4 Gbit/s");
  EXPECT_EQ(to_string(Rate{.floor = BitRate::gbps(2), .ceiling = {}}),
            "2 Gbit/s promised, no ceiling");
}

TEST(PciAddress, RoundTripsInLowerCase) {
  ASSERT_OK_AND_ASSIGN(const PciAddress address, PciAddress::parse("0000:AF:1f.7"));
  EXPECT_EQ(address.to_string(), "0000:af:1f.7");
}

TEST(PciAddress, RefusesAnythingElse) {
  for (const char* text :
       {"", "0000:af:00", "000:af:00.00", "0000:af:20.0", "0000:af:00.8", "../../etc/pas",
        "0000:af:00.0\n", "0000-af-00-0", "0x00:af:00.0", "0000:+f:00.0"}) {
    EXPECT_THAT(PciAddress::parse(text), FailsWith(Code::invalid_argument, "want a PCI address"))
        << text;
  }
}

TEST(PciAddress, OrdersAsTheBusDoes) {
  EXPECT_LT(*PciAddress::parse("0000:3b:02.7"), *PciAddress::parse("0000:3b:03.0"));
  EXPECT_LT(*PciAddress::parse("0000:ff:1f.7"), *PciAddress::parse("0001:00:00.0"));
}

TEST(MacAddress, RoundTripsInLowerCase) {
  ASSERT_OK_AND_ASSIGN(const MacAddress mac, MacAddress::parse("60:00:00:00:00:E1"));
  EXPECT_EQ(mac.to_string(), "60:00:00:00:00:e1");
  EXPECT_FALSE(mac.is_multicast());
  EXPECT_TRUE(MacAddress::parse("01-00-5e-00-00-01")->is_multicast());
}

TEST(MacAddress, RefusesAnythingElse) {
  for (const char* text : {"", "60:00:00:00:00", "60:00:00:00:00:e",
                           "60:00:00:00:00:e1:", "6g:00:00:00:00:e1", "60.00.00.00.00.e1"}) {
    EXPECT_THAT(MacAddress::parse(text), FailsWith(Code::invalid_argument, "want a MAC address"))
        << text;
  }
}

TEST(Rollback, RunsNewestFirstAndOnlyWhenNotDismissed) {
  std::string order;
  {
    Rollback undo;
    undo.add([&] { order += "a"; });
    undo.add([&] { order += "b"; });
  }
  EXPECT_EQ(order, "ba");
  {
    Rollback undo;
    undo.add([&] { order += "c"; });
    undo.dismiss();
  }
  EXPECT_EQ(order, "ba");
}

TEST(UniqueFd, AssignmentClosesWhatWasHeld) {
  UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  first = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(Error, NamesTheAttemptAndTheErrno) {
  const Error error = Error::from_errno(EBUSY, "write 'sriov_numvfs'");
  EXPECT_EQ(error.message(), "write 'sriov_numvfs': EBUSY");
  EXPECT_EQ(error.code(), Code::busy);
  EXPECT_EQ(error.sys_errno(), EBUSY);
}

TEST(Result, ContextIsPutBeforeTheError) {
  const auto fails = []() -> Result<> { return Error(Code::busy, "VF is held"); };
  EXPECT_THAT(fails().context("attach {}", "net1"),
              FailsWith(Code::busy, "attach net1: VF is held"));
}

TEST(Strings, InQuotesShowsControlCharactersAndCutsLongText) {
  EXPECT_EQ(in_quotes("a\nb"), "'a\\x0ab'");
  EXPECT_EQ(in_quotes(std::string(65, 'x')), "'" + std::string(64, 'x') + "…'");
}

TEST(Strings, ParseIntWantsTheWholeText) {
  EXPECT_EQ(*parse_int<int>("-12"), -12);
  EXPECT_THAT(parse_int<int>("12 "),
              FailsWith(Code::invalid_argument, "want a whole number, got '12 '"));
  EXPECT_THAT(parse_int<std::uint8_t>("256"), FailsWith(Code::invalid_argument, "'256'"));
}

TEST(Strings, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a;;b", ';'), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ';').size(), 1U);
  EXPECT_EQ(trim(" \tx\n"), "x");
}

}  // namespace
}  // namespace sluice
