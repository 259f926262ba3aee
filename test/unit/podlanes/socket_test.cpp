// The plugin's and the agent's end of the socket, with each other and with peers that misbehave.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <mutex>

#include "pkg/fs/socket_address.h"
#include "pkg/podlanes/client.h"
#include "pkg/podlanes/line.h"
#include "pkg/podlanes/protocol.h"
#include "pkg/podlanes/server.h"
#include "test/fake/fake_pod_lanes.h"
#include "test/support/dead_socket.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const PodId kPod{.name_space = "default", .name = "web-0", .uid = "5f0c"};
const PodLane kLane{
    .vf = PciAddress::parse("0000:3b:02.1").value(), .class_name = "gold", .ifname = {}};

class PodLanesSocket : public testing::Test {
 protected:
  PodLanesServer::Settings settings() {
    return {
        .path = path_, .peer = ::geteuid(), .answered = {}, .failed = [this](const Error& error) {
          const std::lock_guard lock(mutex_);
          failures_.push_back(error.message());
        }};
  }

  void serve(PodLanesServer::Settings settings) {
    auto started = PodLanesServer::start(std::move(settings), pods_);
    ASSERT_THAT(started, IsOk());
    server_ = std::move(*started);
  }

  PodLanesClient client(milliseconds timeout = milliseconds(0),
                        milliseconds limit = milliseconds(10'000)) const {
    return PodLanesClient({.path = path_, .timeout = timeout, .limit = limit});
  }

  sockaddr_un address() const { return socket_address(path_).value(); }

  UniqueFd connected() const {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un to = address();
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    return fd;
  }

  /// What the server answers to those bytes.
  std::string say(const std::string& bytes) const {
    const UniqueFd fd = connected();
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    const Line line{.fd = fd.get(),
                    .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30)};
    return read_line(line, kLongestAnswer).value_or("nothing");
  }

  /// A server that answers every question with `bytes` and hangs up.
  std::future<void> answer_once(std::string bytes) const {
    UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un at = address();
    EXPECT_EQ(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
    EXPECT_EQ(::listen(listening.get(), 1), 0);
    return std::async(std::launch::async, [fd = std::move(listening), bytes = std::move(bytes)] {
      const UniqueFd peer(::accept(fd.get(), nullptr, nullptr));
      std::array<char, 1024> question{};
      EXPECT_GT(::recv(peer.get(), question.data(), question.size(), 0), 0);
      static_cast<void>(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    });
  }

  std::vector<std::string> failures() {
    server_.reset();  // They are told by its threads.
    const std::lock_guard lock(mutex_);
    return failures_;
  }

  TempDir dir_;
  std::string path_ = dir_ / "run/agent.sock";
  FakePodLanes pods_;
  std::mutex mutex_;  // Guards what the server tells.
  std::vector<std::string> failures_;
  std::unique_ptr<PodLanesServer> server_;
};

TEST_F(PodLanesSocket, IsTakenOverWithoutAMomentInWhichNoProcessAnswers) {
  pods_.give("default/web-0", {kLane});
  serve(settings());
  std::atomic<bool> done = false;
  auto asking = std::async(std::launch::async, [&] {
    int failures = 0;
    while (!done) failures += client().lanes_of(kPod) ? 0 : 1;
    return failures;
  });
  std::vector<std::unique_ptr<PodLanesServer>> before;
  for (int i = 0; i < 20; ++i) {
    before.push_back(std::move(server_));
    serve(settings());
  }
  done = true;
  EXPECT_EQ(asking.get(), 0);
  before.clear();
  EXPECT_THAT(client().lanes_of(kPod), IsOk());
}

TEST_F(PodLanesSocket, AnswersWithTheLanesOfThePod) {
  pods_.give("default/web-0", {kLane});
  serve(settings());
  PodLanesClient asking = client();
  const auto lanes = asking.lanes_of(kPod);
  ASSERT_THAT(lanes, IsOk());
  EXPECT_THAT(*lanes, ElementsAre(kLane));
  EXPECT_THAT(asking.lanes_of({.name_space = "default", .name = "other", .uid = {}}).value(),
              IsEmpty());
  EXPECT_THAT(pods_.asked(), ElementsAre(kPod, testing::Field(&PodId::name, "other")));
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(PodLanesSocket, TellsWhatItAnswered) {
  std::vector<std::string> told;
  PodLanesServer::Settings with_hook = settings();
  with_hook.answered = [&](const PodId& pod, const Result<std::vector<PodLane>>& lanes,
                           std::chrono::nanoseconds took) {
    EXPECT_GE(took.count(), 0);
    const std::lock_guard lock(mutex_);
    told.push_back(fmt::format("{} {}", pod.name, lanes ? "ok" : lanes.error().message()));
  };
  serve(with_hook);
  PodLanesClient asking = client();
  ASSERT_THAT(asking.lanes_of(kPod), IsOk());
  pods_.fail(Error(Code::busy, "not now"));
  EXPECT_FALSE(asking.lanes_of(kPod));
  server_.reset();
  EXPECT_THAT(told, ElementsAre("web-0 ok", "web-0 not now"));
}

TEST_F(PodLanesSocket, PassesOnWhyThereIsNoAnswer) {
  pods_.fail(Error(Code::busy, "the kubelet does not answer"));
  serve(settings());
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod),
              FailsWith(Code::busy, "agent at '" + path_ + "': the kubelet does not answer"));
}

TEST_F(PodLanesSocket, TheSocketIsForItsUserAlone) {
  serve(settings());
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  ASSERT_EQ(::stat((dir_ / "run").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0700U);
  server_.reset();
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
}

TEST_F(PodLanesSocket, APeerOfAnotherUserIsToldNo) {
  PodLanesServer::Settings of_another = settings();
  of_another.peer = ::geteuid() + 1;
  serve(of_another);
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::permission_denied, "may ask"));
  EXPECT_THAT(pods_.asked(), IsEmpty());
  EXPECT_THAT(
      failures(),
      ElementsAre(HasSubstr(fmt::format("process {} is of user {}", ::getpid(), ::geteuid()))));
}

