#include <algorithm>
#include <chrono>
#include <utility>

#include "test/fake/fake_api_replies.h"
#include "test/fake/fake_api_server.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{30};

}  // namespace

HttpReply FakeApiServer::list_of(const FakeApiPath& path, const HttpCall& call) const {
  const std::vector<Json> all = objects_.list(path, value_of(call.query, "fieldSelector"));
  std::uint64_t version = objects_.version();
  std::size_t from = 0;
  // A token is "<version>.<index>".
  if (const std::string token = value_of(call.query, "continue"); !token.empty()) {
    version = std::stoull(token);
    from = std::stoull(token.substr(token.find('.') + 1));
    if (version < objects_.oldest()) return reply_of(expired(version, objects_.oldest()));
  }
  const std::string limit = value_of(call.query, "limit");
  const std::size_t page = limit.empty() ? all.size() : std::stoull(limit);
  Json items = Json::array();
  while (from < all.size() && items.size() < page) items.push_back(all[from++]);
  Json metadata = {{"resourceVersion", std::to_string(version)}};
  if (from < all.size()) metadata["continue"] = fmt::format("{}.{}", version, from);
  return reply_of(200, {{"kind", "List"}, {"metadata", metadata}, {"items", items}});
}

HttpReply FakeApiServer::watch_of(const FakeApiPath& path, const HttpCall& call) {
  const std::string asked = value_of(call.query, "resourceVersion");
  const std::uint64_t from = asked.empty() ? objects_.version() : std::stoull(asked);
  if (from < objects_.oldest()) return reply_of(expired(from, objects_.oldest()));
  const auto& changes = objects_.changes();
  const auto first = std::find_if(changes.begin(), changes.end(),
                                  [&](const auto& change) { return change.version > from; });
  auto watch =
      std::make_shared<Watch>(Watch{.collection = path,
                                    .selector = value_of(call.query, "fieldSelector"),
                                    .seen = static_cast<std::size_t>(first - changes.begin())});
  watches_.push_back(watch);
  return {.content_type = "application/json",
          .stream = [this, watch](const std::stop_token& stop) { return next_of(*watch, stop); }};
}

std::optional<std::string> FakeApiServer::next_of(Watch& watch, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    while (watch.seen < objects_.changes().size()) {
      const FakeApiObjects::Change& change = objects_.changes()[watch.seen++];
      if (watch.collection.holds(change.path) &&
          FakeApiObjects::selects(watch.selector, change.object)) {
        return line_of(change.type, change.object);
      }
    }
    if (!watch.lines.empty()) {
      std::string line = std::move(watch.lines.front());
      watch.lines.pop_front();
      return line;
    }
    if (watch.ends) return std::nullopt;
    const std::size_t seen = watch.seen;
    changed_.wait(lock, stop, [&] {
      return watch.ends || !watch.lines.empty() || seen < objects_.changes().size();
    });
  }
  return std::nullopt;
}

void FakeApiServer::tell_watches(const std::string& line, bool then_end) {
  for (const std::weak_ptr<Watch>& weak : watches_) {
    if (const std::shared_ptr<Watch> watch = weak.lock()) {
      if (!line.empty()) watch->lines.push_back(line);
      watch->ends = watch->ends || then_end;
    }
  }
  changed_.notify_all();
}

void FakeApiServer::expire() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t asked = objects_.version();
  objects_.compact();
  tell_watches(line_of("ERROR", status_of(expired(asked, objects_.oldest()))), true);
}

void FakeApiServer::cut_watches(const std::string& rest) {
  const std::lock_guard lock(mutex_);
  tell_watches(rest, true);
}

void FakeApiServer::bookmark() {
  const std::lock_guard lock(mutex_);
  // Something else has happened in the cluster since.
  objects_.create({.prefix = "/api/v1", .name_space = "other", .resource = "configmaps"},
                  {{"metadata", {{"generateName", "other-"}}}});
  const Json object = {{"metadata", {{"resourceVersion", std::to_string(objects_.version())}}}};
  tell_watches(line_of("BOOKMARK", object), false);
}

bool FakeApiServer::wait_for_watches(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    return std::count_if(watches_.begin(), watches_.end(), [](const auto& weak) {
             const std::shared_ptr<Watch> watch = weak.lock();
             return watch != nullptr && !watch->ends;
           }) >= static_cast<std::ptrdiff_t>(count);
  });
}

}  // namespace sluice
