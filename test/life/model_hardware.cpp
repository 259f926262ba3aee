#include "test/life/model_hardware.h"

namespace sluice {
namespace {

BitRate mbps(int value) {
  return BitRate::mbps(static_cast<std::uint64_t>(value));
}

}  // namespace

std::string to_string(const ModelCase& wanted) {
  std::string name(wanted.model);
  if (wanted.version == KernelVersion::v6_1) name += ", 6.1";
  if (wanted.version == KernelVersion::v7_3) name += ", 7.3";
  if (wanted.rdma == RdmaNetnsMode::shared) name += ", shared";
  return name;
}

ModelHardware::ModelHardware(const ModelCase& wanted)
    : case_(wanted), machine_(driver_model(wanted.model)) {
  machine_.node().version = wanted.version;
  machine_.node().rdma()->mode = wanted.rdma;
  machine_.node().add_netns(netns_of("p1"));
  machine_.node().add_netns(netns_of("p2"));
}

Abilities ModelHardware::abilities() const {
  const bool switchdev = driver().eswitch == EswitchMode::switchdev;
  const bool settings = driver().settings && (!switchdev || driver().switchdev_settings);
  return {.mac = driver().settings,
          .vlan = settings,
          .spoofchk = settings,
          .trust = settings,
          .link_state = driver().link_state && !driver().ignores_enable &&
                        (!switchdev || driver().switchdev_settings),
          .rates = driver().settings,
          // qede's can't be taken back, so floors are not written to it either.
          .divides = !driver().floors || !driver().clears_rate,
          .pins_mac = driver().pin_errno != 0,
          .exclusive = driver().rdma && case_.rdma == RdmaNetnsMode::exclusive};
}

BitRate ModelHardware::line_rate() const {
  return mbps(machine_.model().mbps);
}

BitRate ModelHardware::slower() const {
  if (driver().infiniband) return {};
  const int now = machine_.model().mbps;
  // ixgbe limits nothing at another speed.
  if (driver().speed_check == SpeedCheck::link_at_10g) return {};
  if (now > 25'000) return mbps(now / 2);
  return mbps(now > 10'000 ? 10'000 : now / 10);
}

Progress ModelHardware::progress() {
  return [this](const std::string& line) { machine_.drive(line); };
}

void ModelHardware::kill_pod(const std::string& pod) {
  machine_.node().kill_netns(*machine_.node().netns_at(netns_of(pod)));
}

bool ModelHardware::lose_carrier() {
  machine_.port().lose_carrier();
  return true;
}

bool ModelHardware::restore_carrier(BitRate line_rate) {
  machine_.port().restore_carrier(static_cast<int>(line_rate.as_mbps_floor()));
  return true;
}

bool ModelHardware::reset_port() {
  const int mbps = machine_.port().port().mbps;
  machine_.port().lose_carrier();
  machine_.port().reset();
  machine_.port().settle();
  machine_.port().restore_carrier(mbps);
  return true;
}

bool ModelHardware::reset_vf(int index) {
  if (driver().reset_length == 0 || driver().busy_errno == 0) return false;  // Nothing to see.
  machine_.port().reset_vf(index);
  return true;
}

// A release waits for such a link for seconds: one driver stands for all.
bool ModelHardware::lose_vf(int index) {
  if (case_.model != "ice" || case_.version != KernelVersion::v6_12) return false;
  machine_.port().lose_vf(index);
  return true;
}

bool ModelHardware::find_vf(int index) {
  machine_.port().find_vf(index);
  return true;
}

bool ModelHardware::die_before(int nth, std::function<void()> at_death) {
  machine_.die_before(nth, std::move(at_death));
  return true;
}

std::optional<bool> ModelHardware::talks(int index) {
  return machine_.port().can_send(index) && machine_.port().can_receive(index);
}

}  // namespace sluice
