#include "dra/status/status_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "test/unit/dra_status/publisher_world.h"

namespace sluice::dra {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Publisher : public StatusWorld {};

std::optional<FakeApiRefusal> forbidden(const FakeApiServer::Request& request) {
  if (request.method != "PATCH") return std::nullopt;
  return FakeApiRefusal{403, "Forbidden", "cannot patch resource \"resourceclaims/status\""};
}

TEST_F(Publisher, M3_AppliesTheStatusOfBothLanesAndNothingElse) {
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});

  ASSERT_THAT(devices(), SizeIs(2));
  EXPECT_EQ(devices()[0]["shareID"], "share-0");
  EXPECT_EQ(devices()[0]["networkData"]["interfaceName"], "net1");
  EXPECT_EQ(devices()[1]["conditions"][0]["status"], "True");
  EXPECT_TRUE(server.object(path("train"))["status"].contains("allocation"));
  EXPECT_THAT(said(written), ElementsAre("train"));
  const Request request = server.requests().back();
  EXPECT_EQ(request.path, path("train") + "/status");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  EXPECT_EQ(request.query.at("fieldManager"), "sluice.dev");
  EXPECT_THAT(pauses.waits(), Contains(std::chrono::milliseconds(StatusPublisher::kGathering)));
}

TEST_F(Publisher, WritesNothingWhereNothingChanged) {
  auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  const std::size_t reads = count("GET");
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(count("GET"), reads);

  publisher.reset();
  publisher = start();  // As after a restart of the agent.
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(count("GET"), reads + 1);
  EXPECT_EQ(count("PATCH"), 1u);
}

TEST_F(Publisher, WritesWhatChanged) {
  const auto publisher = start();
  settle(*publisher, {without_lanes(ref)});
  EXPECT_EQ(devices()[0]["conditions"][0]["status"], "False");
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(devices()[0]["conditions"][0]["status"], "True");
  EXPECT_EQ(count("PATCH"), 2u);
}

TEST_F(Publisher, LeavesTheEntriesOfOthersAlone) {
  Json claim = server.object(path("train"));
  const Json gpu = {{"driver", "gpu.example.com"}, {"pool", "node-a"}, {"device", "gpu-0"}};
  claim["status"]["allocation"]["devices"]["results"].push_back(gpu);
  claim["status"]["devices"] = {gpu};
  server.put(path("train"), claim);
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_THAT(devices(), SizeIs(3));
  publisher->remove(ref);
  settle(*publisher);
  EXPECT_EQ(devices(), Json::array({gpu}));
}

TEST_F(Publisher, AnUnpreparedClaimLosesItsEntries) {
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  publisher->remove(ref);
  settle(*publisher);
  EXPECT_THAT(devices(), IsEmpty());
  EXPECT_TRUE(server.object(path("train"))["status"].contains("allocation"));
}

TEST_F(Publisher, AClaimWhoseGrantWentLosesItsEntries) {
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  settle(*publisher, {});
  EXPECT_THAT(devices(), IsEmpty());
}

TEST_F(Publisher, AfterARestartAnUnpreparedClaimLosesItsEntries) {
  auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  publisher.reset();
  publisher = start();
  publisher->remove(ref);
  settle(*publisher);
  EXPECT_THAT(devices(), IsEmpty());
}

TEST_F(Publisher, AnUnpreparedClaimThatIsGoneOrDeallocatedIsNotWritten) {
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  deallocate("train");
  publisher->remove(ref);
  settle(*publisher);
  server.erase(path("train"));
  publisher->remove(ref);
  settle(*publisher);
  EXPECT_EQ(count("PATCH"), 1u);
  EXPECT_THAT(said(failed), IsEmpty());
  EXPECT_THAT(said(refused), IsEmpty());
}

// The server dropped its entries meanwhile, and nothing else is another.
TEST_F(Publisher, AClaimThatIsPreparedAgainHasItsStatusAgain) {
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  publisher->remove(ref);
  deallocate("train");
  allocate_again("train");
  settle(*publisher, {with_lanes(ref)});
  EXPECT_THAT(devices(), SizeIs(2));
}

TEST_F(Publisher, AClaimThatIsGoneEndsInSilence) {
  server.erase(path("train"));
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(count("PATCH"), 0u);
  EXPECT_THAT(said(failed), IsEmpty());
  EXPECT_THAT(said(refused), IsEmpty());
}

TEST_F(Publisher, AnotherClaimOfTheNameIsNotWritten) {
  server.erase(path("train"));
  put_claim("train");
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(count("PATCH"), 0u);
  EXPECT_THAT(devices(), IsEmpty());
}

TEST_F(Publisher, AClaimThatIsReplacedBetweenReadAndWriteIsNotWritten) {
  std::atomic<int> writes = 0;
  server.deny([&](const Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_write(request) || writes++ != 0) return std::nullopt;
    server.erase(path("train"));
    put_claim("train");
    return std::nullopt;  // The server's own rules refuse it.
  });
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(writes, 1);
  EXPECT_THAT(devices(), IsEmpty());
  EXPECT_THAT(said(failed), IsEmpty());
  EXPECT_THAT(said(refused), IsEmpty());
}

