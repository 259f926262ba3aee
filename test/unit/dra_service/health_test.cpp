// What the kubelet hears of the health of devices.
#include <gmock/gmock.h>

#include "proto/dra_health_v1.grpc.pb.h"
#include "proto/dra_health_v1alpha1.grpc.pb.h"
#include "test/unit/dra_service/dra_world.h"

namespace sluice::dra {
namespace {

struct V1 {
  using Stub = ::v1::DRAResourceHealth::Stub;
  using Request = ::v1::NodeWatchResourcesRequest;
  using Response = ::v1::NodeWatchResourcesResponse;
};

struct V1alpha1 {
  using Stub = ::v1alpha1::DRAResourceHealth::Stub;
  using Request = ::v1alpha1::NodeWatchResourcesRequest;
  using Response = ::v1alpha1::NodeWatchResourcesResponse;
};

HealthBook book_of(Health health, const std::string& message = "") {
  const std::chrono::system_clock::time_point moment{std::chrono::seconds(1'700'000'000)};
  return {.devices = {{{.pool = "node-a", .device = "pf0"},
                       {.health = health, .updated = moment, .message = message}}}};
}

template <typename Api>
class HealthStream : public DraWorld {
 protected:
  /// A stream with a book already published.
  void open(const EndpointSettings& with, HealthBook book) {
    start(with);
    endpoint->publish(std::move(book));
    ASSERT_OK_AND_ASSIGN(const pluginregistration::PluginInfo info, discover());
    stub = std::make_unique<typename Api::Stub>(unix_channel(info.endpoint()));
    context.set_deadline(std::chrono::system_clock::now() + kLimit);
    stream = stub->NodeWatchResources(&context, typename Api::Request());
  }

  /// The next message; an empty one when the stream has ended.
  typename Api::Response next() {
    typename Api::Response response;
    stream->Read(&response);
    return response;
  }

  /// Whether a message comes whose only device, or none, has this health; the same message may come
  /// more than once.
  bool reads(std::optional<int> health) {
    for (typename Api::Response response; stream->Read(&response);) {
      const bool is_empty = response.devices_size() == 0;
      if (is_empty ? !health : health == static_cast<int>(response.devices(0).health())) {
        return true;
      }
    }
    return false;
  }

  grpc::ClientContext context;
  std::unique_ptr<typename Api::Stub> stub;
  std::unique_ptr<grpc::ClientReader<typename Api::Response>> stream;
};

using Versions = testing::Types<V1, V1alpha1>;
TYPED_TEST_SUITE(HealthStream, Versions);

TYPED_TEST(HealthStream, HasTheWholeBook) {
  this->open(this->settings(), book_of(Health::unhealthy, "port eth1: no carrier"));
  const auto response = this->next();

  ASSERT_EQ(response.devices_size(), 1);
  const auto& device = response.devices(0);
  EXPECT_EQ(device.device().pool_name(), "node-a");
  EXPECT_EQ(device.device().device_name(), "pf0");
  EXPECT_EQ(static_cast<int>(device.health()), 2);
  EXPECT_EQ(device.last_updated_time(), 1'700'000'000);
  EXPECT_EQ(device.message(), "port eth1: no carrier");
}

TYPED_TEST(HealthStream, FollowsWhatIsPublished) {
  this->open(this->settings(), book_of(Health::healthy));
  EXPECT_TRUE(this->reads(1));
  this->endpoint->publish(book_of(Health::unknown));
  EXPECT_TRUE(this->reads(0));
  this->endpoint->publish({});
  EXPECT_TRUE(this->reads(std::nullopt));
}

TYPED_TEST(HealthStream, IsRepeatedBeforeTheKubeletForgets) {
  EndpointSettings with = this->settings();
  with.health_period = std::chrono::milliseconds(50);
  this->open(with, book_of(Health::healthy));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->next().devices_size(), 1) << i;
}

TYPED_TEST(HealthStream, CutsALongMessage) {
  this->open(this->settings(), book_of(Health::unhealthy, std::string(2000, 'x')));
  EXPECT_EQ(this->next().devices(0).message().size(), 1024U);
}

TYPED_TEST(HealthStream, EndsWithTheServerAndDoesNotDelayIt) {
  this->open(this->settings(), book_of(Health::healthy));
  ASSERT_EQ(this->next().devices_size(), 1);
  const auto began = std::chrono::steady_clock::now();

  this->endpoint.reset();

  EXPECT_FALSE(this->reads(2));
  EXPECT_TRUE(this->stream->Finish().ok());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sluice::dra
