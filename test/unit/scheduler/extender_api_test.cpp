#include "scheduler/extender_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "scheduler/asked_pod.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kByName =
    R"({"Pod":{"metadata":{"name":"p"}},"Nodes":null,"NodeNames":["a","b-1.example","c"]})";
constexpr const char* kByNode =
    R"({"Pod":{"metadata":{}},"Nodes":{"metadata":{},"items":[{"metadata":{"name":"a"},"spec":{}},)"
    R"({"status":{},"metadata":{"labels":{"name":"x"},"name":"b"}}]},"NodeNames":null})";

std::string golden(const std::string& name) {
  std::ifstream file(SLUICE_GOLDEN_DIR "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ExtenderArgs, NameTheNodes) {
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs args, decode_extender_args(kByName));

  EXPECT_EQ(args.pod, R"({"metadata":{"name":"p"}})");
  EXPECT_TRUE(args.by_name);
  EXPECT_THAT(args.names, ElementsAre("a", "b-1.example", "c"));
}

TEST(ExtenderArgs, BringTheNodes) {
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs args, decode_extender_args(kByNode));

  EXPECT_FALSE(args.by_name);
  EXPECT_THAT(args.names, ElementsAre("a", "b"));
  EXPECT_THAT(args.nodes,
              ElementsAre(R"({"metadata":{"name":"a"},"spec":{}})",
                          R"({"status":{},"metadata":{"labels":{"name":"x"},"name":"b"}})"));
}

// As Go's encoding/json writes them.
TEST(ExtenderArgs, OfKubeSchedulerAreRead) {
  const std::string by_name = golden("extender/args_by_name.json");
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs named, decode_extender_args(by_name));
  EXPECT_THAT(named.names, ElementsAre("node-1", "node-2.example.org"));
  const AskedPod pod = asked_pod(facts_of(json::parse(named.pod), "sluice.dev"));
  ASSERT_TRUE(pod.ask);
  ASSERT_EQ(pod.ask->lanes.size(), 3u);
  EXPECT_EQ(pod.ask->lanes[0].rate,
            (Rate{.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)}));
  EXPECT_EQ(pod.facts.uid, "6a1c3f5e-0000-4000-8000-000000000002");

  const std::string by_node = golden("extender/args_by_node.json");
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs whole, decode_extender_args(by_node));
  EXPECT_THAT(whole.names, ElementsAre("n1"));

  ASSERT_OK_AND_ASSIGN(const ExtenderBindingArgs binding,
                       decode_binding_args(golden("extender/binding_args.json")));
  EXPECT_EQ(binding.pod_name, "train-0");
  EXPECT_EQ(binding.node, "node-2.example.org");
}

// As in Go.
TEST(ExtenderArgs, OfWhichThereAreSeveralAreTheLast) {
  ASSERT_OK_AND_ASSIGN(
      const ExtenderArgs named,
      decode_extender_args(
          R"({"NodeNames":["a","\u0062"],"Pod":null,"Pod":{"a":1},"NodeNames":["c"]})"));
  EXPECT_THAT(named.names, ElementsAre("c"));
  EXPECT_EQ(named.pod, R"({"a":1})");
  ASSERT_OK_AND_ASSIGN(
      const ExtenderArgs whole,
      decode_extender_args(
          R"({"Pod":{},"NodeNames":["a"],"Nodes":{"items":[]},"NodeNames":null})"));
  EXPECT_FALSE(whole.by_name);
  EXPECT_THAT(whole.names, IsEmpty());
}

TEST(ExtenderArgs, AreFoundInAnyCase) {
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs args,
                       decode_extender_args(R"({"pod":{},"nODENAMES":["a"],"extra":[1]})"));
  EXPECT_THAT(args.names, ElementsAre("a"));
  EXPECT_THAT(decode_extender_args(R"({"pod":{},"nodes":{"Items":[{"METADATA":{"Name":"a"}}]}})"),
              IsOk());
}

