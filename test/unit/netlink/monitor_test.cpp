#include "pkg/netlink/monitor.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

using namespace std::string_view_literals;

Changes decode(std::string_view event) {
  const std::string exact(event);  // An allocation of its own: reads past the end show.
  return decode_uevent(std::as_bytes(std::span(exact)));
}

constexpr std::string_view kPci =
    "add@/devices/pci0000:00/0000:3b:02.0\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=pci\0SEQNUM=7\0"sv;

TEST(Uevent, TellsPciFromRdma) {
  EXPECT_EQ(decode(kPci), Changes{.pci = true});
  EXPECT_EQ(decode("add@/x\0SUBSYSTEM=infiniband\0"sv), Changes{.rdma = true});
  EXPECT_EQ(decode("add@/x\0SUBSYSTEM=infiniband_verbs\0"sv), Changes{.rdma = true});
}

TEST(Uevent, OtherSubsystemsDoNotMatter) {
  EXPECT_FALSE(decode("add@/x\0SUBSYSTEM=net\0"sv).any());
  EXPECT_FALSE(decode("add@/x\0SUBSYSTEM=pci_express\0"sv).any());
  EXPECT_FALSE(decode("add@/x\0ACTION=add\0"sv).any());
  EXPECT_FALSE(decode("").any());
}

TEST(Uevent, CutShortBeforeTheSubsystemsEndIsNothing) {
  const std::size_t end = kPci.find("SEQNUM");
  for (std::size_t size = 0; size < kPci.size(); ++size) {
    EXPECT_EQ(decode(kPci.substr(0, size)).any(), size >= end) << size;
  }
}

TEST(Changes, AddUp) {
  Changes changes;
  EXPECT_FALSE(changes.any());
  changes |= {.rdma = true};
  changes |= {.links = true};
  EXPECT_EQ(changes, (Changes{.links = true, .rdma = true}));
  EXPECT_NE(changes, Changes::all());
}

}  // namespace
}  // namespace sluice
