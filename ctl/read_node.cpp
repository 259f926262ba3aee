#include "ctl/read_node.h"

#include "pkg/fs/atomic_file.h"
#include "pkg/inventory/scan.h"

namespace sluice {

Config read_config(const std::string& path, std::vector<std::string>& problems) {
  const auto text = read_linked_file(path);
  if (!text) {
    problems.push_back("configuration: " + text.error().message());
    return {};
  }
  ParsedConfig parsed = parse_config(*text);
  for (const Problem& problem : parsed.problems) {
    problems.push_back(fmt::format("configuration: {}: {}", problem.at, problem.what));
  }
  return std::move(parsed.config);
}

std::vector<PortRecord> read_records(const Ledger& ledger, std::vector<std::string>& problems) {
  std::vector<PortRecord> records;
  const auto ports = ledger.ports();
  if (!ports) problems.push_back("ledger: " + ports.error().message());
  for (const std::string& port : ports.value_or(std::vector<std::string>())) {
    const auto record = ledger.peek(port);
    if (record) {
      records.push_back(*record);
    } else {
      problems.push_back(record.error().message());
    }
  }
  return records;
}

std::vector<PortRecord> read_records(const std::string& run_dir,
                                     std::vector<std::string>& problems) {
  const auto boot = this_boot();
  if (!boot) problems.push_back(boot.error().message());
  return read_records(Ledger::to_read(run_dir, boot.value_or(std::string())), problems);
}

SetAside read_set_aside(const SetAsideStore& store, std::vector<std::string>& problems) {
  SetAside aside;
  if (auto offers = store.offers.peek()) {
    aside.offers = *std::move(offers);
  } else {
    problems.push_back("offers: " + offers.error().message());
  }
  if (auto grants = store.grants.peek()) {
    aside.grants = *std::move(grants);
  } else {
    problems.push_back("grants: " + grants.error().message());
  }
  return aside;
}

Inventory read_inventory(const std::string& sysfs_root, std::vector<std::string>& problems) {
  const auto sysfs = Dir::open(sysfs_root);
  if (!sysfs) {
    problems.push_back("sysfs: " + sysfs.error().message());
    return {};
  }
  auto inventory = scan(*sysfs);
  if (!inventory) {
    problems.push_back("sysfs: " + inventory.error().message());
    return {};
  }
  problems.insert(problems.end(), inventory->problems.begin(), inventory->problems.end());
  return *std::move(inventory);
}

}  // namespace sluice
