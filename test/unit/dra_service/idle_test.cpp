// The kubelet keeps one connection to a driver and calls on it whenever a pod comes, which may be
// after days. A connection that the driver ends looks to it like a driver that has gone.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <set>

#include "test/unit/dra_service/dra_world.h"

namespace sluice::dra {
namespace {

using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

/// The arguments by which a gRPC server ends a connection on which nothing comes, or pings it to
/// that end, if they are set: the first three are without limit by default, and pings of idle
/// connections are off (grpc/impl/codegen/grpc_types.h).
const std::set<std::string> kEndIdleConnections = {
    GRPC_ARG_MAX_CONNECTION_IDLE_MS, GRPC_ARG_MAX_CONNECTION_AGE_MS,
    GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, GRPC_ARG_KEEPALIVE_TIME_MS,
    GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS};

/// Those of them that each server of this program was made with.
class MadeServers {
 public:
  void add(const grpc::ChannelArguments& arguments) {
    const grpc_channel_args given = arguments.c_channel_args();
    std::set<std::string> ending;
    for (std::size_t i = 0; i < given.num_args; ++i) {
      if (kEndIdleConnections.contains(given.args[i].key)) ending.insert(given.args[i].key);
    }
    const std::lock_guard lock(mutex_);
    made_.push_back(std::move(ending));
  }

  std::vector<std::set<std::string>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(made_, {});
  }

 private:
  std::mutex mutex_;  // Guards made_.
  std::vector<std::set<std::string>> made_;
};

MadeServers& made_servers() {
  static MadeServers made;
  return made;
}

/// gRPC shows it the arguments of a server that is about to be made.
class ArgumentReader final : public grpc::ServerBuilderPlugin {
 public:
  std::string name() override { return "argument reader"; }
  void InitServer(grpc::ServerInitializer* /*server*/) override {}
  void Finish(grpc::ServerInitializer* /*server*/) override {}
  void ChangeArguments(const std::string& /*name*/, void* /*value*/) override {}
  void UpdateChannelArguments(grpc::ChannelArguments* arguments) override {
    made_servers().add(*arguments);
  }
};

class IdleConnections : public DraWorld {
 protected:
  IdleConnections() {
    static std::once_flag added;  // For good: gRPC has no way back.
    std::call_once(added, [] {
      grpc::ServerBuilder::InternalAddPluginFactory(
          [] { return std::unique_ptr<grpc::ServerBuilderPlugin>(new ArgumentReader); });
    });
    made_servers().take();
  }
};

TEST_F(IdleConnections, R8_AreNotEndedByAnArgumentOfTheServers) {
  start();
  ASSERT_THAT(discover(), IsOk());

  // The driver's and that of its registration.
  const auto made = made_servers().take();
  EXPECT_THAT(made, SizeIs(2));
  EXPECT_THAT(made, Each(IsEmpty()));
}

TEST_F(IdleConnections, R8_WouldBeSeenToBeEnded) {
  pluginregistration::Registration::Service service;
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.AddListeningPort("unix:" + directory / "other.sock", grpc::InsecureServerCredentials());
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 1000);
  ASSERT_NE(builder.BuildAndStart(), nullptr);

  EXPECT_THAT(made_servers().take(), Contains(Contains(GRPC_ARG_MAX_CONNECTION_IDLE_MS)));
}

// gRPC's clients, the kubelet's among them, may close a connection that has been idle for 30
// minutes by themselves; here after a second, which is the least.
TEST_F(IdleConnections, R8_ThatTheKubeletClosedAreMadeAgainForThePrepareThatComes) {
  start();
  ASSERT_OK_AND_ASSIGN(const pluginregistration::PluginInfo info, discover());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, 1000);
  channel = grpc::CreateCustomChannel("unix:" + info.endpoint(), grpc::InsecureChannelCredentials(),
                                      arguments);
  ASSERT_THAT(prepare(claims_named({"a"})), IsOk());
  ASSERT_TRUE(eventually([&] { return channel->GetState(false) == GRPC_CHANNEL_IDLE; }));

  EXPECT_THAT(prepare(claims_named({"b"})), IsOk());
}

}  // namespace
}  // namespace sluice::dra
