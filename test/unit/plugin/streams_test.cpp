// Streams of lists: many at once, of peers that read, do not, or die.
#include <memory>
#include <thread>

#include "pkg/rpc/channel.h"
#include "proto/deviceplugin_v1beta1.grpc.pb.h"
#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

/// Reads ListAndWatch beside the kubelet, or does not.
struct Listener {
  explicit Listener(const std::string& socket)
      : stub(unix_channel(socket)), stream(stub.ListAndWatch(&context, v1beta1::Empty())) {}

  int devices_of_next() {
    v1beta1::ListAndWatchResponse response;
    return stream->Read(&response) ? response.devices_size() : -1;
  }

  v1beta1::DevicePlugin::Stub stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1beta1::ListAndWatchResponse>> stream;
};

class Streams : public Serving {};

TEST_F(Streams, SurvivePeersThatDiedOrDoNotRead) {
  begin(with(devices_of_port("3b", 1)));
  const std::string socket = kubelet->resource(kGold).endpoint;
  Listener deaf(socket);
  auto dead = std::make_unique<Listener>(socket);
  Listener alive(socket);
  ASSERT_EQ(dead->devices_of_next(), 1);
  ASSERT_EQ(alive.devices_of_next(), 1);

  dead->context.TryCancel();
  dead.reset();
  for (int round = 0; round < 200; ++round) {
    const int size = 2 + round % 200;
    ASSERT_THAT(plugin->publish(with(devices_of_port("3b", size))), IsOk());
  }

  // What lies between may be skipped, but never the last.
  int last = 0;
  while (last != 201 && last >= 0) last = alive.devices_of_next();
  EXPECT_EQ(last, 201);
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 201));
  deaf.context.TryCancel();
  alive.context.TryCancel();
}

TEST_F(Streams, ThatAreOpenedWhileListsArePublishedNeverGoBack) {
  begin(with(devices_of_port("3b", 1)));
  const std::string socket = kubelet->resource(kGold).endpoint;
  constexpr int kLast = 200;
  std::jthread publisher([&] {
    for (int size = 2; size <= kLast; ++size) {
      EXPECT_THAT(plugin->publish(with(devices_of_port("3b", size))), IsOk());
    }
  });
  std::vector<std::unique_ptr<Listener>> listeners;
  listeners.reserve(100);
  for (int i = 0; i < 100; ++i) listeners.emplace_back(std::make_unique<Listener>(socket));
  publisher.join();
  for (const auto& listener : listeners) {
    for (int seen = 0; seen != kLast;) {
      const int next = listener->devices_of_next();
      ASSERT_GE(next, seen);  // Each list is longer than those before.
      seen = next;
    }
    listener->context.TryCancel();
  }
}

}  // namespace
}  // namespace sluice::plugin
