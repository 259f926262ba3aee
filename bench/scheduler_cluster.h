#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/daemon.h"
#include "pkg/base/result.h"
#include "pkg/http/client.h"
#include "pkg/http/server.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {

/// A cluster as `sluice-scheduler` sees it: an API server whose objects are made up when they are
/// asked for, and the program itself. Nodes have four ports of 100 Gbit/s; pods have a lane each,
/// and are spread over the nodes.
class SchedulerCluster {
 public:
  SchedulerCluster(std::size_t nodes, std::size_t pods);
  SchedulerCluster(const SchedulerCluster&) = delete;
  SchedulerCluster& operator=(const SchedulerCluster&) = delete;
  ~SchedulerCluster();

  /// Starts the program and waits until it is ready; the seconds that took.
  Result<double> start(const std::string& program);

  /// What kube-scheduler asks; the answer's body.
  Result<std::string> ask(const std::string& verb, const std::string& body);

  /// A round trip of `body` and an answer of `size` bytes through a server that does nothing.
  Result<> echo(const std::string& body, std::size_t size);

  const std::vector<std::string>& node_names() const { return names_; }

  const Daemon& daemon() const { return *daemon_; }

 private:
  HttpReply handle(const HttpCall& call);
  HttpReply list(const HttpCall& call, std::size_t count,
                 std::string (SchedulerCluster::*object)(std::size_t number) const) const;
  HttpReply watch(bool is_of_pods);
  HttpReply bind(const HttpCall& call);
  std::string node(std::size_t number) const;
  std::string node_lanes(std::size_t number) const;
  std::string pod(std::size_t number) const;
  Result<> await_ready();

  const std::size_t pods_;
  std::vector<std::string> names_;
  TempDir dir_;
  std::mutex mutex_;  // Guards those below.
  std::condition_variable_any changed_;
  std::deque<std::string> events_;  // Of pods, not yet sent.
  std::size_t echo_size_ = 0;
  std::unique_ptr<HttpServer> server_;
  std::optional<Daemon> daemon_;
  HttpClient client_{{}, "kube-scheduler"};
  std::string url_;
};

/// A Pod of the API, as large as they are; `number` tells its name and UID. Without a node it is
/// not bound, and `annotations` are what it has beside the usual.
std::string pod_text(std::size_t number, const std::string& node, const std::string& annotations);

}  // namespace sluice::bench
