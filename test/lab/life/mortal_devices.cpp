#include "test/lab/life/mortal_devices.h"

namespace sluice {

Result<std::optional<Link>> MortalLinks::find(const std::string& name) {
  TRY(process_.look());
  return links_.find(name);
}

Result<std::optional<Link>> MortalLinks::find(int index) {
  TRY(process_.look());
  return links_.find(index);
}

Result<std::vector<Link>> MortalLinks::list() {
  TRY(process_.look());
  return links_.list();
}

Result<> MortalLinks::change(int index, const LinkChange& change) {
  TRY(process_.change());
  return links_.change(index, change);
}

Result<> MortalLinks::remove_altnames(int index, const std::vector<std::string>& names) {
  TRY(names.empty() ? process_.look() : process_.change());
  return links_.remove_altnames(index, names);
}

Result<> MortalLinks::detach_xdp(int index, std::uint32_t modes) {
  TRY(modes == 0 ? process_.look() : process_.change());
  return links_.detach_xdp(index, modes);
}

Result<> MortalLinks::add(const NewLink& link) {
  TRY(process_.change());
  return links_.add(link);
}

Result<> MortalLinks::remove(int index) {
  TRY(process_.change());
  return links_.remove(index);
}

Result<> MortalLinks::set_vf(int port_index, int vf, const VfSettings& settings) {
  TRY(process_.change());
  return links_.set_vf(port_index, vf, settings);
}

Result<VfList> MortalLinks::vfs(int port_index) {
  TRY(process_.look());
  return links_.vfs(port_index);
}

Result<std::vector<RdmaDevice>> MortalRdmaDevices::list() {
  TRY(process_.look());
  return devices_.list();
}

Result<RdmaNetnsMode> MortalRdmaDevices::netns_mode() {
  TRY(process_.look());
  return devices_.netns_mode();
}

Result<std::optional<RdmaCharDevice>> MortalRdmaDevices::char_device(std::uint32_t index,
                                                                     const std::string& type) {
  TRY(process_.look());
  return devices_.char_device(index, type);
}

Result<std::optional<int>> MortalRdmaDevices::link_of(std::uint32_t index) {
  TRY(process_.look());
  return devices_.link_of(index);
}

Result<std::vector<Gid>> MortalRdmaDevices::gids(const std::string& device) {
  TRY(process_.look());
  return devices_.gids(device);
}

Result<> MortalRdmaDevices::move_to(std::uint32_t index, const NetNs& target) {
  TRY(process_.change());
  return devices_.move_to(index, target);
}

Result<std::optional<EswitchMode>> MortalDevlink::eswitch_mode(const DevlinkDevice& device) {
  TRY(process_.look());
  return devlink_.eswitch_mode(device);
}

Result<std::map<int, std::uint32_t>> MortalDevlink::vf_ports(const DevlinkDevice& device) {
  TRY(process_.look());
  return devlink_.vf_ports(device);
}

Result<std::vector<RateObject>> MortalDevlink::rates(const DevlinkDevice& device) {
  TRY(process_.look());
  return devlink_.rates(device);
}

Result<std::optional<RateObject>> MortalDevlink::leaf(const DevlinkDevice& device,
                                                      std::uint32_t port) {
  TRY(process_.look());
  return devlink_.leaf(device, port);
}

Result<std::optional<RateObject>> MortalDevlink::node(const DevlinkDevice& device,
                                                      const std::string& name) {
  TRY(process_.look());
  return devlink_.node(device, name);
}

Result<> MortalDevlink::set_leaf(const DevlinkDevice& device, std::uint32_t port,
                                 const RateChange& change) {
  TRY(process_.change());
  return devlink_.set_leaf(device, port, change);
}

Result<> MortalDevlink::set_node(const DevlinkDevice& device, const std::string& name,
                                 const RateChange& change) {
  TRY(process_.change());
  return devlink_.set_node(device, name, change);
}

Result<> MortalDevlink::create_node(const DevlinkDevice& device, const std::string& name) {
  TRY(process_.change());
  return devlink_.create_node(device, name);
}

Result<> MortalDevlink::delete_node(const DevlinkDevice& device, const std::string& name) {
  TRY(process_.change());
  return devlink_.delete_node(device, name);
}

}  // namespace sluice
