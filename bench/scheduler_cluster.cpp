#include "bench/scheduler_cluster.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "bench/bench.h"
#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/node_lanes/node_lanes.h"
#include "test/support/kubeconfig.h"

namespace sluice::bench {
namespace {

using nlohmann::json;

constexpr int kPorts = 4;
constexpr std::array kFloors = {1, 2, 5, 10, 25};
constexpr std::chrono::seconds kStart{120};
constexpr std::chrono::seconds kSilence{600};  // Of a watch: no list while it is measured.
// Of pods and nodes of real clusters, beside what is read: managedFields, containers, conditions.
constexpr std::size_t kPodFiller = 4000;
constexpr std::size_t kNodeFiller = 8000;

std::string port_name(std::size_t number) {
  return fmt::format("0000:{:02x}:00.0", 0x10 + number);
}

std::string filler(std::size_t size) {
  return fmt::format(R"("managedFields":[{{"fieldsV1":"{}"}}])", std::string(size, 'x'));
}

HttpReply reply(std::string body, int status = 200) {
  return {.status = status, .body = std::move(body), .content_type = "application/json"};
}

}  // namespace

std::string pod_text(std::size_t number, const std::string& node, const std::string& annotations) {
  const std::string bound = node.empty() ? "" : fmt::format(R"("nodeName":"{}",)", node);
  return fmt::format(
      R"({{"metadata":{{"name":"pod-{0}","namespace":"default",)"
      R"("uid":"00000000-0000-4000-8000-{0:012}","resourceVersion":"{1}","annotations":{{{2}}},{3}}},)"
      R"("spec":{{{4}"containers":[{{"name":"c","resources":{{"limits":{{"cpu":"1"}}}}}}]}},)"
      R"("status":{{"phase":"Running"}}}})",
      number, number + 1, annotations, filler(kPodFiller), bound);
}

SchedulerCluster::SchedulerCluster(std::size_t nodes, std::size_t pods) : pods_(pods) {
  names_.reserve(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    names_.push_back(fmt::format("ip-10-{}-{}-{}.eu-west-1.compute.internal", i / 65536,
                                 i / 256 % 256, i % 256));
  }
  auto started =
      HttpServer::start({.body_limit = 10u << 20, .deadline = kSilence},
                        {{"", "/", [this](const HttpCall& call) { return handle(call); }}});
  if (!started) std::abort();  // There is no loopback.
  server_ = std::move(*started);
}

SchedulerCluster::~SchedulerCluster() {
  daemon_.reset();
  server_.reset();
}

Result<double> SchedulerCluster::start(const std::string& program) {
  const std::string config = dir_.path() + "/kubeconfig";
  std::ofstream(config) << kubeconfig_of(fmt::format("http://127.0.0.1:{}", server_->port()));
  const std::string log = dir_.path() + "/log";
  const auto began = std::chrono::steady_clock::now();
  daemon_.emplace(TRY(Daemon::start(
      {program, "--kubeconfig", config, "--no-leader-election", "--port", "0"}, log)));
  TRY(await_ready());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

Result<> SchedulerCluster::await_ready() {
  const auto end = std::chrono::steady_clock::now() + kStart;
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    constexpr std::string_view kKey = "http=127.0.0.1:";
    const std::string log = TRY(read_file(dir_.path() + "/log"));
    const std::size_t at = log.find(kKey);
    if (at == std::string::npos) continue;
    url_ = "http://" + log.substr(at + 5, log.find_first_of(" \n", at) - at - 5);
    const auto ready = client_.send({.url = url_ + "/readyz"});
    if (ready && ready->status == 200) return {};
  }
  return Error(Code::timed_out, "the scheduler does not become ready");
}

Result<std::string> SchedulerCluster::ask(const std::string& verb, const std::string& body) {
  HttpAnswer answer =
      TRY(client_.send({.method = "POST", .url = url_ + "/scheduler/" + verb, .body = body}));
  if (answer.status == 200) return std::move(answer.body);
  return Error(Code::internal, fmt::format("{}: {} {}", verb, answer.status, answer.body));
}

Result<> SchedulerCluster::echo(const std::string& body, std::size_t size) {
  {
    const std::lock_guard lock(mutex_);
    echo_size_ = size;
  }
  TRY(client_.send({.method = "POST",
                    .url = fmt::format("http://127.0.0.1:{}/echo", server_->port()),
                    .body = body}));
  return {};
}

HttpReply SchedulerCluster::handle(const HttpCall& call) {
  if (call.path == "/echo") {
    const std::lock_guard lock(mutex_);
    return reply(std::string(echo_size_, 'x'));
  }
  if (call.path.ends_with("/binding")) return bind(call);
  if (call.query.count("watch") != 0) return watch(call.path == "/api/v1/pods");
  if (call.path == "/api/v1/nodes") return list(call, names_.size(), &SchedulerCluster::node);
  if (call.path == kNodeLanesPath) return list(call, names_.size(), &SchedulerCluster::node_lanes);
  if (call.path == "/api/v1/pods") return list(call, pods_, &SchedulerCluster::pod);
  return reply("{}", 404);
}

HttpReply SchedulerCluster::list(const HttpCall& call, std::size_t count,
                                 std::string (SchedulerCluster::*object)(std::size_t) const) const {
  const auto number = [&call](const char* key) -> std::size_t {
    const auto found = call.query.find(key);
    if (found == call.query.end()) return 0;
    return parse_int<std::size_t>(found->second).value_or(0);
  };
  const std::size_t from = number("continue");
  const std::size_t end = std::min(count, from + number("limit"));
  const std::string more = end < count ? fmt::format(R"("continue":"{}",)", end) : "";
  std::string body = fmt::format(R"({{"metadata":{{{}"resourceVersion":"1"}},"items":[)", more);
  for (std::size_t i = from; i < end; ++i) {
    if (i > from) body += ',';
    body += (this->*object)(i);
  }
  return reply(body + "]}");
}

HttpReply SchedulerCluster::watch(bool is_of_pods) {
  return {.content_type = "application/json",
          .stream = [this, is_of_pods](const std::stop_token& stop) -> std::optional<std::string> {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [&] { return is_of_pods && !events_.empty(); });
            if (stop.stop_requested()) return std::nullopt;
            std::string event = std::move(events_.front());
            events_.pop_front();
            return event;
          }};
}

