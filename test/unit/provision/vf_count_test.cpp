#include "pkg/provision/vf_count.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "pkg/base/unique_fd.h"
#include "pkg/inventory/scan.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

constexpr const char* kPort = "0000:3b:00.0";

class VfCountTest : public ::testing::Test {
 protected:
  VfCountTest() {
    tree_.pf(kPort, {.driver = "igb"});
    port_ = **scan_port(tree_.root(), *PciAddress::parse(kPort));
  }

  Result<> write(int count, milliseconds timeout = std::chrono::minutes(1)) {
    return write_vf_count(tree_.path(), port_, count, {.at = steady_clock::now() + timeout},
                          [this](const std::string& line) { lines_.push_back(line); });
  }

  SysfsTree tree_;
  Port port_;
  const std::string file_ = SysfsTree::device(kPort) + "/sriov_numvfs";
  std::vector<std::string> lines_;
};

TEST_F(VfCountTest, WritesTheNumberAndSaysSo) {
  EXPECT_THAT(write(4), IsOk());

  EXPECT_EQ(tree_.root().read(file_)->value(), "4");
  EXPECT_EQ(lines_.front(), "0000:3b:00.0 igb: creating 4 VFs …");
}

TEST_F(VfCountTest, ExplainsWhatTheKernelAnswers) {
  tree_.make_link(file_, "/dev/full");

  EXPECT_THAT(write(4), FailsWith(Code::exhausted, "set 4 VFs: write '"));
  tree_.remove(file_);
  EXPECT_THAT(write(4), FailsWith(Code::not_found, "its driver igb cannot make VFs"));
}

TEST_F(VfCountTest, K06_ADriverThatDoesNotAnswerIsUnknownNotFailed) {
  const std::string fifo = tree_.path() + "/" + file_;
  tree_.remove(file_);
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);

  EXPECT_THAT(
      write(4, milliseconds(20)),
      testing::AllOf(FailsWith(Code::timed_out, "set 4 VFs: no answer from the driver after "),
                     FailsWith(Code::timed_out, " s, its number of VFs is unknown")));

  // Lets the thread that stayed behind go: its write succeeds now.
  const UniqueFd reader(::open(fifo.c_str(), O_RDONLY | O_CLOEXEC));
  char answer = 0;
  EXPECT_EQ(::read(reader.get(), &answer, 1), 1);
  EXPECT_EQ(answer, '4');
}

struct Explanation {
  int sys_errno;
  int count;
  const char* text;
  const char* driver = "ice";
  Writer writer = Writer::root;
};

class ExplainCountError : public ::testing::TestWithParam<Explanation> {};

TEST_P(ExplainCountError, SaysWhatItMeansAndKeepsTheErrno) {
  Port port;
  port.driver = GetParam().driver;
  port.total_vfs = 8;
  const Error error = explain_count_error(Error::from_errno(GetParam().sys_errno, "write 'x'"),
                                          port, GetParam().count, GetParam().writer);

  EXPECT_THAT(error.message(), HasSubstr(GetParam().text));
  EXPECT_THAT(error.message(), HasSubstr("write 'x': E"));
  EXPECT_EQ(error.sys_errno(), GetParam().sys_errno);
}

INSTANTIATE_TEST_SUITE_P(
    All, ExplainCountError,
    ::testing::Values(
        Explanation{EBUSY, 4, "set 4 VFs: the driver is busy, or the VFs were made by another"},
        Explanation{EBUSY, 0, "virtual machines hold VFs of it", "be2net"},
        Explanation{EAGAIN, 4, "busy with something else; try again"},
        Explanation{ERANGE, 9, "the port can have at most 8 VFs"},
        Explanation{ENOENT, 4, "its driver ice cannot make VFs"},
        Explanation{ENOENT, 4, "by its module parameter num_vfs", "mlx4_core"},
        Explanation{ENOENT, 4, "it has no driver", ""},
        Explanation{ENOMEM, 4, "no address space or bus numbers left"},
        Explanation{EIO, 4, "its SR-IOV capability is broken"},
        Explanation{EOPNOTSUPP, 4, "refuses SR-IOV: safe mode", "nfp"},
        Explanation{EOPNOTSUPP, 4, "more VFs than it has resources for, or its driver is in safe"},
        Explanation{EACCES, 4, "needs root and a writable sysfs"},
        Explanation{EROFS, 4, "needs root and a writable sysfs"},
        Explanation{EPERM, 4, "needs root and a writable sysfs", "i40e", Writer::user},
        Explanation{EPERM, 4, "no resources for that many VFs", "i40e"},
        Explanation{EPERM, 4, "traffic classes and macvlans", "ixgbe"},
        Explanation{EPERM, 8, "at most 7 VFs", "igb"},
        Explanation{EPERM, 4, "virtual machines hold VFs of it", "nfp"},
        Explanation{EPERM, 0, "virtual machines hold VFs of it", "i40e"},
        Explanation{EINVAL, 0, "virtual machines hold VFs of it"},
        Explanation{EINVAL, 4, "nor any while an XDP program is attached", "ixgbe"},
        Explanation{EINVAL, 4, "does not take that number"}));

TEST(CheckVfCount, K05_FewerThanAskedIsAFailureEvenWhenTheWriteSucceeded) {
  Port port;
  EXPECT_THAT(check_vf_count(port, 0), IsOk());
  port.vfs.resize(2);
  EXPECT_THAT(check_vf_count(port, 2), IsOk());
  EXPECT_THAT(check_vf_count(port, 4),
              FailsWith(Code::exhausted, "the driver made only 2 of 4 VFs"));
  EXPECT_THAT(check_vf_count(port, 1),
              FailsWith(Code::exhausted, "2 VFs are left of which 1 were asked"));
}

TEST(CheckVfCount, K05_SaysWhichDriversHideWhyTheyMadeNone) {
  Port port;
  port.driver = "bnxt_en";
  EXPECT_THAT(check_vf_count(port, 4),
              FailsWith(Code::exhausted,
                        "the driver made only 0 of 4 VFs; bnxt_en says nothing of "
                        "any failure: bring the port up, ask for fewer"));
  port.driver = "be2net";
  EXPECT_THAT(check_vf_count(port, 4), FailsWith(Code::exhausted, "; be2net says nothing"));
  port.driver = "ice";
  EXPECT_THAT(check_vf_count(port, 4), testing::Not(FailsWith(Code::exhausted, "says nothing")));
}

}  // namespace
}  // namespace sluice
