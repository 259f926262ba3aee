#include "pkg/node_lanes/node_lanes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"
#include "test/unit/node_lanes/node_lanes_world.h"

namespace sluice {
namespace {

using nlohmann::json;

/// As the API server has it.
json object_of(const NodeLanes& node) {
  return {
      {"apiVersion", kNodeLanesApiVersion},
      {"kind", kNodeLanesKind},
      {"metadata",
       {{"name", node.node},
        {"ownerReferences",
         json::array(
             {{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node.node}, {"uid", node.uid}}})}}},
      {"spec", {{"wishes", encode_wishes(node.wishes)}}},
      {"status", encode_status(node)}};
}

json parsed(const json& object) {
  return parse_document(object.dump());
}

std::string problems_of(const json& object) {
  const Result<NodeLanes> decoded = decode_node_lanes(parsed(object));
  return decoded ? std::string() : decoded.error().message();
}

TEST(NodeLanes, IsWhatOthersRead) {
  EXPECT_JSON_EQ_GOLDEN(object_of(node_lanes()).dump(), "node_lanes.json");
}

TEST(NodeLanes, ComesBackAsItWas) {
  ASSERT_OK_AND_ASSIGN(const NodeLanes decoded, decode_node_lanes(parsed(object_of(node_lanes()))));
  EXPECT_EQ(decoded, node_lanes());
}

TEST(NodeLanes, WithoutStatusHasNoPorts) {
  ASSERT_OK_AND_ASSIGN(const NodeLanes decoded,
                       decode_node_lanes(parsed({{"metadata", {{"name", "node-a"}}}})));
  EXPECT_EQ(decoded, (NodeLanes{.node = "node-a"}));
}

TEST(NodeLanes, SpellingOfARateDoesNotCount) {
  json object = object_of(node_lanes());
  json& port = object["status"]["ports"][0];
  port["lineRate"] = "100000M";
  port["shares"]["pods"]["bandwidth"] = "5e10";
  object["status"]["classes"][1]["floor"] = "0";
  ASSERT_OK_AND_ASSIGN(const NodeLanes decoded, decode_node_lanes(parsed(object)));
  EXPECT_EQ(decoded, node_lanes());
}

TEST(NodeLanes, OfANewerSchemaIsNotGuessed) {
  json object = object_of(node_lanes());
  object["status"] = {{"schema", 2u}, {"ports", "whatever they are then"}};
  EXPECT_THAT(
      decode_node_lanes(parsed(object)),
      FailsWith(Code::unsupported, "NodeLanes 'node-a' is of schema 2, 1 is the newest known"));
}

TEST(NodeLanes, KeysOfNewerWritersAreLetPass) {
  json object = object_of(node_lanes());
  object["status"]["ports"][0]["temperature"] = 40u;
  object["status"]["news"] = json::object();
  EXPECT_EQ(problems_of(object), "");
}

TEST(NodeLanes, EveryProblemIsToldWithItsPointer) {
  json object = object_of(node_lanes());
  object["metadata"] = json::object();
  object["spec"]["wishes"] = json::array({{{"class", ""}, {"lanes", -1}}});
  json& status = object["status"];
  status["ports"][0].erase("shares");
  status["ports"][1]["name"] = status["ports"][0]["name"];
  status["ports"][1]["linkType"] = "wifi";
  status["ports"][1]["usable"] = "5x";
  status["ports"][1]["vfs"] = 65'536u;
  status["ports"][1]["shares"]["pods"]["vfioVfs"] = 13u;
  status["held"][0]["lanes"][1]["vfio"] = "yes";
  status["classes"] = 7;
  status["held"][0]["lanes"][0].erase("port");
  status["held"].push_back(status["held"][0]["lanes"]);
  EXPECT_EQ(problems_of(object),
            "/metadata/name: is missing; "
            "/spec/wishes/0/class: want a text that is not empty; "
            "/spec/wishes/0/lanes: want a whole number from 0 to 65535, got '-1'; "
            "/status/ports/0/shares: want an object; "
            "/status/ports/1/linkType: want \"ethernet\" or \"infiniband\"; "
            "/status/ports/1/usable: quantity '5x': unknown suffix 'x', want one of k M G T P E "
            "Ki Mi Gi Ti Pi Ei; "
            "/status/ports/1/vfs: want a whole number from 0 to 65535, got '65536'; "
            "/status/ports/1/shares/pods/vfioVfs: 13 of 12 VFs; "
            "/status/ports/1/name: an earlier one has it; "
            "/status/classes: want an array; "
            "/status/held/0/lanes/0/port: is missing; "
            "/status/held/0/lanes/1/vfio: want true or false; "
            "/status/held/1: want an object");
  EXPECT_EQ(problems_of(json::array()), "want an object");
}

TEST(NodeLanes, ListsAreBounded) {
  const auto too_many = [](const char* list, std::size_t most, json member) {
    json object = object_of(node_lanes());
    object["status"][list] = json::array();
    for (std::size_t i = 0; i < most; ++i) {
      member[std::string(list) == "held" ? "uid" : "name"] = std::to_string(i);
      object["status"][list].push_back(member);
    }
    EXPECT_EQ(problems_of(object), "") << list;
    object["status"][list].push_back(member);
    return problems_of(object);
  };
  const json status = encode_status(node_lanes());
  EXPECT_EQ(too_many("ports", 256, status["ports"][0]),
            "/status/ports: 257 of them, 256 are the most");
  EXPECT_EQ(too_many("classes", 64, status["classes"][0]),
            "/status/classes: 65 of them, 64 are the most");
  EXPECT_EQ(too_many("held", 1024, status["held"][0]),
            "/status/held: 1025 of them, 1024 are the most");
  NodeLanes node = node_lanes();
  node.ports[0].pods.networks.assign(64, "rail");
  EXPECT_EQ(problems_of(object_of(node)), "");
  node.ports[0].pods.networks.emplace_back("rail");
  EXPECT_EQ(problems_of(object_of(node)),
            "/status/ports/0/shares/pods/networks: 65 of them, 64 are the most");
}

TEST(NodeLanes, ThousandsOfProblemsMakeAShortMessage) {
  json object = object_of(node_lanes());
  object["status"]["held"] = json::array();
  for (int i = 0; i < 1'000; ++i) object["status"]["held"].push_back(i);
  const std::string problems = problems_of(object);
  EXPECT_TRUE(problems.ends_with("/status/held/15: want an object; and 984 more")) << problems;
}

// No damage of a single value makes the reader crash, or accept what it cannot mean.
TEST(NodeLanes, AnyValueInAnyPlaceIsReadOrRefused) {
  const json object = object_of(node_lanes());
  const json flat = object.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const json& other : {json(), json(-1), json(1.5), json("x"), json::array(), json::object(),
                              json(~0ULL), json(true)}) {
      json damaged = object;
      damaged[json::json_pointer(pointer)] = other;
      const Result<NodeLanes> decoded = decode_node_lanes(parsed(damaged));
      if (decoded) continue;
      const bool is_schema =
          pointer == "/status/schema" && decoded.error().code() == Code::unsupported;
      EXPECT_TRUE(is_schema || decoded.error().code() == Code::invalid_argument) << pointer;
    }
  }
}

