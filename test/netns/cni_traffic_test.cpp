// What the plugin really asks of the kernel, recorded by strace.
#include <linux/rtnetlink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/netns/cni_world.h"
#include "test/support/link_requests.h"

namespace sluice::cni {
namespace {

class CniTraffic : public CniWorld {
 protected:
  void SetUp() override {
    if (shell("strace -V").status != 0) GTEST_SKIP() << "strace is not installed";
    if (shell("exec strace -o " + (dir_ / "probe") + " true").status != 0) {
      GTEST_SKIP() << "strace may not trace here";
    }
    const std::string path = dir_ / "traced";
    dir_.write("traced", "#!/bin/sh\nexec strace -f -qq -e trace=sendmsg,sendto -e write=all -o " +
                             (dir_ / "trace") + " " + plugin_ + "\n");
    ::chmod(path.c_str(), 0755);
    plugin_ = path;
  }

  /// What a call asked about links.
  std::vector<LinkRequest> requests(const std::string& command, const std::string& conf) {
    const PluginExit exit = call(command, c1_, conf);
    EXPECT_EQ(exit.status, 0) << exit.output;
    return decode_link_requests(dir_.read("trace"));
  }

  static void expect_one_move_and_no_vf_list(const std::vector<LinkRequest>& requests,
                                             const std::string& name) {
    int moves = 0;
    int looks = 0;
    std::string all;
    for (const LinkRequest& request : requests) {
      all += to_string(request) + "\n";
      moves += request.moves ? 1 : 0;
      looks += request.type == RTM_GETLINK ? 1 : 0;
      EXPECT_EQ(request.ext_mask & RTEXT_FILTER_VF, 0U);
      if (request.moves) {
        EXPECT_EQ(request.name, name);
      }
    }
    EXPECT_EQ(moves, 1) << all;
    EXPECT_GE(looks, 1) << all;
  }
};

// Without this the next test might pass because nothing was recorded.
TEST_F(CniTraffic, TheRecordingShowsListsAndMoves) {
  const std::string record =
      "strace -qq -e trace=sendmsg,sendto -e write=all -o " + (dir_ / "trace") + " ip link ";
  ASSERT_EQ(shell(record + "show dev pf0").status, 0);
  bool listed = false;
  for (const LinkRequest& request : decode_link_requests(dir_.read("trace"))) {
    listed |= (request.ext_mask & RTEXT_FILTER_VF) != 0;
  }
  EXPECT_TRUE(listed);

  ASSERT_EQ(shell(record + "set pf0 netns " + std::to_string(::getpid())).status, 0);
  bool moved = false;
  for (const LinkRequest& request : decode_link_requests(dir_.read("trace"))) {
    moved |= request.moves;
  }
  EXPECT_TRUE(moved);
}

TEST_F(CniTraffic, C20_AVfIsMovedOnceInEachDirectionAndNoVfListIsAskedFor) {
  expect_one_move_and_no_vf_list(requests("ADD", conf(0)), "net1");
  expect_one_move_and_no_vf_list(requests("DEL", conf(0)), "pf0v0");
  expect_nothing_left();
}

}  // namespace
}  // namespace sluice::cni