/// As the real one: the pod is bound with the annotations, and its watchers hear of it.
HttpReply SchedulerCluster::bind(const HttpCall& call) {
  const json binding = json::parse(call.body);
  const json& metadata = binding["metadata"];
  const std::string name = metadata["name"];
  const std::string annotations = metadata["annotations"].dump();
  const std::string pod =
      pod_text(parse_int<std::size_t>(name.substr(name.find('-') + 1)).value_or(0),
               binding["target"]["name"], annotations.substr(1, annotations.size() - 2));
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(fmt::format("{{\"type\":\"MODIFIED\",\"object\":{}}}\n", pod));
  }
  changed_.notify_all();
  return reply(R"({"kind":"Status","status":"Success"})", 201);
}

std::string SchedulerCluster::node(std::size_t number) const {
  return fmt::format(R"({{"metadata":{{"name":"{}",{}}}}})", names_[number], filler(kNodeFiller));
}

std::string SchedulerCluster::node_lanes(std::size_t number) const {
  NodeLanes lanes{.node = names_[number], .domain = "sluice.dev"};
  for (std::size_t i = 0; i < kPorts; ++i) {
    lanes.ports.push_back({.name = port_name(i),
                           .link = fmt::format("ens{}f0", i),
                           .numa_node = static_cast<int>(i) / 2,
                           .driver = "mlx5_core",
                           .line_rate = BitRate::gbps(100),
                           .usable = BitRate::gbps(95),
                           .vfs = 16,
                           .floor_enforcement = "weight",
                           .ceiling_enforcement = "hardware",
                           .pods = {.vfs = 16, .bandwidth = BitRate::gbps(95)}});
  }
  return json{{"metadata", {{"name", lanes.node}}}, {"status", encode_status(lanes)}}.dump();
}

/// Multiplied so that no two nodes have the same pods.
std::string SchedulerCluster::pod(std::size_t number) const {
  const std::size_t mixed = number * 2654435761U >> 7U;  // Knuth's multiplicative hash.
  const std::string floor = fmt::format("{}G", kFloors[mixed % kFloors.size()]);
  return pod_text(
      number, names_[number % names_.size()],
      fmt::format(R"("sluice.dev/lanes":"[{{\"floor\":\"{0}\"}}]","sluice.dev/placement":)"
                  R"("{{\"version\":1,\"lanes\":[{{\"port\":\"{1}\",\"floor\":\"{0}\"}}]}}")",
                  floor, port_name(mixed / kFloors.size() % kPorts)));
}

}  // namespace sluice::bench