TEST(NodeLanes, SummarySaysWhatKubectlShows) {
  NodeLanes node = node_lanes();
  EXPECT_EQ(encode_status(node)["summary"], (json{{"ports", "2"},
                                                  {"lineRate", "100G"},
                                                  {"vfs", "32"},
                                                  {"classes", "90G"},
                                                  {"claims", "0"},
                                                  {"pods", "100G"},
                                                  {"trouble", "port 0000:11:00.0 has no link"}}));
  for (PublishedPort& port : node.ports) port.trouble = std::string(200, 'x');
  EXPECT_EQ(encode_status(node)["summary"]["trouble"].get<std::string>().size(), 256u);
}

TEST(NodeLanes, OfANodeWithoutPortsIsComplete) {
  const json status = encode_status({.node = "node-a", .domain = "sluice.dev"});
  EXPECT_EQ(status["ports"], json::array());
  EXPECT_EQ(status["held"], json::array());
  EXPECT_EQ(encode_wishes({}), json::array());
}

TEST(PortsForPods, AreTheirShareWithNothingPromised) {
  const std::vector<NodePort> ports = ports_for_pods(node_lanes());
  ASSERT_EQ(ports.size(), 1u);
  EXPECT_EQ(ports[0], (NodePort{.name = "0000:10:00.0",
                                .link = "ens0",
                                .medium = Medium::ethernet,
                                .numa_node = 0,
                                .driver = "mlx5_core",
                                .line_rate = BitRate::gbps(100),
                                .usable = BitRate::gbps(50),
                                .promised = {},
                                .free_vfs = 7,
                                .free_vfio_vfs = 5,
                                .networks = {"storage", "front"}}));
}

// An older agent does not say: better no lane there than one that the node refuses.
TEST(PortsForPods, HaveNoNetworkAndNoVfForVfioWhereNoneIsSaid) {
  json object = object_of(node_lanes());
  object["status"]["ports"][0]["shares"]["pods"].erase("networks");
  object["status"]["ports"][0]["shares"]["pods"].erase("vfioVfs");
  ASSERT_OK_AND_ASSIGN(const NodeLanes decoded, decode_node_lanes(parsed(object)));
  ASSERT_EQ(ports_for_pods(decoded).size(), 1u);
  EXPECT_TRUE(ports_for_pods(decoded)[0].networks.empty());
  EXPECT_EQ(ports_for_pods(decoded)[0].free_vfs, 12);
  EXPECT_EQ(ports_for_pods(decoded)[0].free_vfio_vfs, 0);
}

TEST(PortsForPods, WithoutAVfForPodsAreLeftOut) {
  NodeLanes node = node_lanes();
  node.ports[0].pods.vfs = 0;
  EXPECT_TRUE(ports_for_pods(node).empty());
}

}  // namespace
}  // namespace sluice
