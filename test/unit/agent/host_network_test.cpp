#include "agent/pod_lanes/host_network.h"

#include <filesystem>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::Eq;
using testing::Optional;

constexpr const char* kUid = "5f0c-77aa";

class HostNetworkTest : public testing::Test {
 protected:
  void process(int pid, const std::string& cgroup, const std::string& netns) {
    const std::filesystem::path folder = dir_ / std::to_string(pid);
    std::filesystem::create_directories(folder / "ns");
    dir_.write(std::to_string(pid) + "/cgroup", "0::" + cgroup + "\n");
    std::filesystem::create_symlink(netns, folder / "ns/net");
  }

  std::optional<bool> asked() {
    return is_on_host_network(Dir::open(dir_.path()).value(), kUid).value();
  }

  TempDir dir_;
};

TEST_F(HostNetworkTest, APodIsWhereItsProcessesAre) {
  process(1, "/init.scope", "net:[1]");
  process(7, "/kubepods/besteffort/pod0000/c1", "net:[1]");
  EXPECT_THAT(asked(), Eq(std::nullopt));
  process(8, "/kubepods/besteffort/pod5f0c-77aa/c2", "net:[2]");
  EXPECT_THAT(asked(), Optional(false));
}

TEST_F(HostNetworkTest, SystemdWritesTheUidInItsOwnWay) {
  process(1, "/init.scope", "net:[1]");
  process(8, "/../kubepods-burstable-pod5f0c_77aa.slice/cri-containerd-c2.scope", "net:[1]");
  EXPECT_THAT(asked(), Optional(true));
}

TEST_F(HostNetworkTest, WithoutTheHostsProcessesItIsNotKnown) {
  process(8, "/kubepods/besteffort/pod5f0c-77aa/c2", "net:[1]");
  EXPECT_THAT(asked(), Eq(std::nullopt));
}

TEST_F(HostNetworkTest, APodHasEndedWhenNoProcessOfItLives) {
  process(1, "/init.scope", "net:[1]");
  process(8, "/kubepods/pod0000/c1", "net:[1]");
  EXPECT_FALSE(has_processes(Dir::open(dir_.path()).value(), kUid).value());
  process(9, "/kubepods/pod5f0c-77aa/c1", "net:[2]");
  EXPECT_TRUE(has_processes(Dir::open(dir_.path()).value(), kUid).value());
}

TEST_F(HostNetworkTest, NoPodHasEndedWhereTheHostsProcessesAreNotSeen) {
  EXPECT_THAT(has_processes(Dir::open(dir_.path()).value(), kUid),
              FailsWith(Code::busy, "cannot be seen"));
}

}  // namespace
}  // namespace sluice
