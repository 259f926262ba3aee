#include "pkg/kube/lease.h"

#include <gtest/gtest.h>

#include <atomic>

#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr const char* kLease = "/apis/coordination.k8s.io/v1/namespaces/sluice/leases/scheduler";

/// Processes that want one lease; each has a clock of its own.
class Leases : public KubeWorld {
 protected:
  struct Process {
    Process(ApiClient& client, const std::string& identity)
        : lease(client,
                {.name_space = "sluice", .name = "scheduler", .identity = identity, .now = [this] {
                   return clock.load();
                 }}) {}

    void wait(nanoseconds time) { clock = clock.load() + time; }

    std::atomic<nanoseconds> clock = nanoseconds(seconds(1000));
    Lease lease;
  };

  /// One that has the lease, which was not there before.
  void make_holder(Process& process) {
    EXPECT_THAT(process.lease.step(), IsOk());
    process.wait(seconds(15));
    EXPECT_THAT(process.lease.step(), IsOk());
    ASSERT_TRUE(process.lease.is_held());
  }

  json spec() const { return server.object(kLease)["spec"]; }

  ApiOptions once() {
    ApiOptions limited = options();
    limited.attempts = 1;
    return limited;
  }

  ApiClient client{{.server = server.url()}, once()};
  Process a{client, "a"};
  Process b{client, "b"};
};

