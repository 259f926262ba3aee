#include "ctl/ports.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "ctl/format.h"
#include "ctl/table.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

std::string link_cell(const Port& port) {
  if (port.state == PortState::away) return "(away)";
  return port.bond.empty() ? or_dash(port.link) : fmt::format("{} ({})", port.link, port.bond);
}

std::string vfs_cell(const Port& port) {
  const auto used = std::count_if(port.vfs.begin(), port.vfs.end(), [](const Vf& vf) {
    return vf.state == VfState::away || vf.state == VfState::vfio;
  });
  return fmt::format("{}/{}/{}", used, port.vfs.size(), port.total_vfs);
}

std::optional<BitRate> promised_on(const Port& port, const PortBudgets& budgets) {
  const auto budget = budgets.find(port.address.to_string());
  if (budget == budgets.end()) return std::nullopt;
  return budget->second.promised;
}

std::string promised_cell(const Port& port, const PortBudgets& budgets) {
  const BitRate promised = promised_on(port, budgets).value_or(BitRate());
  return or_dash(promised);
}

Row row_of(const Port& port, const PortBudgets& budgets) {
  return {port.address.to_string(),
          link_cell(port),
          or_dash(port.driver),
          port.line_rate ? to_string(*port.line_rate) : "-",
          promised_cell(port, budgets),
          port.carrier ? "yes" : "no",
          port.numa_node ? std::to_string(*port.numa_node) : "-",
          vfs_cell(port),
          or_dash(port.rdma_device),
          port.eswitch_mode ? std::string(to_string(*port.eswitch_mode)) : "-"};
}

Json to_json(const Vf& vf) {
  return {{"address", vf.address.to_string()},
          {"index", vf.index},
          {"state", to_string(vf.state)},
          {"driver", or_null(vf.driver)},
          {"link", or_null(vf.link)},
          {"netns_cookie", vf.netns_cookie == 0 ? Json() : Json(vf.netns_cookie)},
          {"rdma_device", or_null(vf.rdma_device)},
          {"char_devices", vf.char_devices}};
}

Json to_json(const Port& port, const PortBudgets& budgets) {
  const auto promised = promised_on(port, budgets);
  Json vfs = Json::array();
  for (const Vf& vf : port.vfs) vfs.push_back(to_json(vf));
  return {{"address", port.address.to_string()},
          {"state", to_string(port.state)},
          {"driver", or_null(port.driver)},
          {"link", or_null(port.link)},
          {"bond", or_null(port.bond)},
          {"vendor", fmt::format("{:04x}", port.vendor_id)},
          {"device", fmt::format("{:04x}", port.device_id)},
          {"line_rate", port.line_rate ? Json(port.line_rate->as_bits_per_second()) : Json()},
          {"promised", promised ? Json(promised->as_bits_per_second()) : Json()},
          {"carrier", port.carrier},
          {"link_type", to_string(port.link_type)},
          {"numa_node", port.numa_node ? Json(*port.numa_node) : Json()},
          {"pcie_root", or_null(port.pcie_root)},
          {"eswitch_mode", port.eswitch_mode ? Json(to_string(*port.eswitch_mode)) : Json()},
          {"total_vfs", port.total_vfs},
          {"rdma_device", or_null(port.rdma_device)},
          {"char_devices", port.char_devices},
          {"vfs", std::move(vfs)}};
}

}  // namespace

std::string ports_table(const Inventory& inventory, const PortBudgets& budgets) {
  std::vector<Row> rows = {
      {"ADDRESS", "LINK", "DRIVER", "RATE", "PROMISED", "CARRIER", "NUMA", "VFS", "RDMA", "MODE"}};
  for (const Port& port : inventory.ports) rows.push_back(row_of(port, budgets));
  std::string text = inventory.ports.empty() ? "no SR-IOV ports on this node\n" : to_table(rows);
  return text + problem_lines(inventory.problems);
}

std::string ports_json(const Inventory& inventory, const PortBudgets& budgets) {
  Json ports = Json::array();
  for (const Port& port : inventory.ports) ports.push_back(to_json(port, budgets));
  const Json document = {{"ports", std::move(ports)}, {"problems", inventory.problems}};
  return to_text(document);
}

}  // namespace sluice
