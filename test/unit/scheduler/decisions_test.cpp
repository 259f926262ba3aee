#include "scheduler/decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "test/support/golden.h"
#include "test/unit/scheduler/scheduler_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// Decisions on nodes that the test puts up, asked for by name.
class Deciding : public testing::Test {
 protected:
  void add_node(const std::string& name, std::vector<PublishedPort> ports) {
    add_node(lanes_of(name, std::move(ports)));
  }

  void add_node(const NodeLanes& lanes) {
    view.set_node(lanes.node);
    view.set_node_lanes(lanes.node, lanes);
    names.push_back(lanes.node);
  }

  /// So much is taken of the node's port.
  void take(const std::string& node, std::uint64_t gbps, int port = 0) {
    view.set_pod(bound_pod(fmt::format("taken-{}-{}", node, port), node, gbps, port));
  }

  ExtenderArgs args() const {
    ExtenderArgs args{.by_name = true};
    args.names.assign(names.begin(), names.end());
    return args;
  }

  static AskedPod asking(const std::vector<std::string>& floors) {
    return asked_pod(pod_facts("p", floors));
  }

  static AskedPod annotated(std::string_view key, const std::string& value) {
    PodFacts facts = pod_facts("p", {});
    facts.annotations.emplace(key, value);
    return asked_pod(facts);
  }

  json filter(const AskedPod& pod, Policy policy = Policy::best_suited) {
    const ExtenderArgs asked = args();
    return json::parse(Decisions(view, policy).filter(pod, asked).json());
  }

  json papers_filter(const AskedPod& pod) {
    const ExtenderArgs asked = args();
    return json::parse(
        Decisions(view, Policy::best_suited).papers_filter(pod, asked).papers_json());
  }

  std::vector<int> prioritize(const AskedPod& pod, Policy policy) {
    return Decisions(view, policy).prioritize(pod, args());
  }

  ClusterView view;
  std::vector<std::string> names;
};

// J3: a pod of 50 Gbit/s, and nodes with 40, 60 and 80 Gbit/s free.
TEST_F(Deciding, J3SendsAPodWhereItFitsAndPrefersAsThePolicySays) {
  for (const std::uint64_t free : {40, 60, 80}) {
    const std::string name = fmt::format("node-{}", free);
    add_node(name, {pods_port(0, 100)});
    take(name, 100 - free);
  }
  const AskedPod pod = asking({"50G"});

  EXPECT_JSON_EQ_GOLDEN(filter(pod).dump(), "extender/j3_filter.json");
  EXPECT_THAT(prioritize(pod, Policy::pack), ElementsAre(0, 10, 0));
  EXPECT_THAT(prioritize(pod, Policy::spread), ElementsAre(0, 0, 10));
}

// The papers' example: two lanes of 100 Gbit/s.
TEST_F(Deciding, PlacesLanesAndNotSums) {
  add_node("one-of-200", {pods_port(0, 200)});
  add_node("two-of-100", {pods_port(0, 100), pods_port(1, 100)});
  add_node("100-and-90", {pods_port(0, 100), pods_port(1, 90)});
  const AskedPod pod =
      annotated(kPapersAnnotation, R"([{"min_tx_rate":100000},{"min_tx_rate":100000}])");

  EXPECT_JSON_EQ_GOLDEN(filter(pod).dump(), "extender/two_lanes_filter.json");
  EXPECT_JSON_EQ_GOLDEN(papers_filter(pod).dump(), "extender/two_lanes_papers.json");
}

TEST_F(Deciding, TellsTheBindingLimitOfEachNode) {
  add_node("full", {pods_port(0, 100), pods_port(1, 100, 1)});
  take("full", 88, 0);
  take("full", 10, 1);
  add_node("small", {pods_port(0, 25)});
  view.set_node("bare");
  names.emplace_back("bare");
  view.set_node("newer");
  view.set_node_lanes("newer", Error(Code::unsupported, "/status/schema: 2 is newer than 1"));
  names.emplace_back("newer");
  PublishedPort broken = pods_port(0, 100);
  broken.trouble = "port ens0 has no carrier";
  add_node("broken", {broken});
  names.emplace_back("unknown");

  EXPECT_JSON_EQ_GOLDEN(filter(asking({"40G"})).dump(), "extender/limits_filter.json");
}

TEST_F(Deciding, MentionsPortsInTroubleWhereTheOthersDoNotSuffice) {
  PublishedPort broken = pods_port(1, 100);
  broken.trouble = "port ens1 has no carrier";
  add_node("n", {pods_port(0, 25), broken});

  const json answer = filter(asking({"40G"}));
  EXPECT_THAT(answer["FailedNodes"]["n"].get<std::string>(),
              HasSubstr("; port ens1 has no carrier"));
}

