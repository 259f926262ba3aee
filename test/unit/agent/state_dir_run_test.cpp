// The agent on a node whose state directory takes no writes, as that of a disk with errors.
#include <sched.h>
#include <sys/mount.h>

#include <functional>
#include <thread>

#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class StateDirRun : public AgentWorld {
 protected:
  StateDirRun() {
    deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
               "classes": [{"name": "vf", "floor": "10G"}]})");
  }

  /// Starts the agent where the state directory cannot be written, and waits for its end; false
  /// without the right to mount. The view of the disk is that of a thread, and ends with it.
  bool end_where_it_is_read_only() {
    bool may_mount = false;
    std::jthread([&] {
      const std::string state = dir_ / "state";
      std::filesystem::create_directories(state);
      if (::unshare(CLONE_NEWNS) != 0) return;
      if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
      if (::mount(state.c_str(), state.c_str(), nullptr, MS_BIND, nullptr) != 0) return;
      if (::mount(nullptr, state.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) !=
          0) {
        return;
      }
      may_mount = true;
      const auto agent = start();
      status_ = agent->wait_for_end();
      said_ = agent->said();
    }).join();
    return may_mount;
  }

  void expect_refusal() const {
    EXPECT_EQ(status_, 1);
    EXPECT_THAT(said_, HasSubstr("sluiced: run: write to the state directory '" + dir_ / "state" +
                                 "': EROFS"));
  }

  int status_ = -1;
  std::string said_;
};

TEST_F(StateDirRun, K6_EndsWhereNothingCanBeWritten) {
  if (!end_where_it_is_read_only()) GTEST_SKIP() << "needs the right to mount";
  expect_refusal();
}

TEST_F(StateDirRun, K6_EndsAlsoWhereNothingIsToBeWrittenYet) {
  {
    const auto agent = start();
    ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/vf", 4));
    agent->send(SIGTERM);
    ASSERT_EQ(agent->wait_for_end(), 0);
  }
  if (!end_where_it_is_read_only()) GTEST_SKIP() << "needs the right to mount";
  expect_refusal();
}

}  // namespace
}  // namespace sluice
