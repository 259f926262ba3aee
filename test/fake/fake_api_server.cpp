#include "test/fake/fake_api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "test/fake/fake_api_replies.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{30};

}  // namespace

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

void FakeApiServer::serve(const std::string& group, std::set<std::string> versions) {
  const std::lock_guard lock(mutex_);
  groups_["/apis/" + group] = std::move(versions);
}

void FakeApiServer::admit_with(Admission admission) {
  const std::lock_guard lock(mutex_);
  admission_ = std::move(admission);
}

void FakeApiServer::fail_next(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FakeApiServer::deny(Denial denial) {
  const std::lock_guard lock(mutex_);
  denial_ = std::move(denial);
}

void FakeApiServer::hang_next() {
  const std::lock_guard lock(mutex_);
  hang_next_ = true;
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
  if (std::optional<HttpReply> reply = discover(call.path)) return *std::move(reply);
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
  if (const Denial denial = denial_) {
    lock.unlock();
    const auto refusal = denial(request);
    lock.lock();
    if (refusal) return reply_of(*refusal);
  }
  const auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& each) {
    return each.for_watch == request.is_watch() &&
           (each.method.empty() || each.method == request.method) &&
           request.path.find(each.path) != std::string::npos;
  });
  if (fault == faults_.end()) return std::nullopt;
  HttpReply reply = reply_of({fault->status, fault->reason, "as the test wants it"});
  if (fault->retry_after > 0) {
    reply.headers.emplace_back("Retry-After", std::to_string(fault->retry_after));
  }
  faults_.erase(fault);
  return reply;
}

/// The versions of a group, or that it does not have the one asked; nullopt for all else.
std::optional<HttpReply> FakeApiServer::discover(const std::string& path) const {
  for (const auto& [prefix, versions] : groups_) {
    if (path == prefix) {
      Json group = {{"kind", "APIGroup"}, {"versions", Json::array()}};
      for (const std::string& version : versions) {
        group["versions"].push_back({{"version", version}});
      }
      return reply_of(200, group);
    }
    if (!path.starts_with(prefix + "/")) continue;
    const std::string rest = path.substr(prefix.size() + 1);
    if (versions.count(rest.substr(0, rest.find('/'))) != 0) return std::nullopt;
    return reply_of({404, "NotFound", "the server could not find the requested resource"});
  }
  return std::nullopt;
}

HttpReply FakeApiServer::write(const FakeApiPath& path, const HttpCall& call, Json body) {
  const Json before = path.name.empty() ? Json() : objects_.get(path).object;
  if (admission_) {
    if (const auto refusal = admission_(path, before, body)) return reply_of(*refusal);
  }
  // A trial changes a copy.
  FakeApiObjects copy;
  const bool is_trial = value_of(call.query, "dryRun") == "All";
  if (is_trial) copy = objects_;
  FakeApiObjects& objects = is_trial ? copy : objects_;
  if (path.subresource == "binding") return reply_of(objects.bind(path, body), 201);
  if (call.method == "POST") return reply_of(objects.create(path, std::move(body)), 201);
  return reply_of(objects.replace(path, std::move(body)));
}

HttpReply FakeApiServer::act(const FakeApiPath& path, const HttpCall& call) {
  const Json body = call.body.empty() ? Json() : Json::parse(call.body, nullptr, false);
  if (body.is_discarded()) return reply_of({400, "BadRequest", "the body is not JSON"});
  if (call.method == "GET" && path.name.empty()) {
    return value_of(call.query, "watch").empty() ? list_of(path, call) : watch_of(path, call);
  }
  if (call.method == "GET") return reply_of(objects_.get(path));
  if (call.method == "POST" || call.method == "PUT") return write(path, call, body);
  if (call.method == "PATCH") {
    return reply_of(objects_.patch(path, value_of(call.headers, "content-type"), body,
                                   value_of(call.query, "fieldManager")));
  }
  if (path.name.empty()) return remove_all(path, call);
  return reply_of(objects_.remove(path, body));
}

/// As the kubelet wipes ResourceSlices.
HttpReply FakeApiServer::remove_all(const FakeApiPath& collection, const HttpCall& call) {
  for (const Json& object : objects_.list(collection, value_of(call.query, "fieldSelector"))) {
    FakeApiPath path = collection;
    path.name = object["metadata"]["name"];
    if (object["metadata"].contains("namespace")) {
      path.name_space = object["metadata"]["namespace"];
    }
    objects_.remove(path, Json());
  }
  return reply_of(200, {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Success"}});
}

}  // namespace sluice
