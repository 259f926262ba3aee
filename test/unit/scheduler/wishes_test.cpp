// What a replica wishes of nodes for pods that wait.
#include <algorithm>

#include "scheduler/wish_writer.h"
#include "test/unit/scheduler/replica_world.h"

namespace sluice {
namespace {

using nlohmann::json;

class Wishes : public Clusters {
 protected:
  Wishes() { offer(1, 7); }

  /// What the agent of the node offers now.
  void offer(int gold, int copper, const std::string& node = "n") {
    NodeLanes lanes = lanes_of(node, {pods_port(0, 100)});
    lanes.classes = {{.name = "gold", .rate = {}, .offered = gold},
                     {.name = "copper", .rate = {}, .offered = copper}};
    json object = object_of(lanes);
    object["spec"] = {{"wishes", wishes(node)}};
    server.put(node_lanes(node), object);
  }

  /// A pod of one lane of gold, of which kube-scheduler says that there are too few.
  void add_waiting_pod(const std::string& name) {
    server.put(path(name), {{"spec", spec()},
                            {"status",
                             {{"conditions",
                               {{{"type", "PodScheduled"},
                                 {"status", "False"},
                                 {"reason", "Unschedulable"},
                                 {"message", "0/1 nodes: 1 Insufficient sluice.dev/gold."}}}}}}});
  }

  /// Its binding, by whomever.
  void bind_pod(const std::string& name) {
    json bound = spec();
    bound["nodeName"] = "n";
    server.put(path(name), {{"spec", bound}});
  }

  static json spec(const std::string& of = "gold", int lanes = 1) {
    return {{"containers",
             {{{"name", "c"},
               {"resources", {{"limits", {{"sluice.dev/" + of, std::to_string(lanes)}}}}}}}}};
  }

  static std::string node_lanes(const std::string& node = "n") {
    return std::string(kNodeLanesPath) + "/" + node;
  }

  json wishes(const std::string& node = "n") const {
    const json object = server.object(node_lanes(node));
    return object.is_null() ? json::array()
                            : object.value(json::json_pointer("/spec/wishes"), json::array());
  }

  bool soon_wishes(const json& wanted, const std::string& node = "n") {
    return eventually([&] { return wishes(node) == wanted; });
  }

  /// One replica, which leads whatever its clock says.
  static SchedulerOptions alone() {
    SchedulerOptions options;
    options.no_leader_election = true;
    return options;
  }