TEST(ExtenderArgs, MayWriteNamesWithEscapes) {
  ASSERT_OK_AND_ASSIGN(
      const ExtenderArgs args,
      decode_extender_args(R"({"Pod":{},"NodeNames":["\u0061","\u0062-with-a-long-name","c"]})"));
  EXPECT_THAT(args.names, ElementsAre("a", "b-with-a-long-name", "c"));
}

TEST(ExtenderArgs, MayHaveNoNodes) {
  ASSERT_OK_AND_ASSIGN(const ExtenderArgs args,
                       decode_extender_args(R"({"Pod":{},"NodeNames":[]})"));
  EXPECT_THAT(args.names, IsEmpty());
  EXPECT_THAT(decode_extender_args(R"({"Pod":{},"Nodes":{"items":null}})"), IsOk());
}

struct Wrong {
  const char* body;
  const char* why;
};

TEST(ExtenderArgs, AreRefusedWithWhatIsWrong) {
  const std::vector<Wrong> all = {
      {"", "want an object"},
      {"[]", "want an object"},
      {R"({"Pod":{})", "not JSON"},
      {R"({"NodeNames":[]})", "Pod: is missing"},
      {R"({"Pod":null,"NodeNames":[]})", "Pod: is missing"},
      {R"({"Pod":{}})", "Nodes and NodeNames: one of them must be there"},
      {R"({"Pod":{},"NodeNames":{}})", "NodeNames/0: want an array, got {}"},
      {R"({"Pod":{},"NodeNames":["a",7]})", "NodeNames/1: want a string, got 7"},
      {R"({"Pod":{},"NodeNames":["a","\u0042 c"]})", "NodeNames/1: no name of a node: 'B c'"},
      {R"({"Pod":{},"NodeNames":["..\/x"]})", "NodeNames/0: no name of a node: '../x'"},
      {"{\"Pod\":{},\"NodeNames\":[\"a\",\"b\xff\"]}", "NodeNames/1: want a string"},
      {R"({"Pod":{},"NodeNames":["é"]})", "NodeNames/0: no name of a node: "},
      {R"({"Pod":{},"NodeNames":[""]})", "NodeNames/0: no name of a node: ''"},
      {R"({"Pod":{},"Nodes":[]})", "Nodes: want an object"},
      {R"({"Pod":{},"Nodes":{"items":[{}]}})", "Nodes/items/0: metadata/name: no name of a node"},
      {R"({"Pod":{},"Nodes":{"items":[7]}})", "Nodes/items/0: want an object, got 7"},
  };
  for (const Wrong& each : all) {
    EXPECT_THAT(decode_extender_args(each.body), FailsWith(Code::invalid_argument, each.why))
        << each.body;
  }
}

TEST(ExtenderArgs, AreBounded) {
  std::string many = R"({"Pod":{},"NodeNames":["a")";
  for (std::size_t i = 0; i < kMostNodes; ++i) many += R"(,"a")";
  EXPECT_THAT(decode_extender_args(many + "]}"),
              FailsWith(Code::invalid_argument, "more than 50000 nodes"));

  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(decode_extender_args(R"({"Pod":)" + deep + R"(,"NodeNames":[]})"),
              FailsWith(Code::invalid_argument, "nested deeper than 64 levels"));
}

TEST(BindingArgs, AreRead) {
  ASSERT_OK_AND_ASSIGN(
      const ExtenderBindingArgs args,
      decode_binding_args(R"({"PodName":"p.1","PodNamespace":"ns","PodUID":"u","Node":"n.2"})"));

  EXPECT_EQ(args.pod_name, "p.1");
  EXPECT_EQ(args.pod_namespace, "ns");
  EXPECT_EQ(args.pod_uid, "u");
  EXPECT_EQ(args.node, "n.2");
}

