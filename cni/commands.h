#pragma once

#include <string>

#include "cni/device_info.h"
#include "cni/environment.h"
#include "cni/error.h"
#include "cni/ipam.h"
#include "cni/log.h"
#include "cni/net_conf.h"
#include "cni/result.h"
#include "pkg/lane/lanes.h"

namespace sluice::cni {

/// One call of the plugin: what is asked, and all it may use.
struct Task {
  const Environment& environment;
  const NetConf& conf;
  Kernel& kernel;
  Lanes& lanes;
  const Ipam& ipam;
  const DeviceInfoFiles& device_info;
  const Log& log;

  AttachmentId attachment() const { return {environment.container_id, environment.ifname}; }
};

/// Gives the pod its lane, its addresses and its device-info file, or nothing at all.
Outcome<AddResult> add(const Task& task);

/// Takes all of it back. The lane, the addresses and the file do not wait for each other: a failure
/// of one leaves that one to the next DEL. Success when there is nothing.
Outcome<> del(const Task& task);

/// Success when the lane, its rates, addresses and routes are as prevResult and the ledger say.
Outcome<> check(const Task& task);

/// Takes back what this network has and the runtime does not know; goes on after failures.
Outcome<> gc(const Task& task);

/// unavailable when an ADD could not work here; forwarded to the IPAM plugin.
Outcome<> status(const Task& task, const std::string& run_dir);

/// The pod's namespace. invalid_netns when it does not exist or is the plugin's own.
Outcome<NetNs> open_pod(const Task& task);

}  // namespace sluice::cni