  const json one_of_gold = {{{"class", "gold"}, {"lanes", 1}}};
};

TEST_F(Wishes, AreMadeForPodsThatWaitAndTakenBackWhenTheyAreBound) {
  bind_pod("first");
  add_waiting_pod("second");
  const Replica replica(server, "a");
  EXPECT_TRUE(soon_wishes({{{"class", "gold"}, {"lanes", 2}}})) << wishes();

  offer(2, 6);
  EXPECT_TRUE(soon_wishes({{{"class", "gold"}, {"lanes", 2}}}))
      << "until the pod has it: " << wishes();

  bind_pod("second");
  EXPECT_TRUE(soon_wishes(json::array())) << wishes();
}

TEST_F(Wishes, OfALeaderBeforeAreTakenBackWhereNoPodWaits) {
  server.put(node_lanes(), [this] {
    json object = server.object(node_lanes());
    object["spec"] = {{"wishes", {{{"class", "gold"}, {"lanes", 5}}}}};
    return object;
  }());
  const Replica replica(server, "a");

  EXPECT_TRUE(soon_wishes(json::array())) << wishes();
}

TEST_F(Wishes, KeepPodsAwayThatWouldTakeTheOffersThatMove) {
  offer(0, 2);
  add_waiting_pod("waits");
  Replica replica(server, "a");
  ASSERT_TRUE(soon_wishes(one_of_gold)) << wishes();
  const auto asks = [&](const std::string& pod, const std::string& of, int lanes) {
    json object = pod_object(pod, {});
    object["spec"] = spec(of, lanes);
    return replica.filter(object, {"n"});
  };

  EXPECT_TRUE(eventually([&] {
    return asks("two", "copper", 2)["FailedNodes"] ==
           json({{"n", "offers move to class gold, of which 1 more is wished"}});
  }));
  EXPECT_EQ(asks("waits", "gold", 1)["NodeNames"], json({"n"}));
  EXPECT_EQ(asks("one", "copper", 1)["NodeNames"], json({"n"}));
  EXPECT_EQ(asks("other", "copper", 1)["NodeNames"], json::array()) << "the one may go there";

  bind_pod("waits");
  EXPECT_TRUE(soon_wishes(json::array())) << wishes();
  EXPECT_TRUE(eventually([&] { return asks("two", "copper", 2)["NodeNames"] == json({"n"}); }));
}

TEST_F(Wishes, GoToTheNextNodeWhereTheBestDoesNotServeThem) {
  add_node("m", {});
  offer(0, 8);
  offer(0, 4, "m");
  add_waiting_pod("waits");
  Replica replica(server, "a", alone());
  ASSERT_TRUE(soon_wishes(one_of_gold)) << "it has most to spare: " << wishes();
  EXPECT_EQ(wishes("m"), json::array());

  // It goes on by so little that nothing is given up between two looks.
  EXPECT_TRUE(eventually([&] {
    replica.clock = replica.clock.load() + std::chrono::seconds(1);
    return wishes("m") == one_of_gold;
  }));
  EXPECT_TRUE(soon_wishes(json::array())) << wishes();
}

TEST_F(Wishes, AreNotGivenUpWhereTheyCannotBeWritten) {
  add_node("m", {});
  offer(0, 8);
  offer(0, 4, "m");
  add_waiting_pod("waits");
  server.deny([](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.method != "PATCH") return std::nullopt;
    return FakeApiRefusal{500, "InternalError", "as the test wants it"};
  });
  Replica replica(server, "a", alone());
  const auto is_write = [](const FakeApiServer::Request& request) {
    return request.method == "PATCH";
  };
  for (std::size_t tries = 1; tries <= 3; ++tries) {
    ASSERT_TRUE(server.wait_for(tries, is_write));
    replica.clock = replica.clock.load() + 2 * WishTimes().timeout;
  }

  server.deny({});
  EXPECT_TRUE(soon_wishes(one_of_gold)) << wishes();
  EXPECT_EQ(wishes("m"), json::array());
}

/// A view without watches.
class WriteWishes : public testing::Test {
 protected:
  WriteWishes() {
    show({});
    view.set_node("n");
    PodFacts pod{.uid = "u", .name = "p"};
    pod.lacking = {{"gold", 1}};
    waiting.set(pod);
  }

  void show(std::vector<ClassWish> wishes) {
    NodeLanes lanes = lanes_of("n", {pods_port(0, 100)});
    lanes.classes = {{.name = "gold", .rate = {}, .offered = 0},
                     {.name = "copper", .rate = {}, .offered = 7}};
    lanes.wishes = std::move(wishes);
    view.set_node_lanes("n", lanes);
  }

  std::size_t writes() const {
    const auto requests = server.requests();
    return static_cast<std::size_t>(
        std::ranges::count(requests, "PATCH", &FakeApiServer::Request::method));
  }

  FakeApiServer server;
  ApiClient client{{.server = server.url()}};
  ClusterView view;
  WaitingPods waiting;
  WishBook book{WishBook::Options()};
};

TEST_F(WriteWishes, WritesNothingThatIsThereAlready) {
  ASSERT_THAT(write_wishes(client, view, waiting, book, [] { return true; }), IsOk());
  EXPECT_EQ(writes(), 1u);

  show({{.class_name = "gold", .lanes = 1}});
  ASSERT_THAT(write_wishes(client, view, waiting, book, [] { return true; }), IsOk());
  EXPECT_EQ(writes(), 1u);
}

TEST_F(WriteWishes, WritesNothingWithoutTheLease) {
  ASSERT_THAT(write_wishes(client, view, waiting, book, [] { return false; }), IsOk());
  EXPECT_EQ(writes(), 0u);
}

TEST_F(WriteWishes, WishesNothingOfANodeThatIsGone) {
  view.drop_node("n");
  ASSERT_THAT(write_wishes(client, view, waiting, book, [] { return true; }), IsOk());
  EXPECT_EQ(writes(), 0u);
}

}  // namespace
}  // namespace sluice
