#include "cni/leases.h"

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

Outcome<AddResult> Leases::add(const AttachmentId& attachment, const Lease& lease) const {
  const Ipam plugin = TRY(plugin_of(attachment, lease));
  return plugin.add();
}

Outcome<> Leases::run(const AttachmentId& attachment, const Lease& lease, Command command) const {
  const Ipam plugin = TRY(plugin_of(attachment, lease));
  return plugin.run(command);
}

Outcome<> Leases::check(const AttachmentId& attachment) const {
  for (const Lease& lease : TRY(store_.read(attachment))) {
    TRY(run(attachment, lease, Command::check));
  }
  return {};
}

Outcome<> Leases::give_back(const AttachmentId& attachment) const {
  std::vector<Lease> leases = TRY(store_.read(attachment));
  if (leases.empty()) return {};
  Outcome<> all;
  for (; !leases.empty(); leases.pop_back()) {
    all = joined({all, run(attachment, leases.back(), Command::del)});
    crash_point("del.lease");
  }
  TRY(all);
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
