// What programs do in the life of a lane; what has to be true of it is in expectations.cpp.
#include "test/life/life.h"

#include "agent/repair/lane_repairer.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/lane/providers.h"
#include "pkg/provision/provisioner.h"

namespace sluice {
namespace {

// Of rates in the steps: the coarsest a driver programs.
constexpr BitRate kStep = BitRate::mbps(50);

BitRate part_of(BitRate whole, std::uint64_t parts) {
  return BitRate::bits_per_second(whole.as_bits_per_second() / parts).rounded_down(kStep);
}

}  // namespace

Life::Life(Hardware& hardware)
    : hardware_(hardware), can_(hardware.abilities()), dir_(TempDir::kInMemory) {
  restart();
}

void Life::restart() {
  ledger_ = std::make_unique<Ledger>(*Ledger::open(dir_ / "run", "boot-1"));
  aside_ = std::make_unique<SetAsideStore>(dir_ / "lib");
  Kernel& kernel = hardware_.kernel();
  const Dir& sysfs = hardware_.sysfs();
  lanes_ =
      std::make_unique<Lanes>(kernel, sysfs, *ledger_, *aside_, providers(kernel, sysfs, *ledger_));
}

std::string Life::provision() {
  ProvisionRule rule;
  rule.select.address = hardware_.port();
  rule.vfs = VfCount::exactly(Hardware::kVfs);
  Provisioner provisioner({.sysfs_root = hardware_.sysfs_root(), .timeout = hardware_.timeout()},
                          hardware_.sysfs(), hardware_.kernel().links(), *ledger_,
                          hardware_.progress());
  const auto outcomes = provisioner.run({.rules = {rule}});
  std::string text = outcomes ? to_text(*outcomes) : outcomes.error().message();
  hardware_.settle();
  homes_.clear();
  for (int i = 0; i < Hardware::kVfs; ++i) {
    const Link link = link_at_home(i);
    homes_.push_back({link.name, link.mac, link.mtu, reported(i).value_or(VfInfo())});
  }
  return text;
}

void Life::take_mac_of_new_driver(int vf) {
  homes_.at(static_cast<std::size_t>(vf)).mac = link_at_home(vf).mac;
}

BitRate Life::floor() const {
  return part_of(hardware_.line_rate(), 10);
}

BitRate Life::ceiling() const {
  return part_of(hardware_.line_rate(), 5);
}

LaneRequest Life::request(int vf, const std::string& pod) const {
  LaneRequest wanted;
  wanted.made_of = OfVf{hardware_.vf(vf)};
  wanted.owner = {.network = "rdma-net",
                  .container_id = "container-" + pod,
                  .ifname = "net1",
                  .netns = hardware_.netns_of(pod),
                  .netns_cookie = 0,
                  .pod = {}};
  wanted.timeout = std::chrono::milliseconds(0);
  return wanted;
}

LaneRequest Life::rich_request(int vf, const std::string& pod) const {
  LaneRequest wanted = request(vf, pod);
  wanted.mtu = 2000;
  if (can_.mac) wanted.settings.mac = MacAddress({2, 0xaa, 0, 0, 0, static_cast<std::uint8_t>(vf)});
  if (can_.vlan) wanted.settings.vlan = VlanTag{.id = 100, .qos = 3};
  if (can_.spoofchk) wanted.settings.spoofchk = false;
  if (can_.trust) wanted.settings.trust = true;
  if (can_.link_state) wanted.settings.link_state = VfLinkState::enable;
  if (can_.rates) wanted.floor = floor();
  if (can_.rates) wanted.ceiling = ceiling();
  return wanted;
}

std::optional<NetNs> Life::pod(const std::string& name) {
  auto found = hardware_.kernel().find_netns(hardware_.netns_of(name));
  return found ? *std::move(found) : std::nullopt;
}

Result<Lane> Life::add(const LaneRequest& wanted) {
  const auto netns = TRY(hardware_.kernel().find_netns(wanted.owner.netns));
  if (!netns) return Error(Code::not_found, "the pod has no namespace");
  return lanes_->attach(wanted, *netns);
}

Result<> Life::del(const std::string& pod) {
  return lanes_->detach({"container-" + pod, "net1"});
}

void Life::tend() {
  LogOutput output(LogLevel::info, LogFormat::text, said_);
  Metrics metrics;
  NoKubernetes no_kubernetes;
  // A new process, for it waits between two tries of the same.
  restart();
  LaneRepairer repairer({*lanes_, *ledger_, LeaseStore(dir_ / "lib"), metrics},
                        Announcer(Log(output, "repair"), no_kubernetes));
  for (int second = 0; second < 3; ++second) {
    repairer.notice();
    repairer.step();
  }
}

std::string Life::ledger_file() const {
  return "run/ports/" + hardware_.port().to_string() + ".json";
}

std::string Life::read_ledger() const {
  return dir_.read(ledger_file());
}

void Life::write_ledger(const std::string& text) const {
  std::filesystem::remove(dir_ / ledger_file());
  if (!text.empty()) dir_.write(ledger_file(), text);
}

PortRecord Life::record() const {
  const Result<PortRecord> port = ledger_->peek(hardware_.port().to_string());
  EXPECT_THAT(port, IsOk());
  return port ? *port : PortRecord();
}

Link Life::link_at_home(int vf) {
  const auto where = locate_vf(hardware_.sysfs(), hardware_.vf(vf));
  if (!where || where->link.empty()) return {};
  const auto link = hardware_.kernel().links().find(where->link);
  return link && *link ? **link : Link();
}

std::optional<VfInfo> Life::reported(int vf) {
  const auto where = locate_vf(hardware_.sysfs(), hardware_.vf(vf));
  if (!where) return std::nullopt;
  Links& links = hardware_.kernel().links();
  const auto port = links.find(where->port_link);
  if (!port || !*port) return std::nullopt;
  const auto list = links.vfs((*port)->index);
  const VfInfo* const info = list ? list->find(vf) : nullptr;
  return info != nullptr ? std::optional(*info) : std::nullopt;
}

int Life::index_of(const LaneRequest& wanted) const {
  const PciAddress asked = std::get<OfVf>(wanted.made_of).vf;
  int index = 0;
  while (index < Hardware::kVfs && hardware_.vf(index) != asked) ++index;
  return index;
}

}  // namespace sluice
