#include "bench/node.h"

#include <sched.h>

#include <cerrno>
#include <cstdlib>

#include "bench/program.h"
#include "pkg/inventory/scan.h"

namespace sluice::bench {
namespace {

constexpr const char* kPort = "0000:10:00.0";

Result<> add_pair(Links& links, const std::string& name, const std::string& peer) {
  NewLink link;
  link.kind = LinkKind::veth;
  link.name = name;
  link.peer_name = peer;
  return links.add(link).context("add {}", name);
}

}  // namespace

Result<std::unique_ptr<Node>> Node::make() {
  Pod pod = TRY(Pod::make());
  std::unique_ptr<LiveKernel> kernel = TRY(LiveKernel::open());
  std::optional<NetNs> netns = TRY(kernel->find_netns(pod.netns()));
  if (!netns) return Error(Code::not_found, pod.netns());
  return std::unique_ptr<Node>(new Node(std::move(pod), std::move(kernel), *std::move(netns)));
}

Result<> Node::add_veths(int vfs) {
  TRY(add_pair(kernel_->links(), "eth0", "eth0p"));
  for (int i = 0; i < vfs; ++i) {
    const std::string name = fmt::format("eth0v{}", i);
    TRY(add_pair(kernel_->links(), name, fmt::format("peer{}", i)));
    vfs_.push_back({.vf = SysfsTree::vf(kPort, i), .link = name});
  }
  return {};
}

Result<std::unique_ptr<Node>> Node::with_veths(int vfs) {
  if (::unshare(CLONE_NEWNET) != 0) return Error::from_errno(errno, "unshare network namespace");
  std::unique_ptr<Node> node = TRY(make());
  node->tree_ = std::make_unique<SysfsTree>();
  node->tree_->pf(kPort, {.vfs = vfs, .total_vfs = vfs, .driver = "ena", .vf_driver = "ena"});
  node->sysfs_root_ = node->tree_->path();
  node->port_ = kPort;
  TRY(node->add_veths(vfs));
  return node;
}

Result<std::unique_ptr<Node>> Node::of_lab() {
  const char* const ports = std::getenv("LAB_PORTS");  // NOLINT(concurrency-mt-unsafe)
  if (ports == nullptr) return Error(Code::invalid_argument, "LAB_PORTS is not set");
  const PciAddress address = TRY(PciAddress::parse(std::string(ports).substr(0, 12)));
  const Dir sysfs = TRY(Dir::open("/sys"));
  const std::optional<Port> port = TRY(scan_port(sysfs, address));
  if (!port || port->vfs.empty()) return Error(Code::not_found, "no VFs on the first port");
  std::unique_ptr<Node> node = TRY(make());
  node->port_ = address.to_string();
  for (const Vf& vf : port->vfs) node->vfs_.push_back({.vf = vf.address, .link = vf.link});
  return node;
}

Result<> Node::move_in(std::size_t vf) const {
  Links& links = kernel_->links();
  const std::optional<Link> link = TRY(links.find(vfs_[vf].link));
  if (!link) return Error(Code::not_found, fmt::format("link {}", vfs_[vf].link));
  return links.change(link->index, {.netns = &netns_, .name = name_in_pod(vf), .up = true});
}

Result<> Node::move_home(std::size_t vf) const {
  const std::unique_ptr<Links> links = TRY(kernel_->links_in(netns_));
  const std::optional<Link> link = TRY(links->find(name_in_pod(vf)));
  if (!link) return Error(Code::not_found, fmt::format("link {} in pod", name_in_pod(vf)));
  return links->change(link->index,
                       {.netns = &kernel_->host(), .name = vfs_[vf].link, .up = false});
}

Result<> Node::call(const std::string& plugin, const CniCall& call) const {
  const std::vector<std::string> environment = {
      "CNI_PATH=/usr/lib/cni",
      "SLUICE_SYSFS_ROOT=" + sysfs_root_,
      "SLUICE_RUN_DIR=" + run_dir(),
      "SLUICE_STATE_DIR=" + state_dir(),
      "CNI_COMMAND=" + call.command,
      "CNI_CONTAINERID=" + call.container,
      "CNI_NETNS=" + pod_.netns(),
      "CNI_IFNAME=" + call.ifname,
      "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=bench;K8S_POD_UID=5f0c"};
  TRY(run_program(plugin, environment, call.conf));
  return {};
}

}  // namespace sluice::bench
