#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "pkg/http/server.h"
#include "test/fake/fake_api_objects.h"

namespace sluice {

/// A Kubernetes API server of one process and one test: objects with resourceVersions behind HTTP
/// or HTTPS on a loopback port, watches as streams, and the ways in which a real one misbehaves.
/// Thread-safe.
class FakeApiServer {
 public:
  using Json = nlohmann::json;

  struct Request {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;
    std::string body;
    std::string content_type;
    std::string authorization;

    bool is_watch() const { return query.count("watch") != 0; }
  };

  /// A refusal for the next request that fits.
  struct Fault {
    int status = 500;
    std::string reason = {};
    int retry_after = 0;      ///< Seconds; 0: no such header.
    std::string method = {};  ///< Empty: any.
    bool for_watch = false;   ///< For watches alone; otherwise for all but them.
    std::string path = {};    ///< What the path contains; empty: any.
  };

  explicit FakeApiServer(HttpServerTls tls = {});
  FakeApiServer(const FakeApiServer&) = delete;
  FakeApiServer& operator=(const FakeApiServer&) = delete;
  ~FakeApiServer();

  std::string url() const;

  // What other clients do. `path` is that of the object.
  void put(const std::string& path, Json object);
  void erase(const std::string& path);
  Json object(const std::string& path) const;  // null when there is none
  std::vector<Json> list(const std::string& collection) const;

  /// From now on the group has these versions and no others, and says so when asked.
  void serve(const std::string& group, std::set<std::string> versions);

  /// Sees every object that is to be created or replaced, with what is there now (null when there
  /// is none): may change it, as disabled feature gates do, or refuse it.
  using Admission = std::function<std::optional<FakeApiRefusal>(const FakeApiPath& path,
                                                                const Json& before, Json& object)>;
  void admit_with(Admission admission);

  // How it misbehaves.
  void fail_next(Fault fault);
  /// From now on every request for which it answers something is refused; empty: none is. Called
  /// without a lock, so that it may change the world between two requests.
  using Denial = std::function<std::optional<FakeApiRefusal>(const Request& request)>;
  void deny(Denial denial);
  /// The next request is answered at the end of the test only.
  void hang_next();
  /// Forgets the past: open watches end with an ERROR event, later ones from before with status
  /// 410.
  void expire();
  /// Ends every open watch: after a whole line, or with `rest` behind it.
  void cut_watches(const std::string& rest = "");
  /// Sends a BOOKMARK on every open watch.
  void bookmark();
  /// From now on every other bearer token is answered with 401; `refused` is called each time.
  void require_token(const std::string& token, std::function<void()> refused = {});

  // What was asked.
  std::vector<Request> requests() const;
  /// Waits until so many requests that fit have come; false after 30 s.
  bool wait_for(std::size_t count, const std::function<bool(const Request&)>& fits) const;
  /// Waits until so many watches are open; false after 30 s.
  bool wait_for_watches(std::size_t count) const;

 private:
  struct Watch {
    FakeApiPath collection;
    std::string selector;
    std::size_t seen;                    // How many of the changes.
    std::deque<std::string> lines = {};  // To be sent out of turn.
    bool ends = false;                   // After these lines.
  };

  HttpReply handle(const HttpCall& call);
  HttpReply act(const FakeApiPath& path, const HttpCall& call);
  HttpReply write(const FakeApiPath& path, const HttpCall& call, Json body);
  HttpReply remove_all(const FakeApiPath& collection, const HttpCall& call);
  std::optional<HttpReply> discover(const std::string& path) const;
  HttpReply list_of(const FakeApiPath& path, const HttpCall& call) const;
  HttpReply watch_of(const FakeApiPath& path, const HttpCall& call);
  std::optional<HttpReply> misbehave(const Request& request, std::unique_lock<std::mutex>& lock);
  std::optional<std::string> next_of(Watch& watch, const std::stop_token& stop);
  void tell_watches(const std::string& line, bool then_end);

  const std::string scheme_;
  mutable std::mutex mutex_;  // Guards all below, save server_.
  mutable std::condition_variable_any changed_;
  FakeApiObjects objects_;
  std::vector<Request> requests_;
  std::deque<Fault> faults_;
  std::vector<std::weak_ptr<Watch>> watches_;
  std::map<std::string, std::set<std::string>> groups_;  // "/apis/<group>" -> versions
  Admission admission_;
  std::string token_;
  std::function<void()> refused_;
  Denial denial_;
  bool hang_next_ = false;
  bool ending_ = false;
  std::unique_ptr<HttpServer> server_;  // The last member: it uses those above.
};

}  // namespace sluice
