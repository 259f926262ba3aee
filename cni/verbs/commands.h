#pragma once

#include <string>

#include "cni/device_info.h"
#include "cni/ipam.h"
#include "cni/leases.h"
#include "cni/log.h"
#include "cni/protocol/environment.h"
#include "cni/protocol/error.h"
#include "cni/protocol/net_conf.h"
#include "cni/protocol/result.h"
#include "pkg/lane/lanes.h"
#include "pkg/podlanes/client.h"

namespace sluice::cni {

/// One call of the plugin: what is asked, and all it may use.
struct Task {
  const Environment& environment;
  const NetConf& conf;
  Kernel& kernel;
  Lanes& lanes;
  const Ipam& ipam;
  const Leases& leases;
  const DeviceInfoFiles& device_info;
  const SetAsideStore& aside;
  PodLanesClient& agent;
  const Log& log;

  AttachmentId attachment() const { return {environment.container_id, environment.ifname}; }
};

/// Gives the pod its lane, its addresses and its device-info file, or nothing at all.
Outcome<AddResult> add(const Task& task);

/// Pod mode: gives the pod all the lanes that Kubernetes has given it, as interfaces beside the one
/// that is attached, or nothing at all. nullopt for a pod without lanes, whose answer is prevResult
/// as it came. Asks the agent, but not on a node where nothing is offered. try_again while the
/// agent cannot be asked.
Outcome<std::optional<AddResult>> add_pod(const Task& task);

/// Takes all of it back, and never asks the agent. The lane, the addresses and the file do not wait
/// for each other: a failure of one leaves that one to the next DEL. Success when there is nothing.
Outcome<> del(const Task& task);

/// Success when the lane, its rates, addresses and routes are as prevResult and the ledger say.
Outcome<> check(const Task& task);

/// The same for the lanes of a pod, of which there may be none.
Outcome<> check_pod(const Task& task);

/// Takes back what this network has and the runtime does not know; goes on after failures.
Outcome<> gc(const Task& task);

/// unavailable when an ADD could not work here; forwarded to the IPAM plugin.
Outcome<> status(const Task& task, const std::string& run_dir);

/// A lane as the answer of an ADD names it.
Interface describe(const Task& task, const Lane& lane);

/// What addresses the lanes are to have, as it is recorded from now on. name_taken when the
/// attachment has some already: they are not this call's to give back.
Outcome<std::vector<Lease>> plan_leases(const Task& task, const std::vector<PodLane>& lanes);

/// Gives the lanes their addresses, and adds them to the answer.
Outcome<> add_addresses(const Task& task, const NetNs& pod, const std::vector<Lane>& lanes,
                        std::vector<Lease> leases, AddResult& result);

/// Waits until the RDMA devices of the lanes have the addresses as GIDs, and notes in the leases
/// which are missing after kGidTimeout.
void note_missing_gids(const Task& task, const NetNs& pod, const std::vector<Lane>& lanes,
                       std::vector<Lease>& leases);

/// Success when the lanes have the addresses, routes and rules that prevResult and the record of
/// their leases say, and the IPAM plugins agree.
Outcome<> check_addresses(const Task& task, Addresses& addresses, const std::vector<Lane>& lanes);

/// Logs what an undo could not do.
void report_undo(const Task& task, std::string_view step, const Outcome<>& undone);
void report_undo(const Task& task, std::string_view step, const Result<>& undone);

/// Whether anything on this node can be given to a pod: something is offered, or what is cannot be
/// read, or there is an agent and no file that says what it offers.
bool may_have_lanes(const Task& task);

/// mismatch when prevResult has another MAC for the lane, or does not have it.
Outcome<> compare_interface(const Task& task, const Lane& lane);

/// The pod's namespace. invalid_netns when it does not exist or is the plugin's own.
Outcome<NetNs> open_pod(const Task& task);

}  // namespace sluice::cni
