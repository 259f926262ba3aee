// How the driver comes to the kubelet, comes back to it, and ends.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <future>

#include "test/support/dead_socket.h"
#include "test/unit/dra_service/dra_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class Endpoint : public DraWorld {
 protected:
  /// Whether a claim can be prepared at the endpoint that the registry leads to now.
  bool serves(const std::string& before = "") {
    const auto info = discover(before);
    if (!info) return false;
    channel = unix_channel(info->endpoint());
    return prepare(claims_named({"a"})).has_value();
  }

  /// The socket in the registry; empty when there is none.
  std::string registration() const {
    const auto sockets = sockets_in(registry());
    return sockets.empty() ? std::string() : sockets.front();
  }

  /// Out of the way first: else the driver may be back in it before it is empty.
  void end(const std::string& path) const {
    const std::string gone = directory / "gone";
    std::filesystem::rename(path, gone);
    std::filesystem::remove_all(gone);
  }
};

TEST_F(Endpoint, R1_IsServedBeforeItIsRegistered) {
  start();
  ASSERT_OK_AND_ASSIGN(const pluginregistration::PluginInfo info, discover());
  channel = unix_channel(info.endpoint());
  EXPECT_THAT(prepare(claims_named({"a"})), IsOk());

  EXPECT_EQ(info.type(), "DRAPlugin");
  EXPECT_EQ(info.name(), "sluice.dev");
  EXPECT_THAT(info.endpoint(), StartsWith(own() + "/dra."));
  EXPECT_THAT(info.supported_versions(),
              ElementsAre("v1.DRAPlugin", "v1beta1.DRAPlugin", "v1.DRAResourceHealth",
                          "v1alpha1.DRAResourceHealth"));
}

TEST_F(Endpoint, R6_LiesBelowTheKubeletsDirectory) {
  EndpointSettings with = settings();
  with.kubelet_dir = directory / "data/kubelet";
  std::filesystem::create_directories(with.kubelet_dir + "/plugins_registry");
  start(with);
  EXPECT_TRUE(
      eventually([&] { return sockets_in(with.kubelet_dir + "/plugins_registry").size() == 1; }));
  EXPECT_EQ(sockets_in(with.kubelet_dir + "/plugins/sluice.dev").size(), 1U);
  EXPECT_THAT(sockets_in(registry()), IsEmpty());
}

