#include "pkg/base/quantity.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

std::uint64_t bits(std::string_view text) {
  const Result<BitRate> rate = parse_quantity(text);
  EXPECT_THAT(rate, IsOk()) << text;
  return rate ? rate->as_bits_per_second() : 0;
}

TEST(Quantity, ReadsEverySuffix) {
  EXPECT_EQ(bits("7"), 7U);
  EXPECT_EQ(bits("7000m"), 7U);
  EXPECT_EQ(bits("7000000u"), 7U);
  EXPECT_EQ(bits("7000000000n"), 7U);
  EXPECT_EQ(bits("7k"), 7'000U);
  EXPECT_EQ(bits("7M"), 7'000'000U);
  EXPECT_EQ(bits("25G"), 25'000'000'000U);
  EXPECT_EQ(bits("7T"), 7'000'000'000'000U);
  EXPECT_EQ(bits("7P"), 7'000'000'000'000'000U);
  EXPECT_EQ(bits("7E"), 7'000'000'000'000'000'000U);
  EXPECT_EQ(bits("7Ki"), 7U << 10);
  EXPECT_EQ(bits("7Mi"), 7U << 20);
  EXPECT_EQ(bits("7Gi"), 7ULL << 30);
  EXPECT_EQ(bits("7Ti"), 7ULL << 40);
  EXPECT_EQ(bits("7Pi"), 7ULL << 50);
  EXPECT_EQ(bits("7Ei"), 7ULL << 60);
}

TEST(Quantity, ReadsExponentsAndTellsThemFromExa) {
  EXPECT_EQ(bits("1e9"), 1'000'000'000U);
  EXPECT_EQ(bits("1E9"), 1'000'000'000U);
  EXPECT_EQ(bits("2.5e+3"), 2'500U);
  EXPECT_EQ(bits("5000e-3"), 5U);
  EXPECT_EQ(bits("1E"), 1'000'000'000'000'000'000U);
}

TEST(Quantity, ReadsDecimalsExactly) {
  EXPECT_EQ(bits("2.5G"), 2'500'000'000U);
  EXPECT_EQ(bits(".5k"), 500U);
  EXPECT_EQ(bits("5.k"), 5'000U);
  EXPECT_EQ(bits("0.5Ki"), 512U);
  EXPECT_EQ(bits("0.125Gi"), 134'217'728U);
  EXPECT_EQ(bits("1.000000000000000000000000000"), 1U);
  EXPECT_EQ(bits("0000000000000000000000000025G"), 25'000'000'000U);
}

TEST(Quantity, TakesZeroAndASignInAnyForm) {
  for (const char* text : {"0", "-0", "+0", "0.000", "0e99999", "0E-99999", "0n", "-0Ei"}) {
    EXPECT_EQ(bits(text), 0U) << text;
  }
  EXPECT_EQ(bits("+25G"), 25'000'000'000U);
}

TEST(Quantity, RefusesNegativeValues) {
  EXPECT_THAT(parse_quantity("-5G"),
              FailsWith(Code::invalid_argument, "quantity '-5G': must not be negative"));
}

TEST(Quantity, RefusesFractionsOfABit) {
  for (const char* text : {"1500m", "0.1", "1n", "1.0001k", "0.3Ki", "1e-1", "7e-2147483648",
                           "0.0000000000000000000000000000001Ei"}) {
    EXPECT_THAT(parse_quantity(text),
                FailsWith(Code::invalid_argument, "is not a whole number of bit/s"))
        << text;
  }
}

TEST(Quantity, RefusesWhatKubernetesWouldCap) {
  EXPECT_EQ(bits("9223372036854775807"), 9'223'372'036'854'775'807U);
  for (const char* text : {"9223372036854775808", "9.3E", "8Ei", "10E", "1e19", "1e2147483647",
                           "9999999999999999999"}) {
    EXPECT_THAT(parse_quantity(text),
                FailsWith(Code::invalid_argument, "is above 9223372036854775807 bit/s"))
        << text;
  }
}

TEST(Quantity, RefusesTextThatIsNoNumber) {
  for (const char* text : {"", "+", "-", ".", "G", "-.k", "abc", " 1", "12345678901234567891"}) {
    EXPECT_THAT(parse_quantity(text), FailsWith(Code::invalid_argument, "want a number")) << text;
  }
  EXPECT_THAT(parse_quantity("x"), FailsWith(Code::invalid_argument, "quantity 'x': "));
}

TEST(Quantity, RefusesUnknownSuffixesByName) {
  EXPECT_THAT(parse_quantity("25Gbit"),
              FailsWith(Code::invalid_argument, "quantity '25Gbit': unknown suffix 'Gbit'"));
  for (const char* text : {"1K", "1g", "1ki", "1 G", "1G ", "1e", "1e+", "1e+-3", "1e1.5", "1e--1",
                           "1e99999999999", "1..2", "1.2.3", "1Gi1", "1EiB", "0x10", "1\n"}) {
    EXPECT_THAT(parse_quantity(text), FailsWith(Code::invalid_argument, "unknown suffix")) << text;
  }
}

TEST(Quantity, MessageStaysPrintableWhateverTheText) {
  const std::string text("1\0\x1b[2J", 6);
  EXPECT_THAT(parse_quantity(text), FailsWith(Code::invalid_argument, "1\\x00\\x1b[2J"));
}

TEST(Quantity, PrintsTheLargestWholeSuffix) {
  EXPECT_EQ(to_quantity(BitRate()), "0");
  EXPECT_EQ(to_quantity(BitRate::gbps(25)), "25G");
  EXPECT_EQ(to_quantity(BitRate::mbps(2500)), "2500M");
  EXPECT_EQ(to_quantity(BitRate::bits_per_second(1'500)), "1500");
  EXPECT_EQ(to_quantity(BitRate::bits_per_second(1'000)), "1k");
  EXPECT_EQ(to_quantity(BitRate::gbps(1'000'000'000)), "1E");
}

TEST(Quantity, RoundTripsEveryRate) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = (random() >> 1) >> (random() % 63);
    EXPECT_EQ(bits(to_quantity(BitRate::bits_per_second(value))), value);
  }
}

}  // namespace
}  // namespace sluice
