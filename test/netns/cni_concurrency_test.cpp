// Several runtimes' calls at one time, on VFs of one port.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "test/netns/cni_world.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// A named pipe on which the test and a script wait for each other.
class Gate {
 public:
  explicit Gate(const std::string& path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    // For both directions, so that opening it does not wait.
    fd_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  }

  void open() const { EXPECT_EQ(::write(fd_.get(), "\n", 1), 1); }

  /// Whether a script has written to it, or does so within 50 s.
  bool await() const {
    pollfd waited{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, 50'000) == 1;
  }

 private:
  UniqueFd fd_;
};

class CniConcurrency : public CniWorld {};

TEST_F(CniConcurrency, C33_OneContainerGetsTwoVfs) {
  Who second = c1_;
  second.ifname = "net2";
  EXPECT_EQ(call("ADD", c1_, conf(0)).status, 0);
  EXPECT_EQ(call("ADD", second, conf(1)).status, 0);
  EXPECT_NE(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_NE(link_in(*pod_, "net2"), std::nullopt);
  expect_silent_success("DEL", c1_, conf(0));
  EXPECT_NE(link_in(*pod_, "net2"), std::nullopt);
  expect_silent_success("DEL", second, conf(1));
  expect_nothing_left();
}

// A runtime asks for a pod's interfaces one after another and, when one fails, takes all back.
TEST_F(CniConcurrency, K18_ASecondVfThatFailsLeavesTheFirstAndNothingOfItself) {
  Who second = c1_;
  second.ifname = "net2";
  Who third = c1_;
  third.ifname = "net3";
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  EXPECT_EQ(code_of(call("ADD", second, conf(1, kWithIpam), {"IPAM_FAIL=ADD"})), 11);

  EXPECT_NE(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_EQ(link_in(*pod_, "net2"), std::nullopt);
  EXPECT_THAT(owners(), ElementsAre("c1"));
  expect_free(1);

  expect_silent_success("DEL", third, conf(2));
  expect_silent_success("DEL", second, conf(1, kWithIpam));
  expect_silent_success("DEL", c1_, conf(0));
  expect_nothing_left();
}

TEST_F(CniConcurrency, C33_K36_PodsInParallelOnOnePort) {
  struct Pod {
    NetNs netns;
    Who who;
    int status = -1;
  };

  std::vector<Pod> pods;
  for (int i = 0; i < 4; ++i) {
    NetNs netns = fresh_netns().value();
    Who who{.container = fmt::format("pod{}", i), .netns = path_of(netns)};
    pods.push_back({.netns = std::move(netns), .who = std::move(who)});
  }
  const auto all_at_once = [&](const std::string& command) {
    std::vector<std::jthread> calls;
    for (int i = 0; i < 4; ++i) {
      Pod& pod = pods[static_cast<std::size_t>(i)];
      calls.emplace_back([&, i] { pod.status = call(command, pod.who, conf(i)).status; });
    }
  };
  for (int round = 0; round < 3; ++round) {
    all_at_once("ADD");
    for (const Pod& pod : pods) {
      EXPECT_EQ(pod.status, 0) << pod.who.container;
      EXPECT_NE(link_in(pod.netns, "net1"), std::nullopt) << pod.who.container;
    }
    EXPECT_THAT(owners(), UnorderedElementsAre("pod0", "pod1", "pod2", "pod3"));
    all_at_once("DEL");
    for (const Pod& pod : pods) EXPECT_EQ(pod.status, 0) << pod.who.container;
    expect_nothing_left();
  }
}

TEST_F(CniConcurrency, C51_TheSecondAddForAVfGivesUpWithinItsWait) {
  const Gate started(dir_ / "started");
  const Gate gate(dir_ / "gate");
  ipam_.script(R"(if [ "$CNI_COMMAND" = ADD ]; then
  echo > started; read -r _ < gate; cat answer
fi)");
  PluginExit first;
  std::jthread slow([&] { first = call("ADD", c1_, conf(0, kWithIpam)); });
  const bool is_in_ipam = started.await();
  const PluginExit second = call("ADD", c2_, conf(0, R"(,"wait":0.2)"));
  const std::vector<std::string> then = owners();
  gate.open();
  slow.join();

  ASSERT_TRUE(is_in_ipam);
  EXPECT_EQ(code_of(second), 11);
  EXPECT_THAT(second.output, HasSubstr("still held by container 'c1'"));
  EXPECT_THAT(second.output, HasSubstr("waited 200 ms, try again"));
  EXPECT_THAT(then, ElementsAre("c1"));
  EXPECT_EQ(first.status, 0) << first.output;
  EXPECT_THAT(owners(), ElementsAre("c1"));
  EXPECT_NE(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_EQ(link_in(other_pod_, "net1"), std::nullopt);
}

TEST_F(CniConcurrency, C51_ASecondAddThatIsPatientGetsTheVfAfterTheDel) {
  ASSERT_EQ(call("ADD", c1_, conf(0)).status, 0);
  PluginExit second;
  std::jthread patient([&] { second = call("ADD", c2_, conf(0, R"(,"wait":60)")); });
  expect_silent_success("DEL", c1_, conf(0));
  patient.join();
  EXPECT_EQ(second.status, 0) << second.output;
  EXPECT_THAT(owners(), ElementsAre("c2"));
  EXPECT_NE(link_in(other_pod_, "net1"), std::nullopt);
}

}  // namespace
}  // namespace sluice::cni