TEST_F(Deciding, LetsPodsWithoutLanesPass) {
  add_node("n", {});
  names.emplace_back("unknown");
  PodFacts classes = pod_facts("p", {});
  classes.classes = {{"gold", 1}};
  for (const PodFacts& facts : {pod_facts("p", {}), classes}) {
    const json answer = filter(asked_pod(facts));
    EXPECT_EQ(answer["NodeNames"], json({"n", "unknown"}));
    EXPECT_EQ(answer["FailedNodes"], json::object());
    EXPECT_EQ(papers_filter(asked_pod(facts))["NodeNames"], json({"n", "unknown"}));
  }
}

TEST_F(Deciding, RefusesAMalformedAnnotationEverywhere) {
  add_node("n", {pods_port(0, 100)});
  const AskedPod pod = annotated(kPapersAnnotation, R"([{"min_tx_rate":-1}])");

  const json answer = filter(pod);
  EXPECT_THAT(answer["FailedAndUnresolvableNodes"]["n"].get<std::string>(),
              HasSubstr("/0/min_tx_rate"));
  EXPECT_EQ(papers_filter(pod)["FailedNodes"]["n"],
            "RDMA Scheduler Extension: 'rdma_interfaces_required' field in pod YAML file is "
            "malformatted.");
}

TEST_F(Deciding, RefusesAPodOnTheHostsNetworkWhatItsNodeWouldRefuse) {
  add_node("n", {pods_port(0, 100)});
  PodFacts facts = pod_facts("p", {});
  facts.annotations.emplace(kLanesAnnotation, R"([{"name": "rail", "floor": "10G", "mtu": 9000}])");
  EXPECT_EQ(filter(asked_pod(facts))["NodeNames"], json({"n"}));

  facts.on_host_network = true;
  EXPECT_THAT(filter(asked_pod(facts))["FailedAndUnresolvableNodes"]["n"].get<std::string>(),
              HasSubstr("lane 'rail': the pod is on the host's network, whose links stay as they "
                        "are, so not with \"mtu\""));
}

TEST_F(Deciding, CountsPodsOnTheHostsNetworkLikeAnyOther) {
  add_node("n", {pods_port(0, 100)});
  PodFacts facts = pod_facts("p", {"60G"});
  facts.on_host_network = true;
  EXPECT_EQ(filter(asked_pod(facts))["NodeNames"], json({"n"}));
  take("n", 50);
  EXPECT_EQ(filter(asked_pod(facts))["NodeNames"], json::array());
}

TEST_F(Deciding, RefusesMoreLanesThanAPodCanHave) {
  add_node("n", {pods_port(0, 100, 2000)});
  const json answer = filter(asking(std::vector<std::string>(1000, "1M")));

  EXPECT_THAT(answer["FailedAndUnresolvableNodes"]["n"].get<std::string>(),
              HasSubstr("sluice.dev/lanes"));
}

TEST_F(Deciding, GivesThePapersReasons) {
  add_node("good", {pods_port(0, 100)});
  add_node("full", {pods_port(0, 10)});
  view.set_node("bare");
  names.emplace_back("bare");

  const json answer = papers_filter(asking({"50G"}));
  EXPECT_EQ(answer["NodeNames"], json({"good"}));
  EXPECT_EQ(
      answer["FailedNodes"],
      json({{"full", "RDMA Scheduler Extension: Node did not have enough free RDMA resources."},
            {"bare",
             "RDMA Scheduler Extension: Unable to collect information on available RDMA "
             "resources for node."}}));
  EXPECT_FALSE(answer.contains("FailedAndUnresolvableNodes"));
}

TEST_F(Deciding, IsRightAgainAfterEveryChange) {
  add_node("n", {pods_port(0, 100)});
  Decisions decisions(view, Policy::pack);
  const ExtenderArgs asked = args();
  const auto fits = [&](const AskedPod& pod) {
    return !json::parse(decisions.filter(pod, asked).json())["NodeNames"].empty();
  };
  EXPECT_TRUE(fits(asking({"50G"})));
  EXPECT_TRUE(fits(asking({"50G"})));
  take("n", 60);
  EXPECT_FALSE(fits(asking({"50G"})));
  EXPECT_TRUE(fits(asking({"40G"})));
  view.drop_pod("uid-taken-n-0");
  EXPECT_TRUE(fits(asking({"50G"})));
}

