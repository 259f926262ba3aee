#include "pkg/kube/watch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/kube/api_status.h"
#include "pkg/kube/watch_event.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPage = 500;                      // client-go's page size (tools/pager).
constexpr std::size_t kEventLimit = 16u << 20;  // etcd refuses objects above 1.5 MiB.
constexpr seconds kWatchFor{300};               // The server ends the watch then;
constexpr int kWatchSpread = 300;               // plus up to so many seconds, to spread the load.
constexpr seconds kShortWatch{1};
// As client-go's reflector waits (tools/cache/reflector.go).
constexpr Backoff::Limits kReflector{.first = milliseconds(800), .longest = seconds(30)};
constexpr seconds kLongestAsked{60};  // Of a Retry-After that is heeded.
constexpr seconds kWatchGrace{30};    // Then the connection is taken for dead.

struct Page {
  std::string version;
  std::string more;  // Token for the next page; empty at the end.
};

/// Follows one collection; the state between its lists and watches.
class Follower {
 public:
  Follower(ApiClient& client, const Collection& collection, const WatchListener& listener,
           std::stop_token stop)
      : client_(client),
        collection_(collection),
        listener_(listener),
        stop_(std::move(stop)),
        random_(std::random_device{}()),
        backoff_(kReflector, static_cast<std::uint32_t>(random_())) {}

  void run() {
    while (!stop_.stop_requested()) {
      const Result<> done = version_.empty() ? list() : watch();
      if (!done && !stop_.stop_requested()) recover(done.error());
    }
  }

 private:
  Query query() const {
    Query query;
    if (!collection_.field_selector.empty()) {
      query.emplace_back("fieldSelector", collection_.field_selector);
    }
    if (!collection_.label_selector.empty()) {
      query.emplace_back("labelSelector", collection_.label_selector);
    }
    return query;
  }

  Result<Page> list_page(const std::string& from, std::vector<json>& objects) {
    Query wanted = query();
    wanted.emplace_back("limit", std::to_string(kPage));
    if (!from.empty()) wanted.emplace_back("continue", from);
    const std::string answer = TRY(client_.get(collection_.path, wanted));
    json list = parse_document(answer);
    if (!list.is_object() || !list["items"].is_array() || !list["metadata"].is_object()) {
      return Error(Code::internal, fmt::format("GET {}: not a list", collection_.path));
    }
    for (json& item : list["items"]) objects.push_back(std::move(item));
    if (listener_.page) {
      listener_.page(objects);
      objects.clear();
    }
    Problems ignored;
    Members metadata(list["metadata"], "", ignored);
    return Page{.version = metadata.text("resourceVersion"), .more = metadata.text("continue")};
  }

  Result<> list() {
    progressed_ = false;  // A list that is expired itself must wait before the next.
    if (listener_.begun) listener_.begun();
    std::vector<json> objects;
    Page page = TRY(list_page("", objects));
    while (!page.more.empty()) page = TRY(list_page(page.more, objects));
    if (page.version.empty()) {
      return Error(Code::internal, fmt::format("GET {}: list without version", collection_.path));
    }
    version_ = page.version;
    listener_.listed(objects);
    return {};
  }

  std::string watch_path(seconds duration) const {
    Query wanted = query();
    wanted.emplace_back("watch", "1");
    wanted.emplace_back("resourceVersion", version_);
    wanted.emplace_back("allowWatchBookmarks", "true");
    wanted.emplace_back("timeoutSeconds", std::to_string(duration.count()));
    return with_query(collection_.path, wanted);
  }

  Result<> watch() {
    std::uniform_int_distribution<int> spread(0, kWatchSpread);
    const seconds duration = kWatchFor + seconds(spread(random_));
    const auto began = std::chrono::steady_clock::now();
    progressed_ = false;
    LineSplitter lines(kEventLimit);
    Result<> events;
    const auto sink = [&](std::string_view piece) {
      const Result<bool> more = lines.add(piece, [&](std::string_view line) {
        events = take(line);
        return events.has_value() && !stop_.stop_requested();
      });
      if (!more) events = more.error();
      return more && *more;
    };
    const Result<HttpAnswer> answer =
        client_.stream(watch_path(duration), duration + kWatchGrace, sink, stop_);
    TRY(events);
    TRY(judge(answer));
    const auto lived = std::chrono::steady_clock::now() - began;
    if (!progressed_ && lived < kWatchGrace) {
      return Error(Code::timed_out, fmt::format("watch of {} ended at once", collection_.path));
    }
    // Whatever stands between us and the server, do not beat on it.
    if (lived < kShortWatch) client_.options().pause(backoff_.next(), stop_);
    return {};
  }

  /// What the end of a watch means that brought no bad event.
  Result<> judge(const Result<HttpAnswer>& answer) {
    if (!answer) return answer.error();
    if (answer->status / 100 == 2) return {};
    retry_after_ = answer->retry_after;
    Error error = to_error(parse_api_status(answer->status, answer->body));
    error.prepend("watch of " + collection_.path);
    return error;
  }

  Result<> take(std::string_view line) {
    json object;
    const WatchEvent event = TRY(parse_watch_event(line, object).context("{}", collection_.path));
    version_ = event.version;
    progressed_ = true;
    backoff_.reset();
    if (event.kind == WatchEvent::Kind::changed) listener_.changed(object);
    if (event.kind == WatchEvent::Kind::removed) listener_.removed(object);
    return {};
  }

  void recover(const Error& error) {
    const bool expired = error.code() == Code::data_loss;
    // List next: an answer that made no sense might come again from the same place, and a watch
    // that works again would say nothing until something changes.
    version_.clear();
    if (expired && progressed_) return;
    if (listener_.failed && !expired) listener_.failed(error);
    const std::optional<seconds> asked = std::exchange(retry_after_, std::nullopt);
    client_.options().pause(asked ? std::min(*asked, kLongestAsked) : backoff_.next(), stop_);
  }

  ApiClient& client_;
  const Collection& collection_;
  const WatchListener& listener_;
  const std::stop_token stop_;
  std::minstd_rand random_;
  SpreadBackoff backoff_;
  std::string version_;  // Empty: list first.
  bool progressed_ = false;
  std::optional<seconds> retry_after_;
};

}  // namespace

void follow(ApiClient& client, const Collection& collection, const WatchListener& listener,
            const std::stop_token& stop) {
  std::stop_source either;
  const auto end = [&either] { either.request_stop(); };
  const std::stop_callback on_own(stop, end);
  const std::stop_callback on_process(client.options().stop, end);
  Follower(client, collection, listener, either.get_token()).run();
}

}  // namespace sluice