TEST_F(Endpoint, M7_IsForItsOwnerAlone) {
  start();
  ASSERT_TRUE(serves());
  for (const std::string& folder : {own(), registry()}) {
    struct stat found {};
    ASSERT_EQ(::stat(sockets_in(folder).at(0).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << folder;
  }
}

TEST_F(Endpoint, WaitsForAKubeletThatWasNeverThere) {
  std::filesystem::remove(registry());
  start();
  std::filesystem::create_directory(registry());
  EXPECT_TRUE(serves());
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Endpoint, TellsThatItIsRegistered) {
  start();
  ASSERT_THAT(discover(), IsOk());
  ASSERT_THAT(notify(true), IsOk());
  ASSERT_THAT(notify(true), IsOk());
  EXPECT_THAT(told(), ElementsAre(""));
}

TEST_F(Endpoint, R4_TellsARefusalAndGoesOn) {
  start();
  ASSERT_THAT(discover(), IsOk());
  ASSERT_THAT(notify(false, "name is taken"), IsOk());
  EXPECT_THAT(told(), ElementsAre("the kubelet refused: name is taken"));
  EXPECT_TRUE(serves());
  ASSERT_THAT(notify(true), IsOk());
  EXPECT_THAT(told(), ElementsAre("the kubelet refused: name is taken", ""));
}

TEST_F(Endpoint, R4_ComesWithANewSocketWhenTheKubeletDoesNotAsk) {
  EndpointSettings with = settings();
  with.retries = {std::chrono::milliseconds(0), std::chrono::milliseconds(0)};
  start(with);
  ASSERT_TRUE(eventually([&] { return sockets_in(registry()).size() == 1; }));
  const std::string first = registration();
  EXPECT_TRUE(eventually([&] { return serves(first); }));
}

TEST_F(Endpoint, StaysAsItIsOnceItIsAccepted) {
  EndpointSettings with = settings();
  with.retries = {std::chrono::milliseconds(0), std::chrono::milliseconds(0)};
  start(with);
  EXPECT_TRUE(eventually([&] {
    if (!discover() || !notify(true)) return false;
    const auto before = sockets_in(registry());
    directory.write("plugins_registry/.look", "");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::filesystem::remove(registry() + "/.look");
    return before.size() == 1 && sockets_in(registry()) == before;
  }));
}

TEST_F(Endpoint, R5_MakesARemovedRegistrationAgainWithinASecond) {
  start();
  ASSERT_TRUE(serves());
  ASSERT_THAT(notify(true), IsOk());
  const std::string first = registration();
  const auto began = std::chrono::steady_clock::now();

  std::filesystem::remove(first);
  EXPECT_TRUE(eventually([&] { return !sockets_in(registry()).empty(); }));

  // And what a busy machine adds.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  EXPECT_TRUE(serves(first));
}

TEST_F(Endpoint, R5_MakesARemovedSocketAgainAndRegistersTheNewOne) {
  start();
  ASSERT_TRUE(serves());
  const std::string first = registration();
  std::filesystem::remove(sockets_in(own()).at(0));
  EXPECT_TRUE(serves(first));
  EXPECT_TRUE(eventually([&] { return sockets_in(own()).size() == 1; }));
}

TEST_F(Endpoint, R5_OutlivesTheEndOfItsDirectories) {
  start();
  ASSERT_TRUE(serves());
  const std::string first = registration();

  end(own());
  EXPECT_TRUE(serves(first));
  const std::string second = registration();

  end(registry());
  std::filesystem::create_directory(registry());
  EXPECT_TRUE(serves(second));
}

TEST_F(Endpoint, SweepsAwayTheSocketsOfKilledInstances) {
  std::filesystem::create_directories(own());
  leave_dead_socket(own() + "/dra.0123abcd.sock");
  leave_dead_socket(registry() + "/sluice.dev_dra.0123abcd.sock");
  leave_dead_socket(registry() + "/other.dev_dra.0123abcd.sock");
  start();
  const std::string ours = registry() + "/sluice.dev_DRA.";
  ASSERT_TRUE(eventually([&] { return sockets_in(registry()).back().starts_with(ours); }));
  EXPECT_THAT(sockets_in(registry()),
              ElementsAre(registry() + "/other.dev_dra.0123abcd.sock", StartsWith(ours)));
  EXPECT_EQ(sockets_in(own()).size(), 1U);
}

TEST_F(Endpoint, InstancesStandBesideEachOther) {
  start();
  ASSERT_TRUE(serves());
  std::unique_ptr<DraEndpoint> first = std::move(endpoint);

  start();
  ASSERT_TRUE(eventually([&] { return sockets_in(registry()).size() == 2; }));
  EXPECT_THAT(prepare(claims_named({"b"})), IsOk());

  first.reset();
  EXPECT_TRUE(serves());
}

TEST_F(Endpoint, R10_EndsAfterTheCallsThatAreUnderWay) {
  start();
  ASSERT_TRUE(serves());
  claims.hold();
  auto answer = std::async(std::launch::async, [&] { return prepare(claims_named({"late"})); });
  ASSERT_TRUE(claims.wait_inside(1));

  auto ended = std::async(std::launch::async, [&] { endpoint.reset(); });
  EXPECT_EQ(ended.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  EXPECT_THAT(sockets_in(registry()), SizeIs(1)) << "else the kubelet cuts the call off";
  claims.release();

  const auto done = answer.get();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->claims().at("uid-late").devices_size(), 1);
  ended.get();
  EXPECT_THAT(sockets_in(own()), IsEmpty());
  EXPECT_THAT(sockets_in(registry()), IsEmpty());
}

TEST_F(Endpoint, R10_LeavesCallsThatTakeTooLong) {
  EndpointSettings with = settings();
  with.last_calls = std::chrono::milliseconds(50);
  start(with);
  ASSERT_TRUE(serves());
  claims.hold();
  auto answer = std::async(std::launch::async, [&] { return prepare(claims_named({"late"})); });
  ASSERT_TRUE(claims.wait_inside(1));

  auto ended = std::async(std::launch::async, [&] { endpoint.reset(); });

  EXPECT_THAT(answer.get(), FailsWith(Code::busy, "prepare: "));
  claims.release();
  ended.get();
}

TEST_F(Endpoint, SaysWhyThereIsNoSocket) {
  directory.write("plugins", "a file where a directory should be");
  start();
  EXPECT_TRUE(eventually([&] { return told().size() == 1; }));
  EXPECT_THAT(told(), ElementsAre(testing::HasSubstr("plugins/sluice.dev")));

  std::filesystem::remove(directory / "plugins");
  EXPECT_TRUE(serves());
}

}  // namespace
}  // namespace sluice::dra
