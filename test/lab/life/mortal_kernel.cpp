#include "test/lab/life/mortal_kernel.h"

#include "test/lab/life/mortal_devices.h"

namespace sluice {

void Mortality::die_before(int nth, std::function<void()> at_death) {
  dies_at_ = changes_ + nth;
  at_death_ = std::move(at_death);
}

void Mortality::revive() {
  dead_ = false;
  changes_ = dies_at_ = 0;
}

Result<> Mortality::look() const {
  return dead_ ? Result<>(Error(Code::internal, "the process is dead")) : Result<>();
}

Result<> Mortality::change() {
  ++changes_;
  if (changes_ == dies_at_ && !dead_) {
    dead_ = true;
    if (at_death_) at_death_();
  }
  return look();
}

MortalKernel::MortalKernel(Kernel& kernel, Mortality& process)
    : kernel_(kernel),
      process_(process),
      links_(std::make_unique<MortalLinks>(kernel.links(), process)) {}

MortalKernel::~MortalKernel() = default;

Result<RdmaDevices*> MortalKernel::rdma() {
  TRY(process_.look());
  if (!rdma_) rdma_ = std::make_unique<MortalRdmaDevices>(*TRY(kernel_.rdma()), process_);
  return rdma_.get();
}

// Of software lanes, which these lives have none of.
Result<TrafficControl*> MortalKernel::traffic_control() {
  TRY(process_.look());
  return kernel_.traffic_control();
}

Result<Devlink*> MortalKernel::devlink() {
  TRY(process_.look());
  if (!devlink_) devlink_ = std::make_unique<MortalDevlink>(*TRY(kernel_.devlink()), process_);
  return devlink_.get();
}

Result<std::optional<NetNs>> MortalKernel::find_netns(const std::string& path) {
  TRY(process_.look());
  return kernel_.find_netns(path);
}

Result<std::optional<NetNs>> MortalKernel::find_netns_holding(const std::string& parent_device) {
  TRY(process_.look());
  return kernel_.find_netns_holding(parent_device);
}

Result<std::unique_ptr<Links>> MortalKernel::links_in(const NetNs& netns) {
  TRY(process_.look());
  return std::unique_ptr<Links>(
      std::make_unique<MortalLinks>(TRY(kernel_.links_in(netns)), process_));
}

// Of the CNI plugin's IPAM, which these lives have none of.
Result<std::unique_ptr<Addresses>> MortalKernel::addresses_in(const NetNs& netns) {
  TRY(process_.look());
  return kernel_.addresses_in(netns);
}

Result<std::unique_ptr<RdmaDevices>> MortalKernel::rdma_in(const NetNs& netns) {
  TRY(process_.look());
  return std::unique_ptr<RdmaDevices>(
      std::make_unique<MortalRdmaDevices>(TRY(kernel_.rdma_in(netns)), process_));
}

}  // namespace sluice
