#include "test/fake/fake_api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{30};

std::string value_of(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

Json status_of(const FakeApiRefusal& refusal) {
  return {{"kind", "Status"},    {"apiVersion", "v1"},         {"metadata", Json::object()},
          {"status", "Failure"}, {"message", refusal.message}, {"reason", refusal.reason},
          {"code", refusal.code}};
}

HttpReply reply_of(int status, const Json& body) {
  return {.status = status, .body = body.dump(), .content_type = "application/json"};
}

HttpReply reply_of(const FakeApiRefusal& refusal) {
  return reply_of(refusal.code, status_of(refusal));
}

HttpReply reply_of(const FakeApiObjects::Outcome& outcome, int good = 200) {
  return outcome.refusal ? reply_of(*outcome.refusal) : reply_of(good, outcome.object);
}

FakeApiRefusal expired(std::uint64_t asked, std::uint64_t oldest) {
  return {410, "Expired", fmt::format("too old resource version: {} ({})", asked, oldest)};
}

std::string line_of(const std::string& type, const Json& object) {
  return Json{{"type", type}, {"object", object}}.dump() + "\n";
}

}  // namespace

struct FakeApiServer::Watch {
  FakeApiPath collection;
  std::string selector;
  std::size_t seen;                    // How many of the changes.
  std::deque<std::string> lines = {};  // To be sent out of turn.
  bool ends = false;                   // After these lines.
};

FakeApiServer::FakeApiServer(HttpServerTls tls)
    : scheme_(tls.certificate.empty() ? "http" : "https") {
  auto started = HttpServer::start(
      {.tls = std::move(tls)}, {{"", "/", [this](const HttpCall& call) { return handle(call); }}});
  if (!started) {
    fmt::print(stderr, "fake API server: {}\n", started.error().message());
    std::abort();
  }
  server_ = std::move(*started);
}

FakeApiServer::~FakeApiServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  server_.reset();
}

std::string FakeApiServer::url() const {
  return fmt::format("{}://127.0.0.1:{}", scheme_, server_->port());
}

void FakeApiServer::put(const std::string& path, Json object) {
  const std::lock_guard lock(mutex_);
  objects_.put(*FakeApiPath::parse(path), std::move(object));
  changed_.notify_all();
}

void FakeApiServer::erase(const std::string& path) {
  const std::lock_guard lock(mutex_);
  objects_.remove(*FakeApiPath::parse(path), Json());
  changed_.notify_all();
}

Json FakeApiServer::object(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return objects_.get(*FakeApiPath::parse(path)).object;
}

std::vector<Json> FakeApiServer::list(const std::string& collection) const {
  const std::lock_guard lock(mutex_);
  return objects_.list(*FakeApiPath::parse(collection), "");
}

void FakeApiServer::fail_next(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FakeApiServer::hang_next() {
  const std::lock_guard lock(mutex_);
  hang_next_ = true;
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

void FakeApiServer::require_token(const std::string& token, std::function<void()> refused) {
  const std::lock_guard lock(mutex_);
  token_ = token;
  refused_ = std::move(refused);
}

std::vector<FakeApiServer::Request> FakeApiServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool FakeApiServer::wait_for(std::size_t count,
                             const std::function<bool(const Request&)>& fits) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    return std::count_if(requests_.begin(), requests_.end(), fits) >=
           static_cast<std::ptrdiff_t>(count);
  });
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

HttpReply FakeApiServer::handle(const HttpCall& call) {
  std::unique_lock lock(mutex_);
  requests_.push_back({.method = call.method,
                       .path = call.path,
                       .query = call.query,
                       .body = call.body,
                       .content_type = value_of(call.headers, "content-type"),
                       .authorization = value_of(call.headers, "authorization")});
  changed_.notify_all();
  const Request request = requests_.back();
  if (std::optional<HttpReply> reply = misbehave(request, lock)) return *std::move(reply);
  const std::optional<FakeApiPath> path = FakeApiPath::parse(call.path);
  if (!path) return reply_of({404, "NotFound", "the server could not find the requested resource"});
  HttpReply reply = act(*path, call);
  changed_.notify_all();
  return reply;
}

std::optional<HttpReply> FakeApiServer::misbehave(const Request& request,
                                                  std::unique_lock<std::mutex>& lock) {
  if (std::exchange(hang_next_, false)) changed_.wait(lock, [this] { return ending_; });
  if (!token_.empty() && request.authorization != "Bearer " + token_) {
    if (refused_) refused_();
    return reply_of({401, "Unauthorized", "Unauthorized"});
  }
  const auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& each) {
    return each.for_watch == request.is_watch() &&
           (each.method.empty() || each.method == request.method);
  });
  if (fault == faults_.end()) return std::nullopt;
  HttpReply reply = reply_of({fault->status, fault->reason, "as the test wants it"});
  if (fault->retry_after > 0) {
    reply.headers.emplace_back("Retry-After", std::to_string(fault->retry_after));
  }
  faults_.erase(fault);
  return reply;
}

HttpReply FakeApiServer::act(const FakeApiPath& path, const HttpCall& call) {
  const Json body = call.body.empty() ? Json() : Json::parse(call.body, nullptr, false);
  if (body.is_discarded()) return reply_of({400, "BadRequest", "the body is not JSON"});
  if (call.method == "GET" && path.name.empty()) {
    return value_of(call.query, "watch").empty() ? list_of(path, call) : watch_of(path, call);
  }
  if (call.method == "GET") return reply_of(objects_.get(path));
  if (call.method == "POST") return reply_of(objects_.create(path, body), 201);
  if (call.method == "PUT") return reply_of(objects_.replace(path, body));
  if (call.method == "PATCH") {
    return reply_of(objects_.patch(path, value_of(call.headers, "content-type"), body));
  }
  return reply_of(objects_.remove(path, body));
}

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

}  // namespace sluice
