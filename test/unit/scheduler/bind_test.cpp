#include "test/unit/scheduler/replica_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Clusters, HaveTheirPodsPlacedAndBoundInOneWrite) {
  const json pod = add_pod("p", {"40G", "15G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));

  EXPECT_EQ(replica.filter(pod, {"n"})["NodeNames"], json({"n"}));
  EXPECT_EQ(replica.post("prioritize", {{"Pod", pod}, {"NodeNames", {"n"}}}),
            json({{{"Host", "n"}, {"Score", 10}}}));
  EXPECT_EQ(replica.bind(pod, "n"), "");

  EXPECT_EQ(node_of("p"), "n");
  EXPECT_EQ(server.object(path("p"))["metadata"]["annotations"][std::string(kPlacementAnnotation)],
            R"({"version":1,"lanes":[{"port":"0000:10:00.0","floor":"40G"},)"
            R"({"port":"0000:10:00.0","floor":"15G"}]})");
  ASSERT_EQ(bindings().size(), 1u);
  EXPECT_EQ(bindings()[0].query.at("timeout"), "2s");
  EXPECT_EQ(json::parse(bindings()[0].body)["metadata"]["uid"], pod["metadata"]["uid"]);
  EXPECT_EQ(json::parse(bindings()[0].body)["target"]["name"], "n");
  EXPECT_TRUE(soon_does_not_fit(replica, 50));
  EXPECT_TRUE(soon_fits(replica, 45));
}

TEST_F(Clusters, HaveRoomForPodsThatEnd) {
  const json pod = add_pod("p", {"100G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  ASSERT_EQ(replica.bind(pod, "n"), "");
  EXPECT_TRUE(soon_does_not_fit(replica, 1));

  json over = server.object(path("p"));
  over["status"]["phase"] = "Succeeded";
  server.put(path("p"), over);
  EXPECT_TRUE(soon_fits(replica, 100));
}

TEST_F(Clusters, BindPodsWithoutLanesAsTheyAre) {
  const json pod = add_pod("p", {});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  ASSERT_EQ(replica.filter(pod, {"n", "x"})["NodeNames"], json({"n", "x"}));

  EXPECT_EQ(replica.bind(pod, "n"), "");
  EXPECT_EQ(node_of("p"), "n");
  EXPECT_FALSE(json::parse(bindings()[0].body)["metadata"].contains("annotations"));
  const auto is_get = [this](const FakeApiServer::Request& request) {
    return request.path == path("p");
  };
  const auto asked = server.requests();
  EXPECT_TRUE(std::none_of(asked.begin(), asked.end(), is_get)) << "the filter showed the pod";
}

TEST_F(Clusters, BindPodsThatTheFilterHasNotSeen) {
  const json pod = add_pod("p", {"40G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));

  EXPECT_EQ(replica.bind(pod, "n"), "");
  EXPECT_TRUE(soon_does_not_fit(replica, 61));
}

TEST_F(Clusters, DoNotBindAPodThatHasTheNameOfAnother) {
  const json pod = add_pod("p", {"40G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  replica.filter(pod, {"n"});
  server.erase(path("p"));
  add_pod("p", {"40G"});

  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("is not the pod with UID"));
  EXPECT_EQ(node_of("p"), "");
  EXPECT_TRUE(soon_fits(replica, 100));

  json unseen = pod;
  unseen["metadata"]["uid"] = "unseen";
  EXPECT_THAT(replica.bind(unseen, "n"), HasSubstr("is another pod by now"));
}

TEST_F(Clusters, LookForRoomAgainAtTheBind) {
  const json first = add_pod("first", {"60G"});
  const json second = add_pod("second", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  ASSERT_EQ(replica.filter(first, {"n"})["NodeNames"], json({"n"}));
  ASSERT_EQ(replica.filter(second, {"n"})["NodeNames"], json({"n"}));

  EXPECT_EQ(replica.bind(first, "n"), "");
  EXPECT_THAT(replica.bind(second, "n"),
              HasSubstr("40 Gbit/s of 100 Gbit/s free, 60 Gbit/s asked"));
  EXPECT_EQ(node_of("second"), "");
}

TEST_F(Clusters, GiveBackWhatABindThatWasRefusedHad) {
  const json pod = add_pod("p", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  server.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_binding(request)) return std::nullopt;
    return FakeApiRefusal{403, "Forbidden", "as the test wants it"};
  });
  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("403 Forbidden"));
  server.deny({});

  EXPECT_EQ(replica.filter(pod, {"n"})["NodeNames"], json({"n"}));
  EXPECT_EQ(replica.bind(pod, "n"), "");
}

TEST_F(Clusters, CountABindOfUnknownOutcomeUntilItIsKnown) {
  const json pod = add_pod("p", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  server.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_binding(request)) return std::nullopt;
    return FakeApiRefusal{500, "InternalError", "as the test wants it"};
  });
  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("500 InternalError"));
  server.deny({});
  const json other = pod_object("other", {"60G"});
  EXPECT_EQ(replica.filter(other, {"n"})["NodeNames"], json::array());
  EXPECT_THAT(replica.bind(pod, "n"),
              HasSubstr("not known yet whether the pod is bound to node n"));

  replica.clock = replica.clock.load() + kBindEnd;
  EXPECT_TRUE(soon_fits(replica, 60));
  EXPECT_TRUE(eventually([&] { return replica.bind(pod, "n").empty(); }));
}

TEST_F(Clusters, LearnWhatBecameOfABindWhoseAnswerWasLost) {
  const json pod = add_pod("p", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  // Done, but the answer does not come.
  server.deny([&](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_binding(request)) return std::nullopt;
    json bound = server.object(path("p"));
    bound["spec"]["nodeName"] = "n";
    bound["metadata"]["annotations"].update(json::parse(request.body)["metadata"]["annotations"]);
    server.put(path("p"), bound);
    return FakeApiRefusal{504, "Timeout", "as the test wants it"};
  });
  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("504 Timeout"));
  server.deny({});
  replica.clock = replica.clock.load() + kBindEnd;

  EXPECT_TRUE(eventually(
      [&] { return replica.bind(pod, "n").find("is bound to node n") != std::string::npos; }));
  EXPECT_TRUE(soon_does_not_fit(replica, 60));
  EXPECT_TRUE(soon_fits(replica, 40));
}