TEST_F(Leases, AreHeldForLessThanTheOthersWait) {
  make_holder(a);

  EXPECT_EQ(spec()["holderIdentity"], "a");
  EXPECT_EQ(spec()["leaseDurationSeconds"], 15);
  EXPECT_EQ(spec()["leaseTransitions"], 0);
  EXPECT_EQ(spec()["renewTime"].get<std::string>().size(),
            sizeof("2026-01-31T12:00:00.123456Z") - 1);
  EXPECT_TRUE(a.lease.is_held_for(milliseconds(13'999)));
  EXPECT_FALSE(a.lease.is_held_for(seconds(14)));
  a.wait(seconds(14));
  EXPECT_FALSE(a.lease.is_held());
}

TEST_F(Leases, StayWithTheHolderThatRenews) {
  make_holder(a);
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(b.lease.step(), IsOk());
    ASSERT_FALSE(b.lease.is_held());
    ASSERT_THAT(a.lease.step(), IsOk());
    ASSERT_TRUE(a.lease.is_held_for(seconds(13)));
    a.wait(seconds(2));
    b.wait(seconds(2));
  }
  EXPECT_EQ(b.lease.holder(), "a");
}

TEST_F(Leases, AreTakenOverFromAHolderThatSaysNothing) {
  make_holder(a);
  ASSERT_THAT(b.lease.step(), IsOk());
  b.wait(milliseconds(14'999));
  ASSERT_THAT(b.lease.step(), IsOk());
  EXPECT_FALSE(b.lease.is_held());
  b.wait(milliseconds(1));
  ASSERT_THAT(b.lease.step(), IsOk());

  EXPECT_TRUE(b.lease.is_held());
  EXPECT_EQ(spec()["holderIdentity"], "b");
  EXPECT_EQ(spec()["leaseTransitions"], 1);
  EXPECT_THAT(a.lease.step(), IsOk());
  EXPECT_FALSE(a.lease.is_held());
  EXPECT_EQ(a.lease.holder(), "b");
}

TEST_F(Leases, AreWaitedForAsLongAsTheirRecordSays) {
  server.put(kLease, {{"spec", {{"holderIdentity", "old"}, {"leaseDurationSeconds", 60}}}});
  ASSERT_THAT(b.lease.step(), IsOk());
  b.wait(seconds(59));
  ASSERT_THAT(b.lease.step(), IsOk());
  EXPECT_FALSE(b.lease.is_held());
  b.wait(seconds(1));
  ASSERT_THAT(b.lease.step(), IsOk());

  EXPECT_TRUE(b.lease.is_held());
  EXPECT_EQ(spec()["leaseDurationSeconds"], 15);
}

TEST_F(Leases, DoNotBelieveTheTimesOfARecord) {
  server.put(kLease, {{"spec",
                       {{"holderIdentity", "old"},
                        {"leaseDurationSeconds", 15},
                        {"renewTime", "1999-01-01T00:00:00.000000Z"}}}});

  ASSERT_THAT(b.lease.step(), IsOk());
  EXPECT_FALSE(b.lease.is_held());
}

TEST_F(Leases, ThatAreNotThereMayBeHeldNevertheless) {
  make_holder(a);
  server.erase(kLease);
  ASSERT_THAT(b.lease.step(), IsOk());
  b.wait(seconds(14));
  ASSERT_THAT(b.lease.step(), IsOk());
  EXPECT_FALSE(b.lease.is_held());

  ASSERT_THAT(a.lease.step(), IsOk());
  EXPECT_TRUE(a.lease.is_held());
  b.wait(seconds(1));
  ASSERT_THAT(b.lease.step(), IsOk());
  EXPECT_FALSE(b.lease.is_held());
}

TEST_F(Leases, GoToOneOfTwoThatTryAtOnce) {
  server.put(kLease, {{"spec", {{"holderIdentity", ""}, {"leaseDurationSeconds", 1}}}});
  bool is_first = true;
  server.deny([&](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.method == "PUT" && std::exchange(is_first, false)) {
      EXPECT_THAT(b.lease.step(), IsOk());
    }
    return std::nullopt;
  });

  EXPECT_THAT(a.lease.step(), FailsWith(Code::busy, "409 Conflict"));
  EXPECT_FALSE(a.lease.is_held());
  EXPECT_TRUE(b.lease.is_held());
}

TEST_F(Leases, AreHeldUntilTheirTimeIsOverWhereRenewingFails) {
  make_holder(a);
  server.deny([](const FakeApiServer::Request&) {
    return FakeApiRefusal{500, "InternalError", "as the test wants it"};
  });
  a.wait(seconds(13));
  EXPECT_THAT(a.lease.step(), FailsWith(Code::internal, "as the test wants it"));
  EXPECT_TRUE(a.lease.is_held());
  a.wait(seconds(1));
  EXPECT_FALSE(a.lease.is_held());
}

TEST_F(Leases, CountFromBeforeTheirRequest) {
  make_holder(a);
  server.deny([&](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
    if (request.method == "PUT") a.wait(seconds(10));
    return std::nullopt;
  });
  ASSERT_THAT(a.lease.step(), IsOk());

  EXPECT_TRUE(a.lease.is_held_for(milliseconds(3'999)));
  EXPECT_FALSE(a.lease.is_held_for(seconds(4)));
}

TEST_F(Leases, ThatWereRenewedWithoutAnAnswerAreRenewedAgain) {
  make_holder(a);
  json renewed = server.object(kLease);
  renewed["spec"]["renewTime"] = "2026-01-31T12:00:00.000000Z";
  server.put(kLease, renewed);
  a.wait(seconds(20));

  ASSERT_THAT(a.lease.step(), IsOk());
  EXPECT_TRUE(a.lease.is_held());
}

TEST_F(Leases, ThatAreLetGoCanBeTakenAtOnce) {
  make_holder(a);
  ASSERT_THAT(b.lease.step(), IsOk());
  ASSERT_THAT(a.lease.release(), IsOk());
  EXPECT_FALSE(a.lease.is_held());
  ASSERT_THAT(b.lease.step(), IsOk());

  EXPECT_TRUE(b.lease.is_held());
}

TEST_F(Leases, OfOthersAreNotLetGo) {
  make_holder(a);
  ASSERT_THAT(b.lease.step(), IsOk());

  EXPECT_THAT(b.lease.release(), IsOk());
  EXPECT_EQ(spec()["holderIdentity"], "a");
}

TEST_F(Leases, AreLostToAnotherHolderAtOnce) {
  make_holder(a);
  json stolen = server.object(kLease);
  stolen["spec"]["holderIdentity"] = "b";
  server.put(kLease, stolen);

  EXPECT_THAT(a.lease.step(), IsOk());
  EXPECT_FALSE(a.lease.is_held());
}

TEST_F(Leases, HaveATenureForAsLongAsNoOtherCanHaveHeldThem) {
  EXPECT_EQ(a.lease.tenure(), std::nullopt);
  make_holder(a);
  const auto first = a.lease.tenure();
  ASSERT_TRUE(first);
  a.wait(seconds(20));
  EXPECT_EQ(a.lease.tenure(), std::nullopt);
  ASSERT_THAT(a.lease.step(), IsOk());
  EXPECT_EQ(a.lease.tenure(), first);

  a.wait(seconds(20));
  ASSERT_THAT(b.lease.step(), IsOk());
  b.wait(seconds(15));
  ASSERT_THAT(b.lease.step(), IsOk());
  ASSERT_THAT(b.lease.release(), IsOk());
  ASSERT_THAT(a.lease.step(), IsOk());
  ASSERT_TRUE(a.lease.tenure());
  EXPECT_NE(a.lease.tenure(), first);
}

TEST_F(Leases, ThatMakeNoSenseAreNotTaken) {
  server.put(kLease, {{"spec", {{"holderIdentity", 7}, {"leaseDurationSeconds", 0}}}});

  EXPECT_THAT(a.lease.step(),
              FailsWith(Code::invalid_argument, "/spec/holderIdentity: want a string"));
  EXPECT_THAT(a.lease.step(), FailsWith(Code::invalid_argument, "/spec/leaseDurationSeconds"));
  EXPECT_FALSE(a.lease.is_held());
}

}  // namespace
}  // namespace sluice