TEST_F(Deciding, TellsAsksApart) {
  std::vector<PublishedPort> ports = {pods_port(0, 100), pods_port(1, 100)};
  ports[0].pods.vfio_vfs = 1;
  ports[1].pods.networks = {"storage"};
  add_node("n", ports);
  Decisions decisions(view, Policy::pack);
  const ExtenderArgs asked = args();
  const auto fits = [&](const std::string& annotation) {
    const AskedPod pod = annotated(kLanesAnnotation, annotation);
    EXPECT_EQ(pod.malformed, "");
    return !json::parse(decisions.filter(pod, asked).json())["NodeNames"].empty();
  };
  EXPECT_TRUE(fits(R"([{"name":"a","floor":"60G"},{"name":"b","floor":"60G"}])"));
  EXPECT_FALSE(fits(R"({"lanes":[{"name":"a","floor":"60G"},{"name":"b","floor":"60G"}],)"
                    R"("samePort":[["a","b"]]})"));
  EXPECT_TRUE(fits(R"({"lanes":[{"name":"a","floor":"60G"},{"name":"b","floor":"60G"}],)"
                   R"("differentPorts":[["a","b"]]})"));
  EXPECT_FALSE(fits(R"([{"floor":"60G","link":"eth*"}])"));
  EXPECT_TRUE(fits(R"([{"floor":"60G","link":"ens*"}])"));
  EXPECT_FALSE(fits(R"([{"floor":"60G","linkType":"infiniband"}])"));
  EXPECT_TRUE(fits(R"([{"floor":"60G","network":"storage"}])"));
  EXPECT_FALSE(fits(R"([{"floor":"60G","network":"front"}])"));
  EXPECT_TRUE(fits(R"([{"floor":"60G","driver":"vfio-pci"}])"));
  EXPECT_FALSE(fits(R"([{"floor":"60G","driver":"vfio-pci"},{"driver":"vfio-pci"}])"));
}

TEST_F(Deciding, RemembersAsManyShapesAsItSays) {
  add_node("n", {pods_port(0, 100)});
  Decisions decisions(view, Policy::pack);
  const ExtenderArgs asked = args();
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 1; i <= Verdicts::kMostShapes + 2; ++i) {
      const AskedPod pod = asking({fmt::format("{}G", 64 + i)});
      const json answer = json::parse(decisions.filter(pod, asked).json());
      EXPECT_EQ(answer["NodeNames"].size(), 1u);
    }
  }
}

TEST_F(Deciding, ScoresPodsOfClassesByWhatIsLeft) {
  const auto add = [this](const std::string& name, std::uint64_t taken) {
    PublishedPort port = pods_port(0, 100);
    port.classes = {.vfs = 8, .bandwidth = BitRate::gbps(100)};
    NodeLanes lanes = lanes_of(name, {port});
    lanes.classes = {{.name = "gold", .rate = {.floor = BitRate::gbps(10), .ceiling = {}}}};
    add_node(lanes);
    PodFacts pod = pod_facts("on-" + name, {});
    pod.node = name;
    pod.classes = {{"gold", static_cast<int>(taken)}};
    view.set_pod(pod);
  };
  add("a", 0);
  add("b", 4);
  add("c", 8);
  PodFacts facts = pod_facts("p", {});
  facts.classes = {{"gold", 1}};

  EXPECT_THAT(prioritize(asked_pod(facts), Policy::spread), ElementsAre(10, 5, 0));
  EXPECT_THAT(prioritize(asked_pod(facts), Policy::pack), ElementsAre(0, 5, 10));
}

// kube-scheduler takes any of those with the highest score.
TEST_F(Deciding, ScoresTheBestAloneWithTheHighest) {
  for (const std::uint64_t free : {100, 15, 11}) {
    const std::string name = fmt::format("node-{}", free);
    add_node(name, {pods_port(0, 100)});
    take(name, 100 - free);
  }

  // Between 90 and 1 Gbit/s left, 5 are nearer to the highest than to any other.
  EXPECT_THAT(prioritize(asking({"10G"}), Policy::pack), ElementsAre(0, 9, 10));
}

TEST_F(Deciding, ScoresNodesAlikeAlike) {
  add_node("a", {pods_port(0, 100)});
  add_node("b", {pods_port(0, 100)});
  names.emplace_back("unknown");

  EXPECT_THAT(prioritize(asking({"10G"}), Policy::pack), ElementsAre(10, 10, 0));
  EXPECT_THAT(prioritize(asking({}), Policy::pack), ElementsAre(0, 0, 0));
}

}  // namespace
}  // namespace sluice
