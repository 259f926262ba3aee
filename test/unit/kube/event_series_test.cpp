#include "pkg/kube/event_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

const EventSeries::Time kStart{std::chrono::hours(1)};

Event event(const std::string& note, const std::string& pod = "p") {
  return {.subject = {.kind = "Pod", .name_space = "ns", .name = pod, .uid = "u-" + pod},
          .type = Event::Type::warning,
          .reason = "NoRoom",
          .action = "Attach",
          .note = note};
}

TEST(EventSeries, AFirstEventIsAnObject) {
  EventSeries series;

  const std::optional<EventPost> post = series.add(event("40 of 100 free"), kStart);

  ASSERT_TRUE(post);
  EXPECT_EQ(post->count, 1);
  EXPECT_EQ(post->event, event("40 of 100 free"));
  EXPECT_EQ(post->name, "p.34630b8a000");  // One hour in nanoseconds.
}

TEST(EventSeries, RepetitionsBecomeACountSentOnceAMinute) {
  EventSeries series;
  const std::string name = series.add(event("x"), kStart)->name;

  const std::optional<EventPost> second = series.add(event("x"), kStart + seconds(1));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, name);
  EXPECT_EQ(second->count, 2);
  for (int i = 2; i < 50; ++i) EXPECT_FALSE(series.add(event("x"), kStart + seconds(i)));
  EXPECT_THAT(series.due(kStart + seconds(60)), IsEmpty());

  const std::vector<EventPost> due = series.due(kStart + seconds(61));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].name, name);
  EXPECT_EQ(due[0].count, 50);
  EXPECT_THAT(series.due(kStart + seconds(200)), IsEmpty());
}

TEST(EventSeries, OtherSubjectsAndNumbersAreOtherEvents) {
  EventSeries series;
  series.add(event("1"), kStart);

  EXPECT_EQ(series.add(event("2"), kStart)->count, 1);
  EXPECT_EQ(series.add(event("1", "q"), kStart)->count, 1);
}

TEST(EventSeries, ALongSilenceEndsASeries) {
  EventSeries series;
  const std::string first = series.add(event("x"), kStart)->name;
  series.add(event("x"), kStart + minutes(6));

  const std::optional<EventPost> later = series.add(event("x"), kStart + minutes(13));

  ASSERT_TRUE(later);
  EXPECT_EQ(later->count, 1);
  EXPECT_NE(later->name, first);
}

TEST(EventSeries, ManySimilarEventsBecomeOneSeries) {
  EventSeries series;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(series.add(event(std::to_string(i)), kStart)->count, 1);

  const std::optional<EventPost> combined = series.add(event("11"), kStart);
  ASSERT_TRUE(combined);
  EXPECT_EQ(combined->count, 1);
  EXPECT_EQ(combined->event.note, "(combined from similar events) 11");
  EXPECT_EQ(series.add(event("12"), kStart + seconds(1))->count, 2);
  EXPECT_FALSE(series.add(event("13"), kStart + seconds(2)));

  EXPECT_EQ(series.add(event("14", "q"), kStart)->event.note, "14");
}

TEST(EventSeries, CutsLongNotes) {
  EventSeries series;

  EXPECT_EQ(series.add(event(std::string(2000, 'x')), kStart)->event.note.size(), 1024u);
  EXPECT_EQ(series.add(event(std::string(2000, 'x')), kStart)->count, 2);
}

TEST(EventSeries, RemembersABoundedNumber) {
  EventSeries series;
  for (int i = 0; i < 513; ++i) series.add(event("x", std::to_string(i)), kStart);

  EXPECT_EQ(series.add(event("x", "512"), kStart)->count, 2);
  EXPECT_EQ(series.add(event("x", "0"), kStart)->count, 1) << "the oldest is forgotten";
}

TEST(EventSeries, BeginsAgainWhatTheServerForgot) {
  EventSeries series;
  const std::string name = series.add(event("x"), kStart)->name;

  series.forget(name);

  EXPECT_EQ(series.add(event("x"), kStart + seconds(1))->count, 1);
}

TEST(EventSeries, NamesFitAnObject) {
  EventSeries series;
  EXPECT_LE(series.add(event("x", std::string(253, 'p')), kStart)->name.size(), 253u);
}

}  // namespace
}  // namespace sluice
