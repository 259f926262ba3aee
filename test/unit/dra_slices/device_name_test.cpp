#include "dra/slices/device_name.h"

#include <gtest/gtest.h>

#include <set>

#include "pkg/base/kube_names.h"

namespace sluice::dra {
namespace {

TEST(DeviceName, SaysWhichFunctionItIs) {
  EXPECT_EQ(port_device_name("0000:3B:00.1"), "port-0000-3b-00-1");
  EXPECT_EQ(vf_name("0000:3b:02.7"), "vf-0000-3b-02-7");
  EXPECT_EQ(vf_device_name("0000:3b:02.7", "gold"), "vf-0000-3b-02-7-gold");
  EXPECT_EQ(class_counter_name("gold"), "class-gold");
  // No two classes look alike.
  EXPECT_NE(class_counter_name("a.b"), class_counter_name("a-b"));
  EXPECT_NE(vf_device_name("0000:3b:02.7", "a.b"), vf_device_name("0000:3b:02.7", "a-b"));
  EXPECT_EQ(port_device_name("eth0"), "link-eth0");
}

TEST(DeviceName, IsALabelAndItsOwnWhateverTheLinkIsCalled) {
  const std::string longest(80, 'x');
  std::set<std::string> names;
  for (const std::string& link :
       {std::string("bond0.100"), std::string("bond0-100"), std::string("Bond0-100"),
        std::string("bond0_100"), std::string("-"), std::string("0000-3b-00-1"), longest,
        longest + "x"}) {
    const std::string name = port_device_name(link);
    EXPECT_TRUE(is_dns_label(name)) << name;
    EXPECT_EQ(name, port_device_name(link));
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 8u);
}

TEST(SliceName, SortsByPosition) {
  EXPECT_EQ(slice_name(0, "sluice.dev", "node-a"), "00000-sluice.dev-node-a");
  EXPECT_EQ(slice_name(17, "sluice.dev", "node-a"), "00011-sluice.dev-node-a");
  EXPECT_LT(slice_name(15, "sluice.dev", "node-a"), slice_name(16, "sluice.dev", "node-a"));
}

TEST(SliceName, FitsAnObjectHoweverLongTheNodesName) {
  std::string node;
  for (int i = 0; i < 25; ++i) node += "rack-0000.";
  const std::string a = slice_name(0, "sluice.dev", node + "a");
  const std::string b = slice_name(0, "sluice.dev", node + "b");
  EXPECT_TRUE(is_dns_subdomain(a)) << a;
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace sluice::dra
