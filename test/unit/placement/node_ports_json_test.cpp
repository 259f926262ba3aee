#include "pkg/placement/node_ports_json.h"

#include <gtest/gtest.h>

#include <random>

#include <nlohmann/json.hpp>

#include "test/support/golden.h"
#include "test/support/result_matchers.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

std::string problems_of(const std::string& text) {
  const Result<NodePorts> decoded = decode_node_ports_text(text);
  return decoded ? std::string() : decoded.error().message();
}

TEST(NodePortsJson, IsWhatOthersRead) {
  NodePorts node{.ports = {port_with(0, BitRate::mbps(87'500), 5), port_with(1, {}, 0)}};
  node.ports[0].numa_node = 1;
  node.ports[0].free_vfio_vfs = 2;
  node.ports[0].networks = {"storage", "front"};
  node.ports[1] = {.name = "eth0", .medium = Medium::infiniband, .driver = "htb"};
  EXPECT_JSON_EQ_GOLDEN(encode(node).dump(), "node_ports.json");
  ASSERT_OK_AND_ASSIGN(const NodePorts decoded, decode_node_ports_text(encode(node).dump()));
  EXPECT_EQ(decoded, node);
}

TEST(NodePortsJson, EveryProblemIsToldWithItsPointer) {
  EXPECT_EQ(
      problems_of(R"({"ports": [
      {"name": "", "linkType": "wifi", "driver": 1, "usable": 5, "promised": "5x", "freeVfs": -1},
      7,
      {"name": "a", "linkType": "ethernet", "driver": "ice", "usable": "1G", "promised": "0",
       "link": null, "numaNode": 1.5, "lineRate": "", "freeVfs": 65536, "networks": {}},
      {"name": "a", "linkType": "ethernet", "driver": "ice", "usable": "1G", "promised": "0",
       "freeVfioVfs": "1", "networks": ["a", 7, ""]}]})"),
      "/ports/0/name: want a text that is not empty; "
      "/ports/0/linkType: want \"ethernet\" or \"infiniband\"; "
      "/ports/0/driver: want a string; "
      "/ports/0/usable: want a string; "
      "/ports/0/promised: quantity '5x': unknown suffix 'x', want one of k M G T P E Ki Mi Gi "
      "Ti Pi Ei; "
      "/ports/0/freeVfs: want a whole number from 0 to 65535, got '-1'; "
      "/ports/1: want an object; "
      "/ports/2/link: want a string; "
      "/ports/2/numaNode: want a whole number from 0 to 2147483647, got '1.5'; "
      "/ports/2/lineRate: quantity '': want a number of at most 19 digits, like 25G or 2.5G; "
      "/ports/2/freeVfs: want a whole number from 0 to 65535, got '65536'; "
      "/ports/2/networks: want an array; "
      "/ports/3/freeVfioVfs: want a whole number from 0 to 65535, got '\"1\"'; "
      "/ports/3/networks/1: want a text that is not empty; "
      "/ports/3/networks/2: want a text that is not empty; "
      "/ports/3/name: an earlier port has it");
  EXPECT_EQ(problems_of("{}"), "/ports: want an array");
  EXPECT_EQ(problems_of("[]"), "want an object");
  EXPECT_EQ(problems_of(R"({"ports": [], "ports": []})"),
            "/ports: is there twice; only one could count");
  EXPECT_EQ(problems_of("{"), "not JSON at line 1, column 1");
}

TEST(NodePortsJson, PointersStartWhereTheValueIs) {
  EXPECT_THAT(decode_node_ports(nlohmann::json({{"ports", 1}}), "/spec/shares/0"),
              FailsWith(Code::invalid_argument, "/spec/shares/0/ports: want an array"));
}

TEST(NodePortsJson, KeysOfNewerWritersAreLetPass) {
  EXPECT_EQ(problems_of(R"({"ports": [], "generation": 7})"), "");
}

TEST(NodePortsJson, NestingIsBounded) {
  const auto nested = [](std::size_t levels) {
    return R"({"ports": [], "x": )" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(problems_of(nested(63)), "");
  EXPECT_EQ(problems_of(nested(64)), "nested deeper than 64 levels");
  EXPECT_EQ(problems_of(nested(100'000)), "nested deeper than 64 levels");
}

class PortMaker {
 public:
  NodePorts make() {
    NodePorts node;
    for (std::uint64_t number = below(5); number > 0; --number) node.ports.push_back(port(number));
    return node;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // What a quantity can say: Kubernetes keeps it in 63 bits.
  BitRate rate() { return BitRate::bits_per_second(random_() >> (1 + below(63))); }

  NodePort port(std::uint64_t number) {
    NodePort port{.name = fmt::format("port \"{}\"", number),
                  .link = below(3) == 0 ? "" : fmt::format("ens{}", below(9)),
                  .medium = below(2) == 0 ? Medium::ethernet : Medium::infiniband,
                  .numa_node = {},
                  .driver = below(4) == 0 ? "" : "ice",
                  .line_rate = below(3) == 0 ? BitRate() : rate(),
                  .usable = rate(),
                  .promised = rate(),
                  .free_vfs = {}};
    if (below(2) == 0) port.numa_node = static_cast<int>(below(1U << 31U));
    if (below(2) == 0) port.free_vfs = static_cast<int>(below(65'536));
    if (below(2) == 0) port.free_vfio_vfs = static_cast<int>(below(65'536));
    for (std::uint64_t left = below(3); left > 0; --left) {
      port.networks.push_back(fmt::format("rail{}", left));
    }
    return port;
  }

  std::mt19937_64 random_{20260304};
};

TEST(NodePortsJson, RandomPortsComeBackAsTheyWere) {
  PortMaker maker;
  for (int i = 0; i < 2'000; ++i) {
    const NodePorts node = maker.make();
    ASSERT_OK_AND_ASSIGN(const NodePorts from_text, decode_node_ports_text(encode(node).dump()));
    ASSERT_EQ(from_text, node) << encode(node).dump();
    ASSERT_OK_AND_ASSIGN(const NodePorts from_value, decode_node_ports(encode(node)));
    ASSERT_EQ(from_value, node) << encode(node).dump();
  }
}

}  // namespace
}  // namespace sluice