TEST(BindingArgs, AreRefusedWithWhatIsWrong) {
  const auto body = [](const char* key, const json& value) {
    json args = {{"PodName", "p"}, {"PodNamespace", "ns"}, {"PodUID", "u"}, {"Node", "n"}};
    args[key] = value;
    return args.dump();
  };
  EXPECT_THAT(decode_binding_args(body("PodName", "a/b")),
              FailsWith(Code::invalid_argument, "PodName: no name: 'a/b'"));
  EXPECT_THAT(decode_binding_args(body("PodNamespace", "a.b")),
              FailsWith(Code::invalid_argument, "PodNamespace: no name: 'a.b'"));
  EXPECT_THAT(decode_binding_args(body("Node", nullptr)),
              FailsWith(Code::invalid_argument, "Node: no name: ''"));
  EXPECT_THAT(decode_binding_args(body("PodUID", "")),
              FailsWith(Code::invalid_argument, "PodUID: is missing"));
  EXPECT_THAT(decode_binding_args(body("PodUID", 7)),
              FailsWith(Code::invalid_argument, "PodUID: want a string, got 7"));
  EXPECT_THAT(decode_binding_args("{"), FailsWith(Code::invalid_argument, "not JSON"));
}

TEST(FilterAnswers, SayWhatPassedAndWhatFailed) {
  const ExtenderArgs args = *decode_extender_args(kByName);
  FilterAnswer answer(args);
  answer.pass(0);
  answer.fail(1, "\"it is \\\"full\\\"\"");
  answer.fail_for_good(2, "\"never\"");

  EXPECT_JSON_EQ_GOLDEN(answer.json(), "extender/filter_by_name.json");
  EXPECT_JSON_EQ_GOLDEN(answer.papers_json(), "extender/papers_by_name.json");
}

TEST(FilterAnswers, BringTheNodesThatPassed) {
  const ExtenderArgs args = *decode_extender_args(kByNode);
  FilterAnswer answer(args);
  answer.fail(0, "\"full\"");
  answer.pass(1);

  EXPECT_JSON_EQ_GOLDEN(answer.json(), "extender/filter_by_node.json");
  EXPECT_JSON_EQ_GOLDEN(answer.papers_json(), "extender/papers_by_node.json");
}

// Names that stand side by side in the question do so in the answer, whatever is between them.
TEST(FilterAnswers, NameWhatPassedInTheOrderAsked) {
  for (const char* const names : {R"(["a","b","c","d","e"])", R"([ "a", "b" ,"c","d" , "e" ])",
                                  R"(["a","b","\u0063","d","e"])"}) {
    const std::string body = fmt::format(R"({{"Pod":{{}},"NodeNames":{}}})", names);
    const ExtenderArgs args = *decode_extender_args(body);
    for (unsigned passing = 0; passing < 32; ++passing) {
      FilterAnswer answer(args);
      json passed = json::array();
      for (std::size_t i = 0; i < 5; ++i) {
        if ((passing >> i & 1u) == 0) continue;
        answer.pass(i);
        passed.push_back(std::string(1, static_cast<char>('a' + i)));
      }
      EXPECT_EQ(json::parse(answer.json())["NodeNames"], passed) << names;
    }
  }
}

// With nodeCacheCapable null would mean an error of the extender.
TEST(FilterAnswers, ListNoNodeRatherThanNull) {
  const ExtenderArgs args = *decode_extender_args(kByName);
  const json answer = json::parse(FilterAnswer(args).json());

  EXPECT_EQ(answer["NodeNames"], json::array());
  EXPECT_EQ(answer["Error"], "");
}

TEST(FilterAnswers, OfACallThatFailedHaveItsError) {
  EXPECT_JSON_EQ_GOLDEN(filter_error("not \"the\" leader"), "extender/filter_error.json");
  EXPECT_EQ(json::parse(filter_error("\xff"))["Error"], "\xef\xbf\xbd");
}

TEST(Priorities, AreAListOfHosts) {
  EXPECT_JSON_EQ_GOLDEN(encode_priorities({"a", "b"}, {10, 0}), "extender/priorities.json");
  EXPECT_EQ(encode_priorities({}, {}), "[]");
}

TEST(BindingResults, HaveAnErrorOrNone) {
  EXPECT_EQ(encode_binding_result(""), R"({"Error":""})");
  EXPECT_EQ(encode_binding_result("a \"b\""), R"({"Error":"a \"b\""})");
}

}  // namespace
}  // namespace sluice
