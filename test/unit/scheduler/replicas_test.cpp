#include "test/unit/scheduler/replica_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Clusters, AreNotDecidedOnBeforeTheyAreRead) {
  server.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.path != kNodeLanesPath) return std::nullopt;
    return FakeApiRefusal{404, "NotFound", "the server could not find the requested resource"};
  });
  Replica replica(server, "a");
  const json pod = pod_object("p", {"1G"});
  EXPECT_TRUE(eventually([&] {
    return replica.filter(pod, {"n"})["Error"] == "the cluster is still being read: nodelanes";
  }));
  EXPECT_EQ(replica.filter(pod, {"n"})["NodeNames"], json());
  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("still being read"));
  const HttpAnswer ready = replica.ask("/readyz", "", "GET");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "cluster: not read yet: nodelanes\n");
  EXPECT_EQ(replica.ask("/livez", "", "GET").status, 200);
}

TEST_F(Clusters, AreServedByTheLeaderAlone) {
  const json pod = add_pod("p", {"10G"});
  Replica a(server, "a");
  ASSERT_TRUE(become_ready(a));
  Replica b(server, "b");
  ASSERT_TRUE(eventually(
      [&] { return b.ask("/readyz", "", "GET").body.find(" leads") != std::string::npos; }));

  EXPECT_THAT(b.filter(pod, {"n"})["Error"].get<std::string>(),
              HasSubstr("this replica is not the leader, that is "));
  EXPECT_EQ(b.ask("/scheduler/prioritize", R"({"Pod":{},"NodeNames":[]})", "POST").status, 503);
  EXPECT_THAT(b.bind(pod, "n"), HasSubstr("not the leader"));
  EXPECT_EQ(a.bind(pod, "n"), "");

  a.end();
  EXPECT_TRUE(become_ready(b)) << "the lease was let go";
  EXPECT_TRUE(soon_does_not_fit(b, 91));
}

TEST_F(Clusters, MayLoseTheirLeaderBetweenFilterAndBind) {
  const json pod = add_pod("p", {"60G"});
  Replica a(server, "a");
  ASSERT_TRUE(become_ready(a));
  Replica b(server, "b");
  ASSERT_EQ(a.filter(pod, {"n"})["NodeNames"], json({"n"}));
  cut_off("a");
  b.clock = b.clock.load() + seconds(5);
  EXPECT_FALSE(b.is_ready());

  EXPECT_TRUE(eventually([&] {
    b.clock = b.clock.load() + seconds(1);
    return b.is_ready();
  }));
  EXPECT_EQ(b.bind(pod, "n"), "");
  EXPECT_EQ(node_of("p"), "n");
}

TEST_F(Clusters, MayLoseTheirLeaderInTheMiddleOfABind) {
  const json pod = add_pod("p", {"60G"});
  Replica a(server, "a");
  ASSERT_TRUE(become_ready(a));
  Replica b(server, "b");
  a.filter(pod, {"n"});
  // The write happens; the leader never hears of it, nor of anything else.
  server.deny([&](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.authorization != "Bearer a") return std::nullopt;
    if (is_binding(request)) {
      json bound = server.object(path("p"));
      bound["spec"]["nodeName"] = "n";
      bound["metadata"]["annotations"].update(json::parse(request.body)["metadata"]["annotations"]);
      server.put(path("p"), bound);
    }
    return FakeApiRefusal{500, "InternalError", "as the test wants it"};
  });
  EXPECT_NE(a.bind(pod, "n"), "");
  ASSERT_EQ(node_of("p"), "n");

  ASSERT_TRUE(eventually([&] {
    b.clock = b.clock.load() + seconds(1);
    return b.is_ready();
  }));
  EXPECT_TRUE(soon_does_not_fit(b, 41));
  EXPECT_TRUE(soon_fits(b, 40));
}

