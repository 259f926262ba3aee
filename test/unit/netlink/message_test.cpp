#include "pkg/netlink/message.h"

#include "test/support/netlink_bytes.h"
#include "test/support/raw_attributes.h"

namespace sluice {
namespace {

constexpr int kType = 3;

TEST(Attributes, AreReadInOrderWithTypeZeroAndWithoutFlags) {
  RawAttributes raw;
  raw.put(0, std::uint64_t{7}).put(kType | NLA_F_NESTED, std::uint32_t{8});
  raw.put(4 | NLA_F_NET_BYTEORDER, std::uint8_t{9});

  std::vector<int> types;
  for (const Attribute& attribute : Attributes(Bytes(raw.bytes()))) types.push_back(attribute.type);

  EXPECT_THAT(types, testing::ElementsAre(0, kType, 4));
  EXPECT_EQ(Attributes(Bytes(raw.bytes())).find(0)->as<std::uint64_t>(), 7U);
  EXPECT_EQ(Attributes(Bytes(raw.bytes())).find(4)->as<std::uint8_t>(), 9U);
  EXPECT_FALSE(Attributes(Bytes(raw.bytes())).find(5));
}

TEST(Attributes, EndAtALengthThatCannotBe) {
  for (const int length : {0, 3, 9, 65535}) {
    RawAttributes raw;
    raw.put(1, std::uint32_t{1});
    raw.append(nlattr{.nla_len = static_cast<std::uint16_t>(length), .nla_type = 2})
        .append(std::uint32_t{2});
    int count = 0;
    for (const Attribute& attribute : Attributes(Bytes(raw.bytes()))) count += attribute.type;
    EXPECT_EQ(count, 1) << length;
  }
}

TEST(Attributes, LastOneMayLackItsPadding) {
  RawAttributes raw;
  raw.put_text(kType, "abcd");
  const Bytes unpadded = Bytes(raw.bytes()).first(sizeof(nlattr) + 5);
  EXPECT_EQ(Attributes(unpadded).find(kType)->text(), "abcd");
}

TEST(Attribute, TextEndsAtItsFirstNulOrItsEnd) {
  const std::vector<std::byte> bytes{std::byte{'a'}, std::byte{'b'}, std::byte{0}, std::byte{'c'}};
  EXPECT_EQ((Attribute{.type = 1, .payload = Bytes(bytes)}.text()), "ab");
  EXPECT_EQ((Attribute{.type = 1, .payload = Bytes(bytes).first(2)}.text()), "ab");
  EXPECT_EQ((Attribute{.type = 1, .payload = {}}.text()), "");
}

TEST(Attribute, ShorterThanItsStructIsAbsentAndLongerIsRead) {
  const std::vector<std::byte> bytes(6, std::byte{1});
  const Attribute attribute{.type = 1, .payload = Bytes(bytes)};
  EXPECT_EQ(attribute.as<std::uint32_t>(), 0x01010101U);
  EXPECT_EQ(attribute.as<std::uint64_t>(), std::nullopt);
}

TEST(Message, NestsWhatIsPutWhileTheScopeLasts) {
  Message message(16, std::uint32_t{0xabcd});
  {
    const auto outer = message.nest(kType);
    const auto inner = message.nest(1);
    message.put_text(2, "net1");
  }
  message.put(4, std::uint16_t{5});

  const std::vector<std::byte> payload = payload_of(message);
  const Attributes attributes = attributes_after<std::uint32_t>(payload);
  const auto inner = Attributes(attributes.find(kType)->payload).find(1);
  ASSERT_TRUE(inner);
  EXPECT_EQ(Attributes(inner->payload).find(2)->text(), "net1");
  EXPECT_EQ(attributes.find(4)->as<std::uint16_t>(), 5);
  EXPECT_EQ(message.header().nlmsg_type, 16);
  EXPECT_EQ(message.header().nlmsg_flags, NLM_F_REQUEST);
  EXPECT_FALSE(message.overflown());
}

TEST(Message, WhatDoesNotFitIsRemembered) {
  Message message(16);
  for (int i = 0; i < 1000 && !message.overflown(); ++i) message.put_text(kType, "some-name");
  EXPECT_TRUE(message.overflown());
  EXPECT_LE(message.bytes().size(), 8192U);
}

}  // namespace
}  // namespace sluice
