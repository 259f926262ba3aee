#include "test/unit/scheduler/books.h"

namespace sluice {
namespace {

using testing::HasSubstr;

TEST_F(Books, CountWhatBoundPodsHave) {
  view.set_pod(bound_pod("a", "n", 10));
  view.set_pod(bound_pod("b", "n", 20));

  EXPECT_EQ(free(), "70/6");
}

TEST_F(Books, ReplaceWhatAPodHasAndNeverAddItTwice) {
  view.set_pod(bound_pod("a", "n", 10));
  view.set_pod(bound_pod("a", "n", 10));
  view.set_pod(bound_pod("a", "n", 30));

  EXPECT_EQ(free(), "70/7");
}

TEST_F(Books, GiveBackWhatADeletedPodHad) {
  view.set_pod(bound_pod("a", "n", 10));
  view.drop_pod("uid-a");
  view.drop_pod("uid-a");

  EXPECT_EQ(free(), "100/8");
}

TEST_F(Books, GiveBackWhatAPodHadThatIsOver) {
  view.set_pod(bound_pod("a", "n", 10));
  PodFacts over = bound_pod("a", "n", 10);
  over.is_over = true;
  view.set_pod(over);
  EXPECT_EQ(free(), "100/8");

  view.set_pod(bound_pod("a", "n", 10));
  EXPECT_EQ(free(), "90/7");
}

TEST_F(Books, KeepPodsOfOneNameApartByTheirUid) {
  view.set_pod(bound_pod("a", "n", 10));
  PodFacts again = bound_pod("a", "n", 20);
  again.uid = "another";
  view.set_pod(again);
  EXPECT_EQ(free(), "70/6");

  view.drop_pod("uid-a");
  EXPECT_EQ(free(), "80/7");
}

TEST_F(Books, FollowAPodToAnotherNode) {
  add_node("m", {pods_port(0, 100)});
  view.set_pod(bound_pod("a", "n", 10));
  view.set_pod(bound_pod("a", "m", 10));

  EXPECT_EQ(free("n"), "100/8");
  EXPECT_EQ(free("m"), "90/7");
}

TEST_F(Books, KnowPodsBeforeTheirNode) {
  view.set_pod(bound_pod("a", "later", 10));
  EXPECT_EQ(free("later"), "-");
  add_node("later", {pods_port(0, 100)});

  EXPECT_EQ(free("later"), "90/7");
}

TEST_F(Books, CountAPodAsItsNodeSaysRatherThanAsItWasPlaced) {
  add_node("m", {pods_port(0, 100), pods_port(1, 100)});
  view.set_pod(bound_pod("a", "m", 10, 0));
  NodeLanes lanes = lanes_of("m", {pods_port(0, 100), pods_port(1, 100)});
  lanes.held = {{.uid = "uid-a",
                 .name_space = "ns",
                 .name = "a",
                 .lanes = {{.port = pods_port(1, 0).name,
                            .rate = {.floor = BitRate::gbps(10), .ceiling = {}}}}}};
  view.set_node_lanes("m", lanes);
  EXPECT_EQ(free("m"), "100/8 90/7");

  lanes.held.clear();
  view.set_node_lanes("m", lanes);
  EXPECT_EQ(free("m"), "90/7 100/8");
}

TEST_F(Books, CountWhatTheNodeSaysOfPodsWithoutAnnotation) {
  NodeLanes lanes = lanes_of("n", {pods_port(0, 100)});
  lanes.held = {{.uid = "x",
                 .name_space = {},
                 .name = {},
                 .lanes = {{.port = pods_port(0, 0).name,
                            .rate = {.floor = BitRate::gbps(25), .ceiling = {}}}}}};
  view.set_node_lanes("n", lanes);

  EXPECT_EQ(free(), "75/7");
}

TEST_F(Books, CountVfsAsTheLanesOfPodsAreBound) {
  PublishedPort port = pods_port(0, 100);
  port.pods.vfio_vfs = 3;
  NodeLanes lanes = lanes_of("n", {port});
  view.set_node_lanes("n", lanes);
  EXPECT_EQ(free(), "100/5+3");

  PodFacts pod = bound_pod("a", "n", 10);
  pod.annotations[std::string(kPlacementAnnotation)] =
      encode_placement({{.port = port.name, .rate = {}, .vfio = true},
                        {.port = port.name, .rate = {}, .vfio = false}});
  view.set_pod(pod);
  EXPECT_EQ(free(), "100/4+2");

  lanes.held = {{.uid = "x",
                 .name_space = {},
                 .name = {},
                 .lanes = {{.port = port.name, .rate = {}, .vfio = true}}}};
  view.set_node_lanes("n", lanes);
  EXPECT_EQ(free(), "100/4+1");
}

TEST_F(Books, FollowTheHardware) {
  view.set_pod(bound_pod("a", "n", 60));
  view.set_node_lanes("n", lanes_of("n", {pods_port(0, 50, 4)}));
  EXPECT_EQ(free(), "0/3");

  view.set_node_lanes("n", lanes_of("n", {pods_port(1, 100)}));
  EXPECT_EQ(free(), "100/8") << "the lane's port is gone";
}

TEST_F(Books, SayWhyANodeCanHaveNoPod) {
  view.set_node("bare");
  EXPECT_THAT(free("bare"), HasSubstr("no NodeLanes"));

  view.set_node_lanes("bare", Error(Code::unsupported, "schema 2 is newer"));
  EXPECT_EQ(free("bare"), "its NodeLanes cannot be read: schema 2 is newer");

  view.set_node_lanes("bare", lanes_of("bare", {}));
  EXPECT_EQ(free("bare"), "no port of the node has VFs for pods");

  PublishedPort broken = pods_port(0, 100);
  broken.trouble = "port ens0 has no carrier";
  view.set_node_lanes("bare", lanes_of("bare", {broken}));
  EXPECT_EQ(free("bare"), "port ens0 has no carrier");
  EXPECT_TRUE(view.state("bare")->can_wait);

  view.drop_node_lanes("bare");
  EXPECT_THAT(free("bare"), HasSubstr("no NodeLanes"));
}

TEST_F(Books, ForgetANodeThatIsGone) {
  view.drop_node("n");
  EXPECT_EQ(free(), "-");
  view.drop_node("n");
  view.drop_node("never-there");
  view.set_node("n");
  EXPECT_EQ(free(), "100/8") << "its NodeLanes are still there";
}

TEST_F(Books, GiveEachStateAVersionOfItsOwn) {
  const auto version = [this] { return view.state("n")->version; };
  const std::uint64_t first = version();
  EXPECT_EQ(version(), first);
  view.set_pod(bound_pod("a", "n", 10));
  const std::uint64_t second = version();
  EXPECT_NE(second, first);
  view.drop_pod("uid-a");
  EXPECT_NE(version(), second);
  EXPECT_NE(version(), first);
}

TEST_F(Books, KeepTheVersionWhereNothingOfInterestChanges) {
  view.set_pod(bound_pod("a", "n", 10));
  const std::uint64_t before = view.state("n")->version;
  view.set_pod(bound_pod("a", "n", 10));
  view.set_node("n");
  view.set_node_lanes("n", lanes_of("n", {pods_port(0, 100)}));

  EXPECT_EQ(view.state("n")->version, before);
  EXPECT_EQ(view.look_up(std::vector<std::string_view>{"n", "x"})[0].version, before);
  EXPECT_EQ(view.look_up(std::vector<std::string_view>{"n", "x"})[1].version, 0u);
}

// It remembers the order in which they were asked for last.
TEST_F(Books, FindNodesInWhateverOrderTheyAreAskedFor) {
  for (const char* const name : {"a", "b", "c"}) add_node(name, {pods_port(0, 100)});
  const auto find_all = [this](const std::vector<std::string_view>& names) {
    const auto found = view.look_up(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto state = view.state(names[i]);
      EXPECT_EQ(found[i].version, state == nullptr ? 0 : state->version) << names[i];
    }
  };
  find_all({"a", "b", "c", "n"});
  find_all({"a", "b", "c", "n"});
  find_all({"b", "c"});
  find_all({"a", "c"});
  find_all({"b", "a", "x", "c", "c", "b"});
  view.drop_node_lanes("b");
  view.drop_node("b");
  find_all({"a", "b", "c", "n"});
  find_all({"b", "a", "c", "b"});
  add_node("b", {pods_port(0, 50)});
  find_all({"a", "b", "c", "n"});
}

// A list that replaces the watch: what it does not show is gone.
TEST_F(Books, TakeWhatAListDoesNotShowForGone) {
  view.set_pod(bound_pod("a", "n", 10));
  view.set_pod(bound_pod("b", "n", 20));
  view.begin(Listed::pods);
  view.set_pod(bound_pod("b", "n", 20));
  view.end(Listed::pods);
  EXPECT_EQ(free(), "80/7");

  view.begin(Listed::node_lanes);
  view.end(Listed::node_lanes);
  EXPECT_THAT(free(), HasSubstr("no NodeLanes"));
  view.begin(Listed::nodes);
  view.end(Listed::nodes);
  EXPECT_EQ(free(), "-");
}

TEST_F(Books, AreReadWhenAllHasBeenListed) {
  ClusterView fresh;
  EXPECT_FALSE(fresh.is_listed(Listed::pods));
  fresh.begin(Listed::pods);
  EXPECT_FALSE(fresh.is_listed(Listed::pods));
  fresh.end(Listed::pods);
  EXPECT_TRUE(fresh.is_listed(Listed::pods));
  fresh.begin(Listed::pods);
  EXPECT_TRUE(fresh.is_listed(Listed::pods)) << "what is known stays so while it is listed again";
}

}  // namespace
}  // namespace sluice