TEST_F(Publisher, AClaimThatGoesBetweenReadAndWriteIsNotMadeAgain) {
  server.deny([&](const Request& request) -> std::optional<FakeApiRefusal> {
    if (is_write(request)) server.erase(path("train"));
    return std::nullopt;
  });
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_TRUE(server.object(path("train")).is_null());
  EXPECT_THAT(said(failed), IsEmpty());
  EXPECT_THAT(said(refused), IsEmpty());
}

TEST_F(Publisher, AClaimThatIsDeallocatedBetweenReadAndWriteEndsInSilence) {
  server.deny([&](const Request& request) -> std::optional<FakeApiRefusal> {
    if (is_write(request)) deallocate("train");
    return std::nullopt;
  });
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_THAT(devices(), IsEmpty());
  EXPECT_THAT(said(refused), IsEmpty());
}

TEST_F(Publisher, AConflictIsLookedAtAgain) {
  server.fail_next({.status = 409, .reason = "Conflict", .method = "PATCH"});
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  EXPECT_THAT(devices(), SizeIs(2));
  EXPECT_THAT(said(failed), IsEmpty());
}

TEST_F(Publisher, M2_ARightThatIsMissingIsToldAndTriedAgainMinutesLater) {
  server.deny(forbidden);
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  ASSERT_THAT(said(refused), SizeIs(1));
  EXPECT_THAT(said(refused)[0], HasSubstr("claim 'ml/train'"));
  EXPECT_THAT(said(refused)[0], HasSubstr("403 Forbidden"));

  server.deny({});
  settle(*publisher, {with_lanes(ref)});
  EXPECT_EQ(count("PATCH"), 1u);
  publisher->publish({with_lanes(ref)},
                     StatusPublisher::Clock::now() + StatusPublisher::kRefusedPause);
  settle(*publisher);
  EXPECT_THAT(devices(), SizeIs(2));
}

TEST_F(Publisher, M2_TheGranularRightThatIsMissingIsToldOnce) {
  server.deny([](const Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_write(request)) return std::nullopt;
    return FakeApiRefusal{422, "Invalid", "changing status.devices requires associated-node:patch"};
  });
  const auto publisher = start();
  settle(*publisher, {with_lanes(ref)});
  settle(*publisher, {with_lanes(ref)});
  ASSERT_THAT(said(refused), SizeIs(1));
  EXPECT_THAT(said(refused)[0], HasSubstr("changing status.devices requires"));
}

TEST_F(Publisher, ARefusedClaimKeepsNoOtherFromItsStatus) {
  const ClaimRef other = put_claim("other");
  server.deny([](const Request& request) -> std::optional<FakeApiRefusal> {
    if (!is_write(request) || request.path.find("train") == std::string::npos) return std::nullopt;
    return FakeApiRefusal{500, "InternalError", "a webhook failed"};
  });
  const auto publisher = start();
  publisher->publish({with_lanes(ref), with_lanes(other)}, now);
  wait_until([&] { return devices("other").size() == 2; });
  wait_until([&] { return !said(failed).empty(); });
  server.deny({});
  settle(*publisher);
  EXPECT_THAT(devices("train"), SizeIs(2));
}

TEST_F(Publisher, AServerThatIsAwayBlocksNothingAndTheStatusIsRightAfterwards) {
  server.deny([](const Request&) -> std::optional<FakeApiRefusal> {
    return FakeApiRefusal{503, "ServiceUnavailable", "down"};
  });
  const ClaimRef other = put_claim("other");
  const auto publisher = start();
  publisher->publish({without_lanes(ref), without_lanes(other)}, now);
  wait_until([&] { return said(failed).size() >= 3; });
  publisher->publish({with_lanes(ref), without_lanes(other)}, now);
  publisher->remove(other);
  EXPECT_FALSE(publisher->is_idle());

  server.deny({});
  settle(*publisher);
  EXPECT_EQ(devices("train")[0]["conditions"][0]["status"], "True");
  EXPECT_THAT(devices("other"), IsEmpty());
  EXPECT_THAT(pauses.waits(), Contains(testing::Ge(std::chrono::milliseconds(500))));
}

TEST_F(Publisher, EndsWhileTheServerHangs) {
  server.hang_next();
  const auto publisher = start();
  publisher->publish({with_lanes(ref)}, now);
  EXPECT_TRUE(server.wait_for(1, [](const Request&) { return true; }));
  stop.request_stop();
}

TEST_F(Publisher, TheServerTakesNoEntryThatWasNotAllocated) {
  const ApiPatch patch{.kind = PatchKind::apply,
                       .body = R"({"status": {"devices": [{"driver": "sluice.dev", "pool": "node-a",
                                   "device": "other"}]}})",
                       .field_manager = kDriver};
  EXPECT_THAT(client->patch(path("train") + "/status", patch),
              FailsWith(Code::invalid_argument, "must be an allocated device"));
}

}  // namespace
}  // namespace sluice::dra
