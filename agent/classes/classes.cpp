#include "agent/classes/classes.h"

#include "agent/classes/plugin_hooks.h"

namespace sluice {
namespace {

// Without them the node still has its devices: those of lanes are kept, the others are made.
void load(LiveOffers& offers, const Log& log) {
  if (const Result<> done = offers.load(); !done) {
    log.error("the saved offers are lost, those of lanes were kept",
              {{"reason", done.error().message()}});
  }
  log.info("loaded saved offers", {{"offers", offers.offers().size()}});
}

// Device specs carry no hook.
void warn_of_locked_memory(const Classes::Parts& parts, const Log& log) {
  const bool is_left = parts.config.current()->locked_memory.mode == LockedMemory::Mode::leave;
  if (is_left || parts.plugin.handover.handover == plugin::Handover::cdi) return;
  log.warn("containers may lock as much memory as the runtime lets them: lockedMemory needs CDI");
}

}  // namespace

Classes::Classes(const Parts& parts)
    : offers_(parts.aside, parts.ledger),
      host_lanes_({.lanes = parts.in_place,
                   .networks = Networks(parts.config, parts.sysfs),
                   .pod_resources = parts.pod_resources,
                   .checkpoint = parts.checkpoint,
                   .proc = parts.proc},
                  Log(parts.output, "host lanes")),
      guard_(parts.ledger, host_lanes_, parts.pod_resources, parts.checkpoint),
      pods_({.socket = parts.pod_resources,
             .checkpoint = parts.checkpoint,
             .domain = parts.config.current()->domain,
             .stop = parts.stop}) {}

Result<std::unique_ptr<Classes>> Classes::start(const Parts& parts) {
  std::unique_ptr<Classes> classes(new Classes(parts));
  load(classes->offers_, Log(parts.output, "offers"));
  warn_of_locked_memory(parts, Log(parts.output, "plugin"));
  TRY(classes->start_plugin(parts));
  return classes;
}

Result<> Classes::start_plugin(const Parts& parts) {
  allocated_vfs_ = TRY(AllocatedVfs::start({parts.pod_resources, parts.checkpoint}, parts.wake,
                                           Log(parts.output, "holders")));
  const HookParts hooks{.offers = offers_,
                        .store = parts.aside.offers,
                        .allocated_vfs = *allocated_vfs_,
                        .guard = guard_,
                        .config = parts.config,
                        .metrics = parts.metrics};
  plugin_ = TRY(
      plugin::DevicePlugin::start(parts.plugin, plugin_hooks(hooks, Log(parts.output, "plugin"))));
  reconciler_ =
      std::make_unique<OfferReconciler>(OfferReconciler::Parts{.offers = offers_,
                                                               .allocated_vfs = *allocated_vfs_,
                                                               .plugin = *plugin_,
                                                               .metrics = parts.metrics},
                                        Announcer(Log(parts.output, "offers"), parts.kubernetes));
  return {};
}

}  // namespace sluice
