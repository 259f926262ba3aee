#include "test/fake/fake_machine.h"

#include <filesystem>

#include "test/fake/vf_model.h"

namespace sluice {

FakeMachine::FakeMachine(const DriverModel& model)
    : model_(model),
      sysfs_((tree_.pf(kPort, sysfs_port()), tree_.root())),
      port_(kernel_.node(), model, kPort) {
  kernel_.node().on_change([this] { show(); });
  kernel_.log().on_request([this] { on_request(); });
  kernel_.node().rdma()->on_request = [this] { on_request(); };
  kernel_.fake_devlink().on_request = [this] { on_request(); };
  show();
}

// The function alone; links, RDMA devices and VFs are shown as they come.
FakePort FakeMachine::sysfs_port() const {
  const FakeDriver& driver = model_.driver;
  return {.total_vfs = driver.most_vfs,
          .driver = std::string(driver.port_driver),
          .link = "",
          .phys_port_name = driver.switch_id ? "p0" : "",
          .device = std::string(model_.device),
          .vf_driver = std::string(driver.vf_driver),
          .vf_link = ""};
}

void FakeMachine::drive(const std::string& line) {
  constexpr std::string_view kCreating = "creating ";
  if (line.find("removing") != std::string::npos) port_.set_vfs(0);
  const auto at = line.find(kCreating);
  if (at == std::string::npos || !line.ends_with("VFs …")) return;
  port_.set_vfs(std::stoi(line.substr(at + kCreating.size())));
}

void FakeMachine::show() {
  show_vfs();
  show_function(kPort);
  show_port();
  for (int i = 0; i < shown_vfs_; ++i) show_function(vf(i).to_string());
  show_eswitch();
}

void FakeMachine::show_vfs() {
  const int count = port_.vfs();
  if (count == shown_vfs_) return;
  for (int i = 0; i < shown_vfs_; ++i) {
    tree_.take_link_away(vf(i).to_string());
    shown_.erase(vf(i).to_string());
  }
  if (shown_vfs_ > 0) tree_.remove_vfs(kPort);
  FakePort vfs = sysfs_port();
  vfs.vfs = count;
  tree_.add_vfs(kPort, vfs);
  tree_.write(SysfsTree::device(kPort) + "/sriov_numvfs", std::to_string(count));
  // Without one there is nothing to list, take_link_away() included.
  for (int i = 0; i < count; ++i) {
    std::filesystem::create_directories(tree_.path() + "/" + SysfsTree::device(vf(i).to_string()) +
                                        "/net");
  }
  shown_vfs_ = count;
}

FakeMachine::Shown FakeMachine::look_at(const std::string& function) {
  Shown now;
  if (const FakeLink* const link = node().link_of(function)) {
    now.net = true;
    if (node().netns_of(function) == FakeNode::kHost) now.links.push_back(link->link.name);
  }
  for (const auto& [index, device] : node().rdma()->devices) {
    if (device.function != function) continue;
    now.rdma = device.device.name;
    now.chars = device.chars;
  }
  return now;
}

void FakeMachine::show_function(const std::string& function) {
  const Shown now = look_at(function);
  const auto before = shown_.find(function);
  if (before != shown_.end() && before->second == now) return;
  const Shown old = before != shown_.end() ? before->second : Shown();
  if (before == shown_.end() || old.links != now.links || old.net != now.net) {
    write_links(function, now);
    if (function == kPort) shown_wire_.clear();
  }
  write_rdma(function, old, now);
  shown_[function] = now;
}

void FakeMachine::write_links(const std::string& function, const Shown& now) {
  const std::string net = SysfsTree::device(function) + "/net";
  std::filesystem::create_directories(tree_.path() + "/" + net);
  tree_.take_link_away(function);
  for (const std::string& name : now.links) {
    tree_.add_link(function, name, function == kPort ? sysfs_port().phys_port_name : "");
  }
  if (!now.net) tree_.remove(net);
}

void FakeMachine::write_rdma(const std::string& function, const Shown& before, const Shown& now) {
  if (before.rdma == now.rdma && before.chars == now.chars) return;
  const std::string at = SysfsTree::device(function);
  tree_.remove(at + "/infiniband_verbs").remove(at + "/infiniband_mad");
  tree_.remove(at + "/infiniband");
  if (now.rdma.empty()) return;
  for (const auto& [type, number] : now.chars) {
    const std::string folder = type == "uverbs" ? "infiniband_verbs" : "infiniband_mad";
    tree_.write(at + "/" + folder + "/" + type + std::to_string(number) + "/ibdev", now.rdma);
  }
  tree_.write(at + "/infiniband/" + now.rdma + "/ports/1/rate", "100 Gb/sec (4X EDR)");
}

// Without carrier the speed is SPEED_UNKNOWN (net/core/net-sysfs.c speed_show).
void FakeMachine::show_port() {
  const FakeLink& port = port_.port();
  const std::string speed = port.link.carrier ? std::to_string(port.mbps) : "-1";
  if (speed == shown_wire_) return;
  shown_wire_ = speed;
  const std::string at = SysfsTree::device(kPort) + "/net/" + port.link.name;
  const bool infiniband = port.driver.infiniband;
  tree_.write(at + "/speed", infiniband ? "-1" : speed);
  tree_.write(at + "/carrier", port.link.carrier ? "1" : "0");
  tree_.write(at + "/type", infiniband ? "32" : "1");
  if (port.driver.switch_id) tree_.write(at + "/phys_switch_id", "b8cef6");
}

void FakeMachine::show_eswitch() {
  const FakeLink& port = port_.port();
  const FakeDriver& driver = port.driver;
  const auto now = std::pair(port.eswitch, port_.vfs());
  if (!driver.switch_id || now == shown_eswitch_) return;
  shown_eswitch_ = now;
  const bool leaves = driver.rate_leaves && port.eswitch == EswitchMode::switchdev;
  kernel_.fake_devlink().add(
      DevlinkDevice::pci(*PciAddress::parse(kPort)), port.eswitch, leaves ? port_.vfs() : 0,
      [this](int index, const Rate& rate) {
        return VfModel(node(), port_.port(), port_.vf(index)).set_leaf_rate(rate);
      });
}

void FakeMachine::die_before(int nth, std::function<void()> at_death) {
  dies_at_ = requests_ + nth;
  at_death_ = std::move(at_death);
}

void FakeMachine::on_request() {
  ++requests_;
  if (requests_ != dies_at_ || dead_) return;
  dead_ = true;
  if (at_death_) at_death_();
  refuse_all(Error(Code::internal, "the process is dead"));
}

void FakeMachine::refuse_all(const std::optional<Error>& error) {
  kernel_.log().refuse_all(error);
  kernel_.node().rdma()->refusal = error;
  kernel_.fake_devlink().refusal = error;
}

void FakeMachine::revive() {
  dead_ = false;
  requests_ = dies_at_ = 0;
  refuse_all(std::nullopt);
}

}  // namespace sluice
