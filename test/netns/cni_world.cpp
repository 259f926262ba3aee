#include "test/netns/cni_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/netlink/kernel_links.h"

namespace sluice::cni {
namespace {

// Far more than any call needs, so that only one that hangs meets it.
constexpr std::chrono::seconds kTimeout{60};

constexpr int kVfs = 4;

std::vector<Link> without_carrier(std::vector<Link> links) {
  for (Link& link : links) link.carrier = false;  // Follows by itself, later.
  return links;
}

}  // namespace

CniWorld::CniWorld() {
  tree_.pf(kPort, {.vfs = kVfs, .driver = "ena", .link = "pf", .vf_driver = "ena"});
  kernel_ = run_in(host_, [] { return LiveKernel::open(); }).value();
  Links& links = kernel_->links();
  const auto add = [&](const std::string& name, const std::string& peer, const NetNs* netns) {
    EXPECT_THAT(links.add({.kind = LinkKind::veth, .name = name, .peer_name = peer}), IsOk());
    if (netns == nullptr) return;
    const int index = links.find(name).value()->index;
    EXPECT_THAT(links.change(index, {.netns = netns, .up = true}), IsOk());
  };
  add("pf0", "cable0", nullptr);
  for (int i = 0; i < kVfs; ++i) {
    add(fmt::format("pf0v{}", i), fmt::format("wire{}", i), nullptr);
  }
  add("switch0", "uplink0", &switch_);
  const int uplink = links.find("uplink0").value()->index;
  EXPECT_THAT(links.change(uplink, {.up = true}), IsOk());
  links_ = without_carrier(links.list().value());
  shaping_ = kernel_->traffic_control().value()->qdiscs(uplink).value();
}

PluginExit CniWorld::call(const std::string& command, const Who& who, const std::string& conf,
                          const std::vector<std::string>& variables) {
  std::vector<std::string> all = variables;  // The first of a name is the one that is found.
  all.insert(all.end(), {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND=" + command,
                         "CNI_CONTAINERID=" + who.container, "CNI_NETNS=" + who.netns,
                         "CNI_IFNAME=" + who.ifname, "CNI_PATH=" + dir_.path(),
                         "SLUICE_RUN_DIR=" + (dir_ / "run"), "SLUICE_STATE_DIR=" + (dir_ / "lib"),
                         "SLUICE_SYSFS_ROOT=" + tree_.path()});
  const Result<PluginExit> exit = run_in(host_, [&] {
    return run({.path = plugin_, .variables = std::move(all), .input = conf, .timeout = kTimeout});
  });
  EXPECT_THAT(exit, IsOk());
  return exit ? *exit : PluginExit{.status = -1, .output = {}};
}

void CniWorld::expect_silent_success(const std::string& command, const Who& who,
                                     const std::string& conf) {
  const PluginExit exit = call(command, who, conf);
  EXPECT_EQ(exit.status, 0) << command << " of " << who.container;
  EXPECT_EQ(exit.output, "") << command << " of " << who.container;
}

PluginExit CniWorld::shell(const std::string& body) {
  const std::string path = dir_ / "script";
  dir_.write("script", "#!/bin/sh\n" + body + "\n");
  ::chmod(path.c_str(), 0755);
  return run_in(host_,
                [&] {
                  return run({.path = path,
                              .variables = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
                              .input = "",
                              .timeout = kTimeout});
                })
      .value();
}

std::string CniWorld::conf(int vf, const std::string& more) {
  return fmt::format(R"({{"cniVersion":"1.1.0","name":"rdma-net","type":"sluice",)"
                     R"("deviceID":"{}","logLevel":"panic"{}}})",
                     CniWorld::vf(vf), more);
}

std::string CniWorld::path_of(const NetNs& netns) {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), netns.fd());
}

std::optional<Link> CniWorld::link_in(const NetNs& netns, const std::string& name) {
  return KernelLinks::open(&netns).value().find(name).value();
}

void CniWorld::expect_free(int vf) {
  const std::string name = fmt::format("pf0v{}", vf);
  const std::optional<Link> link = kernel_->links().find(name).value();
  ASSERT_NE(link, std::nullopt) << name << " is not at home";
  for (const Link& before : links_) {
    if (before.name != name) continue;
    EXPECT_FALSE(link->up) << name;
    EXPECT_EQ(link->mac, before.mac) << name;
    EXPECT_EQ(link->mtu, before.mtu) << name;
  }
}

std::vector<std::string> CniWorld::owners() {
  const std::string boot_id(trim(read_file("/proc/sys/kernel/random/boot_id").value()));
  const Ledger ledger = Ledger::open(dir_ / "run", boot_id).value();
  std::vector<std::string> containers;
  const std::vector<std::string> ports = ledger.ports().value();
  for (const std::string& port : ports) {
    const PortRecord record = ledger.peek(port).value();
    for (const LaneRecord& lane : record.lanes) containers.push_back(lane.owner.container_id);
  }
  return containers;
}

void CniWorld::expect_nothing_left() {
  EXPECT_THAT(owners(), testing::IsEmpty());
  EXPECT_EQ(without_carrier(kernel_->links().list().value()), links_);
  const int uplink = kernel_->links().find("uplink0").value()->index;
  EXPECT_EQ(kernel_->traffic_control().value()->qdiscs(uplink).value(), shaping_);
  EXPECT_THAT(kernel_->traffic_control().value()->filters(uplink, kTcIngress).value(),
              testing::IsEmpty());
  EXPECT_EQ(link_in(other_pod_, "net1"), std::nullopt);
  if (pod_) {
    EXPECT_EQ(link_in(*pod_, "net1"), std::nullopt);
  }
  const std::filesystem::path notes = dir_ / "run/device-info";
  EXPECT_TRUE(!std::filesystem::exists(notes) || std::filesystem::is_empty(notes));
}

int code_of(const PluginExit& exit) {
  const auto json = nlohmann::json::parse(exit.output, nullptr, false);
  return json.is_object() ? json.value("code", 0) : 0;
}

}  // namespace sluice::cni
