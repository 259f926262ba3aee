// What the program shows of its node: NodeLanes at an API server, and the inventory over HTTP.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "test/fake/fake_api_server.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr const char* kNode = "/api/v1/nodes/n";
constexpr const char* kNodeLanes = "/apis/sluice.dev/v1alpha1/nodelanes/n";
constexpr const char* kHalf =
    R"({"ports": [{"select": {}, "vfs": "max", "shares": {"classes": {"vfs": 2, "bandwidth": "50%"},
                                                          "pods": {}}}],
        "classes": [{"name": "gold", "floor": "10G"}]})";
constexpr const char* kQuarter =
    R"({"ports": [{"select": {}, "vfs": "max", "shares": {"classes": {"vfs": 2, "bandwidth": "25%"},
                                                          "pods": {}}}],
        "classes": [{"name": "gold", "floor": "10G"}]})";

class AgentPublishes : public AgentWorld {
 protected:
  AgentPublishes() {
    api_.put(kNode, {{"metadata", {{"name", "n"}}}});
    write_kubeconfig(api_.url());
    deploy(kHalf);
  }

  std::unique_ptr<ChildProcess> start_with_api(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
    return start(more);
  }

  /// Waits until the object says so of the pods' share of its port.
  bool wait_for_pods(const std::string& bandwidth) {
    return kubelet_.wait([&] {
      const Json object = api_.object(kNodeLanes);
      const Json::json_pointer share("/status/ports/0/shares/pods/bandwidth");
      return object.is_object() && object.contains(share) && object[share] == bandwidth;
    });
  }

  /// How often the object was made, or given its owner.
  std::ptrdiff_t times_made() const {
    return std::ranges::count_if(api_.requests(), [](const FakeApiServer::Request& request) {
      return request.method == "PATCH" && request.path == kNodeLanes;
    });
  }

  FakeApiServer api_;
};

TEST_F(AgentPublishes, TheObjectFollowsTheConfigurationAndIsOwnedByTheNode) {
  const auto agent = start_with_api();
  ASSERT_TRUE(wait_for_pods("50G"));
  const Json owner = api_.object(kNodeLanes)["metadata"]["ownerReferences"][0];
  EXPECT_EQ(owner["kind"], "Node");
  EXPECT_EQ(owner["uid"], api_.object(kNode)["metadata"]["uid"]);
  deploy(kQuarter);
  ASSERT_TRUE(wait_for_pods("75G"));
  api_.erase(kNodeLanes);
  EXPECT_TRUE(wait_for_pods("75G"));
  EXPECT_TRUE(wait_for_metric(*agent, R"(sluice_node_lanes_writes_total{result="done"})"));
}

TEST_F(AgentPublishes, AnotherInstanceGoesOnWithTheObject) {
  auto first = start_with_api();
  ASSERT_TRUE(wait_for_pods("50G"));
  const auto second = start_with_api({"--take-over"});
  first->wait_for_line("handed over");
  first.reset();
  deploy(kQuarter);
  ASSERT_TRUE(wait_for_pods("75G"));
  EXPECT_EQ(times_made(), 1);
}

TEST_F(AgentPublishes, WithoutTheDefinitionLanesAreGivenAllTheSame) {
  api_.serve("sluice.dev", {});
  const auto agent = start_with_api();
  EXPECT_THAT(agent->wait_for_line("does not know NodeLanes"),
              HasSubstr("kubectl apply -k deploy/inventory"));
  EXPECT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 2));
}

TEST_F(AgentPublishes, TheInventoryIsServedOnTheHost) {
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait([&] { return get(*agent, "/getpfs").status == 200; }));
  const Json pfs = parse_document(get(*agent, "/getpfs").body);
  ASSERT_EQ(pfs.size(), 1u);
  EXPECT_EQ(pfs[0]["capacity_tx_rate"], 100'000);
  EXPECT_EQ(pfs[0]["capacity_vfs"], 4);
  const Json ports = parse_document(get(*agent, "/v1/ports").body);
  EXPECT_EQ(ports["ports"][0]["shares"]["pods"]["vfs"], 2);
}

TEST_F(AgentPublishes, TheInventoryIsNotServedToOtherHostsByTheWay) {
  const auto agent = start({"--http-address", "0.0.0.0"});
  ASSERT_TRUE(kubelet_.wait([&] { return get(*agent, "/livez").status == 200; }));
  EXPECT_EQ(get(*agent, "/getpfs").status, 404);
  EXPECT_EQ(get(*agent, "/v1/ports").status, 404);
}

TEST_F(AgentPublishes, WithoutTlsAndTokenItDoesNotStartForOtherHosts) {
  const auto agent = start({"--inventory-address", "0.0.0.0"});
  EXPECT_THAT(agent->wait_for_line("--inventory-address"), HasSubstr("--inventory-token-file"));
  EXPECT_EQ(agent->wait_for_end(), 2);
}

TEST_F(AgentPublishes, AnAddressOfItsOwnIsForTheInventoryAlone) {
  const auto agent = start({"--inventory-address", "127.0.0.1", "--inventory-port", "0"});
  const std::string line = agent->wait_for_line("serving the inventory http=");
  const std::string address = line.substr(line.find("http=") + 5);
  HttpClient client({}, "test");
  const auto ask = [&](const std::string& path) {
    const auto answer = client.send({.url = "http://" + address + path});
    return answer ? answer->status : 0;
  };
  ASSERT_TRUE(kubelet_.wait([&] { return ask("/getpfs") == 200; }));
  EXPECT_EQ(ask("/v1/ports"), 200);
  EXPECT_EQ(ask("/metrics"), 404);
}

}  // namespace
}  // namespace sluice