TEST_F(PodLanesSocket, ReplacesTheSocketOfADeadServer) {
  ASSERT_EQ(::mkdir((dir_ / "run").c_str(), 0700), 0);
  leave_dead_socket(path_);
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::busy, "connect: ECONNREFUSED"));
  serve(settings());
  EXPECT_THAT(asking.lanes_of(kPod), IsOk());
}

TEST_F(PodLanesSocket, WillNotServeInPlaceOfAFile) {
  dir_.write("agent.sock", "precious");
  PodLanesServer::Settings there = settings();
  there.path = dir_ / "agent.sock";
  EXPECT_THAT(PodLanesServer::start(there, pods_),
              FailsWith(Code::already_exists, "is there and is no socket"));
  EXPECT_EQ(dir_.read("agent.sock"), "precious");
}

TEST_F(PodLanesSocket, RefusesAPathThatDoesNotFitASocket) {
  path_ = "/" + std::string(200, 'x');
  EXPECT_THAT(PodLanesServer::start(settings(), pods_),
              FailsWith(Code::invalid_argument, "path has 201 bytes, 107 are allowed"));
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::invalid_argument, "path has 201 bytes"));
}

TEST_F(PodLanesSocket, AnswersNonsenseWithAReason) {
  serve(settings());
  EXPECT_THAT(say("hello\n"), HasSubstr(R"("error":"invalid_argument")"));
  EXPECT_THAT(say(std::string(kLongestQuestion + 1, 'x')), HasSubstr("more than 4096 bytes"));
  EXPECT_THAT(say(std::string(kLongestQuestion + 1, 'x') + "\n"), HasSubstr("more than 4096"));
  EXPECT_THAT(failures(), testing::SizeIs(3));
}

TEST_F(PodLanesSocket, APeerThatOnlyLooksIsNoFailure) {
  serve(settings());
  EXPECT_THAT(client().reach(), IsOk());
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), IsOk());
  EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(PodLanesSocket, ASilentPeerIsHungUpOnAndTheNextIsServed) {
  PodLanesServer::Settings narrow = settings();
  narrow.threads = 1;
  narrow.limit = milliseconds(20);
  serve(narrow);
  const UniqueFd silent = connected();
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), IsOk());
  EXPECT_THAT(failures(), ElementsAre("the peer took too long"));
}

TEST_F(PodLanesSocket, EndsWhileAPeerIsSilent) {
  PodLanesServer::Settings patient = settings();
  patient.limit = std::chrono::hours(1);
  serve(patient);
  const UniqueFd silent = connected();
  EXPECT_EQ(::send(silent.get(), "{", 1, MSG_NOSIGNAL), 1);
  server_.reset();
}

TEST_F(PodLanesSocket, C54_AnAbsentAgentIsBusy) {
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod),
              FailsWith(Code::busy, "agent at '" + path_ + "': connect: ENOENT"));
  EXPECT_THAT(client().reach(), FailsWith(Code::busy, "connect: ENOENT"));
}

TEST_F(PodLanesSocket, WaitsForAnAgentThatIsBeingStarted) {
  auto answer = std::async(std::launch::async, [&] {
    PodLanesClient asking = client(std::chrono::minutes(1));
    return asking.lanes_of(kPod);
  });
  serve(settings());
  EXPECT_THAT(answer.get(), IsOk());
}

TEST_F(PodLanesSocket, AnAgentThatHangsUpIsBusy) {
  ASSERT_EQ(::mkdir((dir_ / "run").c_str(), 0700), 0);
  const auto done = answer_once("");
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::busy, "went away without a word"));
}

TEST_F(PodLanesSocket, AnAgentThatDiesWhileItAnswersIsBusy) {
  ASSERT_EQ(::mkdir((dir_ / "run").c_str(), 0700), 0);
  const auto done = answer_once(R"({"version":1,"lanes":[)");
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::busy, "before the end of its line"));
}

TEST_F(PodLanesSocket, AnAnswerWithoutEndOrSenseIsAnError) {
  ASSERT_EQ(::mkdir((dir_ / "run").c_str(), 0700), 0);
  {
    const auto done = answer_once(std::string(kLongestAnswer + 1, 'x'));
    PodLanesClient asking = client();
    EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::internal, "more than 524288 bytes"));
  }
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  const auto done = answer_once("OK\n");
  PodLanesClient asking = client();
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::internal, "want a JSON object, got 'OK'"));
}

TEST_F(PodLanesSocket, AnAgentThatDoesNotAnswerTimesOut) {
  PodLanesServer::Settings none = settings();
  none.threads = 0;
  serve(none);
  PodLanesClient asking = client(milliseconds(0), milliseconds(20));
  EXPECT_THAT(asking.lanes_of(kPod), FailsWith(Code::timed_out, "took too long"));
}

}  // namespace
}  // namespace sluice
