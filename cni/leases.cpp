#include "cni/leases.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cni/protocol/fields.h"
#include "cni/protocol/net_conf.h"
#include "pkg/base/crash_point.h"
#include "pkg/json/document.h"

namespace sluice::cni {
Outcome<Ipam> Leases::plugin_of(const AttachmentId& attachment, const Lease& lease) const {
  const auto json = parse_document(lease.conf);
  Ipam::Settings settings = plugins_;
  settings.type = TRY(read_ipam_type(Fields(json, "")));
  settings.input = lease.conf;
  set_variable(settings.variables, "CNI_CONTAINERID", attachment.container_id);  // GC names none.
  set_variable(settings.variables, "CNI_IFNAME", lease.ifname);
  return Ipam(std::move(settings));
}

Outcome<> Leases::require_plugin(const AttachmentId& attachment, const Lease& lease) const {
  const Ipam plugin = TRY(plugin_of(attachment, lease));
  return plugin.require();
}

Outcome<std::vector<Ipam>> Leases::plugins_of(const AttachmentId& attachment,
                                              std::span<const Lease> leases) const {
  std::vector<Ipam> plugins;
  for (const Lease& lease : leases) plugins.push_back(TRY(plugin_of(attachment, lease)));
  return plugins;
}

std::vector<Outcome<AddResult>> Leases::add(const AttachmentId& attachment,
                                            std::span<const Lease> leases) const {
  const Outcome<std::vector<Ipam>> plugins = plugins_of(attachment, leases);
  if (!plugins) return {leases.size(), plugins.error()};
  return Ipam::add_all(*plugins);
}

Outcome<> Leases::check(const AttachmentId& attachment) const {
  const std::vector<Lease> leases = TRY(store_.read(attachment));
  const std::vector<Ipam> plugins = TRY(plugins_of(attachment, leases));
  return joined(Ipam::run_all(plugins, Command::check));
}

Outcome<> Leases::give_back(const AttachmentId& attachment) const {
  std::vector<Lease> leases = TRY(store_.read(attachment));
  if (leases.empty()) return {};
  std::reverse(leases.begin(), leases.end());
  const std::vector<Ipam> plugins = TRY(plugins_of(attachment, leases));
  TRY(joined(Ipam::run_all(plugins, Command::del)));
  crash_point("del.lease");
  TRY(store_.remove(attachment));
  return {};
}

Outcome<> Leases::collect(const std::string& network, std::span<const AttachmentId> keep) const {
  Outcome<> all;
  for (const AttachmentId& each : TRY(store_.stale(network, keep))) {
    all = joined({all, give_back(each)});
  }
  return all;
}

}  // namespace sluice::cni
