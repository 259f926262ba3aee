#include "agent/front_ends.h"

#include <random>

#include "pkg/base/kube_names.h"

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
                                               InPlaceLanes& in_place,
                                               const std::stop_token& stop) {
  return Classes::start({.plugin = plugin_settings(options),
                         .pod_resources = pod_resources_of(options),
                         .checkpoint = checkpoint_of(options),
                         .config = on.config,
                         .ledger = on.ledger,
                         .aside = on.aside,
                         .in_place = in_place,
                         .sysfs = on.sysfs,
                         .proc = options.proc_root,
                         .kubernetes = on.kubernetes,
                         .wake = on.wake,
                         .output = on.output,
                         .metrics = on.metrics,
                         .stop = stop});
}

std::unique_ptr<Claims> claims_on(const RunOptions& options, const Foundation& on,
                                  InPlaceLanes& in_place) {
  return std::make_unique<Claims>(Claims::Parts{.kubelet_dir = options.kubelet_dir,
                                                .cdi_dir = options.cdi_dir,
                                                .memlock_hook = options.memlock_hook,
                                                .pod_resources = pod_resources_of(options),
                                                .proc = options.proc_root,
                                                .sysfs = on.sysfs,
                                                .ledger = on.ledger,
                                                .aside = on.aside,
                                                .config = on.config,
                                                .kubernetes = on.kubernetes,
                                                .in_place = in_place,
                                                .wake = on.wake,
                                                .output = on.output,
                                                .metrics = on.metrics,
                                                .leases = LeaseStore(options.state_dir),
                                                .probes = on.probes});
}

std::unique_ptr<Tokens> tokens_on(const RunOptions& options, const Foundation& on,
                                  Classes& classes) {
  return std::make_unique<Tokens>(
      TokenAnswers::Parts{.resource = on.config.current()->resource(kTokenResource),
                          .lanes = {.sysfs = on.sysfs,
                                    .ledger = on.ledger,
                                    .grants = on.aside.grants,
                                    .pod_resources = pod_resources_of(options),
                                    .checkpoint = checkpoint_of(options)},
                          .cdi_dir = options.cdi_dir,
                          .memlock_hook = options.memlock_hook,
                          .config = on.config,
                          .allocated = classes.allocated(),
                          .first = std::random_device()()},
      classes.plugin(), Log(on.output, "tokens"));
}

}  // namespace

std::vector<FrontEnd*> FrontEnds::all() const {
  std::vector<FrontEnd*> all = {classes.get(), claims.get(), pods.get()};
  if (tokens != nullptr) all.push_back(tokens.get());
  return all;
}

std::string pod_resources_of(const RunOptions& options) {
  return options.kubelet_dir + "/pod-resources/kubelet.sock";
}

Result<FrontEnds> FrontEnds::start(const RunOptions& options, const Foundation& on,
                                   Lanes& host_lanes, const std::stop_token& stop) {
  FrontEnds all;
  all.in_place = std::make_unique<InPlaceLanes>(host_lanes);
  all.classes = TRY(start_classes(options, on, *all.in_place, stop));
  all.claims = claims_on(options, on, *all.in_place);
  if (!options.no_cdi) all.tokens = tokens_on(options, on, *all.classes);
  all.pods = std::make_unique<Pods>(Pods::Parts{.sysfs = on.sysfs,
                                                .ledger = on.ledger,
                                                .aside = on.aside,
                                                .config = on.config,
                                                .kubernetes = on.kubernetes,
                                                .in_place = *all.in_place,
                                                .proc = options.proc_root,
                                                .wake = on.wake,
                                                .output = on.output,
                                                .metrics = on.metrics,
                                                .probes = on.probes});
  return all;
}

}  // namespace sluice
