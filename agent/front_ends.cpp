#include "agent/front_ends.h"

namespace sluice {
namespace {

plugin::Settings plugin_settings(const RunOptions& options) {
  plugin::Settings settings;
  settings.kubelet = {.device_plugins = options.kubelet_dir + "/device-plugins",
                      .registry = options.kubelet_dir + "/plugins_registry"};
  settings.handover = {
      .handover = options.no_cdi ? plugin::Handover::device_specs : plugin::Handover::cdi,
      .device_info_dir = options.device_info_dir};
  settings.cdi_dir = options.cdi_dir;
  settings.memlock_hook = options.memlock_hook;
  return settings;
}

std::string checkpoint_of(const RunOptions& options) {
  return options.kubelet_dir + "/device-plugins/kubelet_internal_checkpoint";
}

Result<std::unique_ptr<Classes>> start_classes(const RunOptions& options, const Foundation& on,
                                               Lanes& host_lanes, const std::stop_token& stop) {
  return Classes::start({.plugin = plugin_settings(options),
                         .pod_resources = pod_resources_of(options),
                         .checkpoint = checkpoint_of(options),
                         .config = on.config,
                         .ledger = on.ledger,
                         .aside = on.aside,
                         .host_lanes = host_lanes,
                         .sysfs = on.sysfs,
                         .proc = options.proc_root,
                         .kubernetes = on.kubernetes,
                         .wake = on.wake,
                         .output = on.output,
                         .metrics = on.metrics,
                         .stop = stop});
}

std::unique_ptr<Claims> claims_on(const RunOptions& options, const Foundation& on) {
  return std::make_unique<Claims>(Claims::Parts{.kubelet_dir = options.kubelet_dir,
                                                .cdi_dir = options.cdi_dir,
                                                .memlock_hook = options.memlock_hook,
                                                .sysfs = on.sysfs,
                                                .ledger = on.ledger,
                                                .aside = on.aside,
                                                .config = on.config,
                                                .kubernetes = on.kubernetes,
                                                .wake = on.wake,
                                                .output = on.output});
}

}  // namespace

std::string pod_resources_of(const RunOptions& options) {
  return options.kubelet_dir + "/pod-resources/kubelet.sock";
}

Result<FrontEnds> FrontEnds::start(const RunOptions& options, const Foundation& on,
                                   Lanes& host_lanes, const std::stop_token& stop) {
  FrontEnds all;
  all.classes = TRY(start_classes(options, on, host_lanes, stop));
  all.claims = claims_on(options, on);
  return all;
}

}  // namespace sluice
