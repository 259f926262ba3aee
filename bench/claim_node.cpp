#include "bench/claim_node.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/bench.h"
#include "pkg/rpc/channel.h"
#include "proto/dra_v1.grpc.pb.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/kubeconfig.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice::bench {
namespace {

namespace wire = ::k8s::io::kubelet::pkg::apis::dra::v1;

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLimit{20};

constexpr const char* kConfig =
    R"({"ports": [{"select": {}, "vfs": "max", "shares": {"claims": {}}}], "classes": []})";
constexpr const char* kPod = "/api/v1/namespaces/ml/pods/trainer";
constexpr const char* kSlices = "/apis/resource.k8s.io/v1/resourceslices";

std::string port_address(int port) {
  return fmt::format("0000:{:02x}:00.0", 0x10 + port);
}

std::string claim_path(const std::string& name) {
  return "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/" + name;
}

Result<> judged(const std::string& error) {
  return error.empty() ? Result<>() : Error(Code::internal, error);
}

template <typename Request>
Request request(const std::string& name, const std::string& uid) {
  Request request;
  auto& claim = *request.add_claims();
  claim.set_uid(uid);
  claim.set_namespace_("ml");
  claim.set_name(name);
  return request;
}

}  // namespace

ClaimNode::ClaimNode(std::string program)
    : program_(std::move(program)), kubelet_(files_ / "kubelet", FakeKubelet::Registry::watched) {
  for (int port = 0; port < kPorts; ++port) {
    tree_.pf(port_address(port), {.vfs = kVfsPerPort, .total_vfs = kVfsPerPort, .rdma = true});
  }
  std::ofstream(files_ / "config.json") << kConfig;
  std::ofstream(files_ / "kubeconfig") << kubeconfig_of(api_.url());
  api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
  api_.put(kPod, {{"metadata", {{"name", "trainer"}}},
                  {"spec", {{"containers", nlohmann::json::array()}}}});
  api_.serve("resource.k8s.io", {"v1"});
  api_.admit_with(slice_admission());
  kubelet_.start();
}

ClaimNode::~ClaimNode() {
  daemon_.reset();
  kubelet_.stop();
}

Result<double> ClaimNode::start() {
  daemon_.reset();
  channel_.reset();
  const std::size_t before = times_published();
  const Clock::time_point begin = Clock::now();
  daemon_.emplace(TRY(Daemon::start({program_,
                                     "run",
                                     "--config",
                                     files_ / "config.json",
                                     "--sysfs-root",
                                     tree_.path(),
                                     "--run-dir",
                                     files_ / "run",
                                     "--state-dir",
                                     files_ / "state",
                                     "--kubelet-dir",
                                     files_ / "kubelet",
                                     "--cdi-dir",
                                     files_ / "cdi",
                                     "--device-info-dir",
                                     files_ / "devinfo",
                                     "--kubeconfig",
                                     files_ / "kubeconfig",
                                     "--node-name",
                                     "n",
                                     "--http-port",
                                     "0"},
                                    files_ / "log")));
  while (times_published() == before) {
    if (Clock::now() - begin > kLimit) return Error(Code::timed_out, "no slices were published");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::size_t ClaimNode::writes() const {
  const auto requests = api_.requests();
  return static_cast<std::size_t>(std::ranges::count_if(requests, [](const auto& request) {
    return request.path.starts_with(kSlices) && request.method != "GET" &&
           !request.query.contains("dryRun");
  }));
}

std::string ClaimNode::make_claim(const std::string& name, int lanes, int port) {
  dra::ClaimObject claim;
  for (int i = 0; i < lanes; ++i) {
    auto& share = claim.share("vf" + std::to_string(i), "100M");
    share["pool"] = "n";
    share["device"] = fmt::format("port-0000-{:02x}-00-0", 0x10 + port);
  }
  claim.json()["metadata"]["name"] = name;
  claim.json()["metadata"].erase("uid");
  claim.json()["status"]["reservedFor"][0]["uid"] = api_.object(kPod)["metadata"]["uid"];
  api_.put(claim_path(name), claim.json());
  return api_.object(claim_path(name))["metadata"]["uid"].get<std::string>();
}

Result<> ClaimNode::prepare(const std::string& name, const std::string& uid) {
  wire::DRAPlugin::Stub stub(TRY(channel()));
  const auto answer =
      TRY(call(stub, &wire::DRAPlugin::Stub::NodePrepareResources,
               request<wire::NodePrepareResourcesRequest>(name, uid), kLimit, "prepare"));
  return judged(answer.claims().at(uid).error());
}

Result<> ClaimNode::unprepare(const std::string& name, const std::string& uid) {
  wire::DRAPlugin::Stub stub(TRY(channel()));
  const auto answer =
      TRY(call(stub, &wire::DRAPlugin::Stub::NodeUnprepareResources,
               request<wire::NodeUnprepareResourcesRequest>(name, uid), kLimit, "unprepare"));
  return judged(answer.claims().at(uid).error());
}

Result<double> ClaimNode::ask_server(const std::string& name) {
  Result<std::string> read = std::string();
  const double taken = seconds([&] {
    read = client_.get(claim_path(name));
    if (read) read = client_.get(kPod);
  });
  TRY(std::move(read));
  return taken;
}

std::size_t ClaimNode::files() const {
  std::size_t count = 0;
  for (const char* const folder : {"cdi", "state", "run"}) {
    std::error_code gone;
    for (const auto& each : std::filesystem::recursive_directory_iterator(files_ / folder, gone)) {
      count += each.is_regular_file() ? 1 : 0;
    }
  }
  return count;
}

std::size_t ClaimNode::times_published() const {
  std::ifstream log(files_ / "log");
  std::size_t count = 0;
  for (std::string line; std::getline(log, line);) {
    if (line.find("ResourceSlices are published") != std::string::npos) ++count;
  }
  return count;
}

Result<std::shared_ptr<grpc::Channel>> ClaimNode::channel() {
  if (channel_ != nullptr) return channel_;
  std::error_code gone;
  for (const auto& each :
       std::filesystem::directory_iterator(files_ / "kubelet/plugins/sluice.dev", gone)) {
    if (each.is_socket()) channel_ = unix_channel(each.path());
  }
  if (channel_ == nullptr) return Error(Code::not_found, "the driver has no socket");
  return channel_;
}

}  // namespace sluice::bench