TEST_F(Clusters, AreSeenRightAfterWatchesAreCutAndExpired) {
  add_pod("p", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  ASSERT_EQ(replica.bind(server.object(path("p")), "n"), "");
  ASSERT_TRUE(server.wait_for_watches(3));
  server.cut_watches();
  server.erase(path("p"));
  EXPECT_TRUE(soon_fits(replica, 100));

  add_pod("q", {"60G"});
  ASSERT_EQ(replica.bind(server.object(path("q")), "n"), "");
  ASSERT_TRUE(server.wait_for_watches(3));
  server.erase(path("q"));
  server.expire();
  EXPECT_TRUE(soon_fits(replica, 100));
  add_node("m", {pods_port(0, 200)});
  EXPECT_TRUE(soon_fits(replica, 200, "m"));
}

TEST_F(Clusters, MayLoseANodeBetweenFilterAndBind) {
  const json pod = add_pod("p", {"60G"});
  Replica replica(server, "a");
  ASSERT_TRUE(become_ready(replica));
  ASSERT_EQ(replica.filter(pod, {"n"})["NodeNames"], json({"n"}));
  server.erase("/api/v1/nodes/n");

  EXPECT_TRUE(eventually([&] {
    return replica.filter(pod, {"n"})["FailedNodes"] == json({{"n", "there is no such node"}});
  }));
  EXPECT_THAT(replica.bind(pod, "n"), HasSubstr("node n is not there"));
  EXPECT_THAT(bindings(), IsEmpty());
}

}  // namespace
}  // namespace sluice
