#pragma once

#include <array>
#include <cstddef>

namespace sluice {

/// What a metric is called and which labels it has. The number of labels is part of the type, so
/// that one too few does not compile.
template <std::size_t kLabels>
struct MetricName {
  const char* name;
  const char* help;
  std::array<const char*, kLabels> labels = {};
};

template <std::size_t kLabels>
struct CounterName : MetricName<kLabels> {};
template <std::size_t kLabels>
struct GaugeName : MetricName<kLabels> {};
template <std::size_t kLabels>
struct HistogramName : MetricName<kLabels> {};

/// Every metric of the agent. Names end in their unit, one of Prometheus' base units. Labels are
/// bounded by the hardware and the configuration (port, class, node-wide reasons); pods are named
/// by the gauges of lanes alone, of which there are no more than lanes.
namespace metric {

inline constexpr GaugeName<1> kBuildInfo{{"sluice_build_info", "Always 1.", {"version"}}};

// Ports and VFs, as the last snapshot shows them.
inline constexpr GaugeName<1> kPortUsable{
    {"sluice_port_usable_bytes_per_second", "What the port can promise.", {"port"}}};
inline constexpr GaugeName<1> kPortPromised{
    {"sluice_port_promised_bytes_per_second", "Floors promised on the port.", {"port"}}};
inline constexpr GaugeName<1> kPortShort{
    {"sluice_port_short_bytes_per_second",
     "Promised beyond what the port's wire carries; of ports with lanes.",
     {"port"}}};
inline constexpr GaugeName<2> kPortVfs{{"sluice_port_vfs",
                                        "VFs by what they are: free, offered, held, unhealthy.",
                                        {"port", "state"}}};
inline constexpr HistogramName<0> kScanSeconds{
    {"sluice_inventory_scan_seconds", "Reading the hardware."}};

// Lanes. A software lane is numbered by its port, and a pod is not always known.
inline constexpr GaugeName<2> kLanes{
    {"sluice_lanes", "Lanes by phase; lost: attached, and not in the pod.", {"port", "phase"}}};
inline constexpr GaugeName<4> kLaneFloor{{"sluice_lane_floor_bytes_per_second",
                                          "Promised to the lane.",
                                          {"port", "lane", "namespace", "pod"}}};
inline constexpr GaugeName<4> kLaneCeiling{{"sluice_lane_ceiling_bytes_per_second",
                                            "Allowed to the lane; not there without a ceiling.",
                                            {"port", "lane", "namespace", "pod"}}};
inline constexpr GaugeName<4> kLaneFloorInForce{
    {"sluice_lane_floor_in_force_bytes_per_second",
     "What the port guarantees the lane; 0 on ports that keep floors by ceilings alone.",
     {"port", "lane", "namespace", "pod"}}};
inline constexpr GaugeName<4> kLaneCeilingInForce{
    {"sluice_lane_ceiling_in_force_bytes_per_second",
     "What the port limits the lane to; not there without a limit.",
     {"port", "lane", "namespace", "pod"}}};

// Offers and the device plugin.
inline constexpr GaugeName<3> kOffers{
    {"sluice_offers", "VFs offered: free, taken, withdrawing.", {"port", "class", "state"}}};
inline constexpr CounterName<1> kOfferMoves{
    {"sluice_offer_moves_total",
     "Changes of offers: offered, rerated, withdrawn, gone, cancelled, unconfirmed.",
     {"result"}}};
inline constexpr CounterName<2> kRegistrations{
    {"sluice_registrations_total", "Registrations with the kubelet.", {"class", "result"}}};
inline constexpr CounterName<2> kAllocations{
    {"sluice_allocations_total", "Allocate calls of the kubelet.", {"class", "result"}}};
inline constexpr HistogramName<0> kAllocateSeconds{
    {"sluice_allocate_seconds", "Answering an Allocate."}};

// Claims.
inline constexpr GaugeName<0> kClaims{
    {"sluice_claims_prepared", "Claims that have been granted their VFs."}};
inline constexpr GaugeName<1> kClaimVfs{
    {"sluice_claim_vfs", "VFs granted to claims, with a lane or without.", {"port"}}};
inline constexpr CounterName<2> kClaimCalls{
    {"sluice_claim_calls_total",
     "The kubelet's calls for a claim (prepare, unprepare): done, or why not.",
     {"call", "result"}}};
inline constexpr HistogramName<1> kClaimSeconds{
    {"sluice_claim_seconds", "Answering for one claim, the API server's part included.", {"call"}}};
inline constexpr CounterName<0> kSliceWrites{
    {"sluice_slice_writes_total", "ResourceSlices written."}};
inline constexpr CounterName<1> kSliceFailures{
    {"sluice_slice_failures_total", "Requests for ResourceSlices that failed.", {"verb"}}};

// Pods' lanes.
inline constexpr GaugeName<0> kAnnotatedPods{
    {"sluice_annotated_pods", "Annotated pods that have been granted their VFs."}};
inline constexpr GaugeName<1> kPodVfs{{"sluice_annotated_pod_vfs",
                                       "VFs granted to annotated pods, with a lane or without.",
                                       {"port"}}};
inline constexpr CounterName<1> kPodGrants{{"sluice_annotated_pod_grants_total",
                                            "Annotated pods that came for their lanes: granted; "
                                            "refused for good; postponed, which is tried "
                                            "again.",
                                            {"result"}}};
inline constexpr CounterName<1> kResolutions{
    {"sluice_resolutions_total", "Pods whose lanes the CNI plugin asked for.", {"result"}}};
inline constexpr HistogramName<0> kResolveSeconds{
    {"sluice_resolve_seconds", "Answering the CNI plugin."}};

// Claims.
inline constexpr CounterName<1> kClaimStatusWrites{
    {"sluice_claim_status_writes_total",
     "Claims whose status was written: done; failed, which is tried again; refused.",
     {"result"}}};

// The NodeLanes object.
inline constexpr CounterName<1> kNodeLanesWrites{
    {"sluice_node_lanes_writes_total",
     "Requests that write the node's NodeLanes: done; failed, as are those that watch it.",
     {"result"}}};

// Repair.
inline constexpr CounterName<2> kDrift{
    {"sluice_drift_total", "Settings found other than recorded.", {"port", "kind"}}};
inline constexpr CounterName<2> kRepairs{
    {"sluice_repairs_total", "Lanes put right again.", {"port", "result"}}};
inline constexpr CounterName<1> kLineRateChanges{
    {"sluice_line_rate_changes_total", "Ports that came back at another speed.", {"port"}}};
inline constexpr CounterName<1> kLanesLost{
    {"sluice_lanes_lost_total",
     "Lanes whose link or RDMA device a reset of the VF took out of the pod.",
     {"port"}}};
inline constexpr CounterName<2> kVfsMade{
    {"sluice_vfs_made_total", "Times that the VFs of a bare port were made.", {"port", "result"}}};
inline constexpr CounterName<2> kVfsRebound{
    {"sluice_vfs_rebound_total", "VFs without a link that were bound again.", {"port", "result"}}};
inline constexpr CounterName<1> kOrphans{
    {"sluice_orphans_total", "Leftovers cleaned up.", {"kind"}}};

// The agent itself.
inline constexpr CounterName<1> kConfigLoads{
    {"sluice_config_loads_total", "Configuration files read: good, bad.", {"result"}}};
inline constexpr GaugeName<0> kConfigGood{
    {"sluice_config_good",
     "1: the configuration file is in force; 0: it is not good, see the log."}};
inline constexpr GaugeName<0> kConfigSince{
    {"sluice_config_loaded_timestamp_seconds", "When the configuration in force was read."}};
inline constexpr HistogramName<1> kStepSeconds{
    {"sluice_step_seconds", "One step of a worker.", {"worker"}}};
inline constexpr CounterName<1> kStepFailures{
    {"sluice_step_failures_total", "Steps of a worker that failed.", {"worker"}}};
inline constexpr CounterName<1> kApiFailures{
    {"sluice_api_failures_total", "Calls of the API server that failed.", {"reason"}}};
inline constexpr CounterName<0> kEventsDropped{
    {"sluice_events_dropped_total", "Events dropped because too many waited."}};

// The scheduler extender.
inline constexpr CounterName<2> kExtenderCalls{{"sluice_extender_calls_total",
                                                "What kube-scheduler asked: done, failed.",
                                                {"verb", "result"}}};
inline constexpr HistogramName<1> kExtenderSeconds{
    {"sluice_extender_seconds", "Answering kube-scheduler.", {"verb"}}};
inline constexpr GaugeName<0> kExtenderLeads{
    {"sluice_extender_leads", "1: this replica decides and binds; 0: another does."}};
inline constexpr GaugeName<1> kExtenderNodes{
    {"sluice_extender_nodes", "Nodes by what they are to pods: usable, unusable.", {"state"}}};
inline constexpr GaugeName<1> kExtenderPods{
    {"sluice_extender_pods",
     "Pods with lanes or classes: bound, assumed; doubtful, which are assumed too.",
     {"state"}}};

}  // namespace metric
}  // namespace sluice