TEST_F(Clusters, AreNotBoundByALeaderWhoseTimeIsNearlyOver) {
  const json pod = add_pod("p", {"60G"});
  Replica a(server, "a");
  ASSERT_TRUE(become_ready(a));
  a.filter(pod, {"n"});
  cut_off("a");
  // 14 s are its own, and a bind may take 8.
  a.clock = a.clock.load() + seconds(7);

  EXPECT_THAT(a.bind(pod, "n"), HasSubstr("may not be for long enough"));
  EXPECT_THAT(bindings(), IsEmpty());
  EXPECT_EQ(a.filter(pod, {"n"})["NodeNames"], json({"n"})) << "the room was given back";
}

TEST_F(Clusters, StayWithTheirLeaderThroughAJumpOfTheClock) {
  const json pod = add_pod("p", {"60G"});
  Replica a(server, "a");
  ASSERT_TRUE(become_ready(a));
  a.clock = a.clock.load() + seconds(3600);

  EXPECT_TRUE(eventually([&] { return a.is_ready(); }));
  EXPECT_TRUE(eventually([&] { return a.bind(pod, "n").empty(); }));
}

// 200 pods want 10 Gbit/s each of two nodes that have room for 18 together; kube-schedulers ask
// both replicas at once, and the one that leads decides.
TEST_F(Clusters, HaveExactlyThosePodsBoundThatFit) {
  add_node("m", {pods_port(0, 40), pods_port(1, 45, 6)});
  Replica a(server, "a");
  Replica b(server, "b");
  ASSERT_TRUE(eventually([&] { return a.is_ready() || b.is_ready(); }));
  std::vector<json> pods;
  pods.reserve(200);
  for (int i = 0; i < 200; ++i) pods.push_back(add_pod(fmt::format("p{}", i), {"10G"}));
  const std::vector<std::string> nodes = {"n", "m"};
  std::atomic<std::size_t> next = 0;
  const auto schedule = [&](Replica& replica) {
    for (std::size_t i = next++; i < pods.size(); i = next++) {
      const json passed = replica.filter(pods[i], nodes)["NodeNames"];
      const auto to = passed.is_array() ? passed.get<std::vector<std::string>>() : nodes;
      for (const std::string& node : to) {
        if (replica.bind(pods[i], node).empty()) break;
      }
    }
  };
  // What the replica that does not lead refused is tried again.
  for (int round = 0; round < 2; ++round) {
    next = 0;
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] { schedule(a); });
      threads.emplace_back([&] { schedule(b); });
    }
  }
  next = 0;
  schedule(a.is_ready() ? a : b);

  std::map<std::string, int> lanes;  // By node and port.
  int bound = 0;
  for (int i = 0; i < 200; ++i) {
    const json pod = server.object(path(fmt::format("p{}", i)));
    const std::string node = pod.value(json::json_pointer("/spec/nodeName"), "");
    if (node.empty()) continue;
    ++bound;
    const auto placement = decode_placement(
        pod["metadata"]["annotations"][std::string(kPlacementAnnotation)].get<std::string>());
    ASSERT_THAT(placement, IsOk());
    for (const PlacedLane& lane : *placement) ++lanes[node + " " + lane.port];
  }
  EXPECT_EQ(bound, 8 + 4 + 4) << "8 VFs of the first node; 40 and 45 Gbit/s of the second";
  EXPECT_THAT(lanes, ElementsAre(std::pair("m 0000:10:00.0", 4), std::pair("m 0000:11:00.0", 4),
                                 std::pair("n 0000:10:00.0", 8)));
}

TEST_F(Clusters, AreLedWithoutALeaseWhereThereIsOneReplica) {
  SchedulerOptions options;
  options.no_leader_election = true;
  const json pod = add_pod("p", {"10G"});
  Replica replica(server, "a", options);
  ASSERT_TRUE(become_ready(replica));

  EXPECT_EQ(replica.bind(pod, "n"), "");
  EXPECT_EQ(server.object(kLease)["spec"]["holderIdentity"], "");
}

}  // namespace
}  // namespace sluice
