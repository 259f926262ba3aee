#include "pkg/rpc/unix_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "pkg/rpc/channel.h"
#include "proto/pluginregistration_v1.grpc.pb.h"
#include "test/support/dead_socket.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using Registration = pluginregistration::Registration;
constexpr milliseconds kLong{10'000};

/// Answers with the name it was given, or holds the caller until it is cancelled.
class NamedPlugin final : public Registration::Service {
 public:
  explicit NamedPlugin(std::string name) : name_(std::move(name)) {}

  grpc::Status GetInfo(grpc::ServerContext*, const pluginregistration::InfoRequest*,
                       pluginregistration::PluginInfo* info) override {
    info->set_name(name_);
    return grpc::Status::OK;
  }

  grpc::Status NotifyRegistrationStatus(grpc::ServerContext* context,
                                        const pluginregistration::RegistrationStatus*,
                                        pluginregistration::RegistrationStatusResponse*) override {
    std::unique_lock lock(mutex_);
    entered_ = true;
    woken_.notify_all();
    while (!context->IsCancelled()) woken_.wait_for(lock, milliseconds(5));
    return grpc::Status::CANCELLED;
  }

  void wait_for_endless_call() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return entered_; });
  }

 private:
  std::string name_;
  std::mutex mutex_;  // Guards entered_.
  bool entered_ = false;
  std::condition_variable woken_;
};

Result<pluginregistration::PluginInfo> ask(const std::string& path) {
  Registration::Stub stub(unix_channel(path));
  return call(stub, &Registration::Stub::GetInfo, pluginregistration::InfoRequest(), kLong, "ask");
}

class UnixServerTest : public testing::Test {
 protected:
  TempDir directory;
  std::string path = directory / "x.sock";
  NamedPlugin plugin{"first"};
};

TEST_F(UnixServerTest, ServesWithAModeForItsOwnerAlone) {
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));

  ASSERT_OK_AND_ASSIGN(const auto info, ask(path));
  EXPECT_EQ(info.name(), "first");
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_TRUE(server->is_reachable());
}

TEST_F(UnixServerTest, ReplacesTheSocketOfADeadProcess) {
  leave_dead_socket(path);
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));
  EXPECT_THAT(ask(path), IsOk());
}

TEST_F(UnixServerTest, LeavesAFileThatIsNoSocketAlone) {
  directory.write("x.sock", "precious");
  EXPECT_THAT(UnixServer::start(path, {&plugin}),
              FailsWith(Code::already_exists, "is there and is no socket"));
  EXPECT_EQ(directory.read("x.sock"), "precious");
}

TEST_F(UnixServerTest, NamesADirectoryThatIsMissing) {
  EXPECT_THAT(UnixServer::start(directory / "none/x.sock", {&plugin}),
              FailsWith(Code::not_found, "use directory"));
}

TEST_F(UnixServerTest, RefusesAPathThatNoSocketCanHave) {
  const std::string longest = directory / std::string(107 - directory.path().size() - 1, 'x');
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(longest, {&plugin}));
  EXPECT_THAT(ask(longest), IsOk());
  EXPECT_THAT(UnixServer::start(longest + "x", {&plugin}),
              FailsWith(Code::invalid_argument, "has 108 bytes, 107 are allowed"));
}

TEST_F(UnixServerTest, NoticesThatItsSocketWasRemovedOrReplaced) {
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));
  std::filesystem::remove(path);
  EXPECT_FALSE(server->is_reachable());
  leave_dead_socket(path);
  EXPECT_FALSE(server->is_reachable());
}

TEST_F(UnixServerTest, IsToldFromASocketWithoutAProcess) {
  EXPECT_FALSE(is_stale_socket(path));
  leave_dead_socket(path);
  EXPECT_TRUE(is_stale_socket(path));
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));
  EXPECT_FALSE(is_stale_socket(path));
  directory.write("file.sock", "precious");
  EXPECT_FALSE(is_stale_socket(directory / "file.sock"));
}

TEST_F(UnixServerTest, CanBeStartedAgainWhereItWas) {
  ASSERT_OK_AND_ASSIGN(const auto first, UnixServer::start(path, {&plugin}));
  first->stop();
  EXPECT_FALSE(directory.has("x.sock"));
  EXPECT_FALSE(first->is_reachable());

  NamedPlugin other("second");
  ASSERT_OK_AND_ASSIGN(const auto second, UnixServer::start(path, {&other}));
  ASSERT_OK_AND_ASSIGN(const auto info, ask(path));
  EXPECT_EQ(info.name(), "second");
}

TEST_F(UnixServerTest, StopCancelsACallThatDoesNotEnd) {
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));
  Registration::Stub stub(unix_channel(path));
  Result<pluginregistration::RegistrationStatusResponse> endless = Error(Code::internal, "not yet");
  std::thread client([&] {
    endless = call(stub, &Registration::Stub::NotifyRegistrationStatus,
                   pluginregistration::RegistrationStatus(), kLong, "wait");
  });
  plugin.wait_for_endless_call();

  server->stop();

  client.join();
  EXPECT_THAT(endless, FailsWith(Code::busy, "wait: "));
}

TEST_F(UnixServerTest, ACallHasADeadline) {
  ASSERT_OK_AND_ASSIGN(const auto server, UnixServer::start(path, {&plugin}));
  Registration::Stub stub(unix_channel(path));
  EXPECT_THAT(call(stub, &Registration::Stub::NotifyRegistrationStatus,
                   pluginregistration::RegistrationStatus(), milliseconds(20), "wait"),
              FailsWith(Code::timed_out, "wait: Deadline Exceeded (DEADLINE_EXCEEDED)"));
}

TEST_F(UnixServerTest, ACallWithoutAServerIsAnsweredAtOnce) {
  EXPECT_THAT(ask(path), FailsWith(Code::busy, "UNAVAILABLE"));
}

}  // namespace
}  // namespace sluice
