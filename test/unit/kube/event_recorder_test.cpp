#include "pkg/kube/event_recorder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr const char* kEvents = "/apis/events.k8s.io/v1/namespaces/ns/events";

const Event kNoRoom{.subject = {.kind = "Pod", .name_space = "ns", .name = "p", .uid = "u"},
                    .type = Event::Type::warning,
                    .reason = "NoRoom",
                    .action = "Attach",
                    .note = "port 0000:3b:00.0: 40 of 100 Gbit/s free, 50 asked"};

class Events : public KubeWorld {
 protected:
  EventRecorder::Options recorder_options() {
    return {.instance = "node-a",
            .failed =
                [this](const Error& error) {
                  std::call_once(failed, [&] { failure.set_value(error.message()); });
                },
            .now = [this] { return EventSeries::Time(std::chrono::seconds(seconds_now.load())); }};
  }

  void wait_for_requests(std::size_t count) const {
    ASSERT_TRUE(server.wait_for(count, [](const auto&) { return true; }));
  }

  std::atomic<int> seconds_now = 1'800'000'000;
  std::once_flag failed;
  std::promise<std::string> failure;  // The first.
  const std::unique_ptr<ApiClient> client = connect();
};

TEST_F(Events, TellOfAPodWithItsNumbers) {
  EventRecorder recorder(*client, recorder_options());

  recorder.record(kNoRoom);
  wait_for_requests(1);

  const FakeApiServer::Request request = server.requests().at(0);
  EXPECT_EQ(request.path, kEvents);
  json sent = json::parse(request.body);
  EXPECT_EQ(sent["metadata"].at("namespace"), "ns");
  sent.erase("metadata");
  EXPECT_EQ(sent, json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "eventTime": "2027-01-15T08:00:00.000000Z",
    "regarding": {"apiVersion": "v1", "kind": "Pod", "namespace": "ns", "name": "p", "uid": "u"},
    "type": "Warning", "reason": "NoRoom", "action": "Attach",
    "note": "port 0000:3b:00.0: 40 of 100 Gbit/s free, 50 asked",
    "reportingController": "sluice.dev/agent", "reportingInstance": "node-a"})"));
}

TEST_F(Events, OfANodeLiveInTheDefaultNamespace) {
  EventRecorder recorder(*client, recorder_options());
  Event event = kNoRoom;
  event.subject = {.kind = "Node", .name_space = "", .name = "n", .uid = "u"};

  recorder.record(event);
  wait_for_requests(1);

  EXPECT_EQ(server.requests().at(0).path, "/apis/events.k8s.io/v1/namespaces/default/events");
  EXPECT_FALSE(json::parse(server.requests().at(0).body)["regarding"].contains("namespace"));
}

TEST_F(Events, RepetitionsCountUp) {
  EventRecorder recorder(*client, recorder_options());

  for (int i = 0; i < 5; ++i) recorder.record(kNoRoom);
  Event last = kNoRoom;
  last.subject.name = "q";
  recorder.record(last);
  wait_for_requests(3);  // The first, its first repetition, and the last: all have been counted.
  seconds_now += 60;
  recorder.wake();
  wait_for_requests(4);

  ASSERT_EQ(server.list(kEvents).size(), 2u);
  EXPECT_EQ(server.list(kEvents)[0]["series"],
            (json{{"count", 5}, {"lastObservedTime", "2027-01-15T08:01:00.000000Z"}}));
}

TEST_F(Events, AreToldAgainWhenTheServerForgotThem) {
  EventRecorder recorder(*client, recorder_options());
  recorder.record(kNoRoom);
  wait_for_requests(1);
  const std::string name = server.list(kEvents).at(0)["metadata"]["name"];
  server.erase(std::string(kEvents) + "/" + name);
  ++seconds_now;

  recorder.record(kNoRoom);
  wait_for_requests(3);

  EXPECT_EQ(server.requests().at(1).method, "PATCH");
  EXPECT_EQ(server.requests().at(2).method, "POST");
}

TEST_F(Events, SayWhenTheyCannotBeSent) {
  EventRecorder recorder(*client, recorder_options());
  server.fail_next({.status = 403, .reason = "Forbidden"});

  recorder.record(kNoRoom);

  EXPECT_THAT(failure.get_future().get(), testing::HasSubstr("403 Forbidden"));
}

TEST_F(Events, AreDroppedRatherThanWaitedFor) {
  server.hang_next();
  int dropped = 0;
  EventRecorder::Options options = recorder_options();
  options.dropped = [&dropped] { ++dropped; };
  EventRecorder recorder(*client, options);
  recorder.record(kNoRoom);
  wait_for_requests(1);  // The sender is stuck now.

  for (int i = 0; i < 260; ++i) recorder.record(kNoRoom);

  EXPECT_EQ(dropped, 4);
  stop.request_stop();
  EXPECT_THAT(failure.get_future().get(), testing::HasSubstr("stopped"));
}

TEST_F(Events, SurviveBytesThatAreNoText) {
  EventRecorder recorder(*client, recorder_options());
  Event event = kNoRoom;
  event.note = "name \xff";

  recorder.record(event);
  wait_for_requests(1);

  EXPECT_EQ(json::parse(server.requests().at(0).body)["note"], "name \xEF\xBF\xBD");
}

}  // namespace
}  // namespace sluice
