#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/bit_rate.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"

namespace sluice {

// The custom resource NodeLanes: what lanes a node can give, one object a node with the node's
// name. The node's agent writes the status, the scheduler's leader the wishes in the spec, each by
// server-side apply. It changes with hardware, configuration and held pods, not with every pod.
// docs/inventory.md shows an object; deploy/inventory has its definition.

inline constexpr std::string_view kNodeLanesApiVersion = "sluice.dev/v1alpha1";
inline constexpr std::string_view kNodeLanesKind = "NodeLanes";
inline constexpr std::string_view kNodeLanesPath = "/apis/sluice.dev/v1alpha1/nodelanes";

/// Of the status. A newer one may say things that an older reader would get wrong.
inline constexpr int kNodeLanesSchema = 1;

/// The part of a port that one front end may use.
struct PublishedShare {
  int vfs = 0;
  BitRate bandwidth;
  int vfio_vfs = 0;                        ///< Those of `vfs` bound to vfio-pci; of pods alone.
  std::vector<std::string> networks = {};  ///< Those that all its VFs can have; of pods alone.

  friend bool operator==(const PublishedShare&, const PublishedShare&) = default;
};

struct PublishedPort {
  std::string name;                  ///< PCI address; unique on the node.
  std::string link;                  ///< "ens1f0"; empty when it has none.
  Medium medium = Medium::ethernet;  ///< What its link speaks.
  std::optional<int> numa_node;
  std::string driver;               ///< Row of the capability table.
  BitRate line_rate;                ///< Zero while unknown.
  BitRate usable;                   ///< What may be promised; at most the line rate.
  int vfs = 0;                      ///< That are there.
  std::string floor_enforcement;    ///< Words of pkg/bandwidth/capability.h.
  std::string ceiling_enforcement;  ///< The same.
  std::string trouble;              ///< Why no lane can be given here; empty: one can.
  PublishedShare classes;
  PublishedShare claims;
  PublishedShare pods;

  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

/// A class of the node.
struct PublishedClass {
  std::string name;
  Rate rate;
  int offered = 0;  ///< VFs, taken or not.

  friend bool operator==(const PublishedClass&, const PublishedClass&) = default;
};

struct HeldLane {
  std::string port;  ///< Name of a port, which may be gone by now.
  Rate rate;
  bool vfio = false;  ///< Of a VF bound to vfio-pci.

  friend bool operator==(const HeldLane&, const HeldLane&) = default;
};

/// A pod that holds lanes of the pods' share otherwise than its placement annotation says: it was
/// bound past the extender, placed elsewhere, or got them by a network attachment.
struct HeldPod {
  std::string uid;
  std::string name_space;  ///< Empty where it is not known, as the name.
  std::string name;
  std::vector<HeldLane> lanes;

  friend bool operator==(const HeldPod&, const HeldPod&) = default;
};

/// So many offers of a class are wanted on this node for now: pods wait for it.
struct ClassWish {
  std::string class_name;
  int lanes = 0;  ///< In all, those that pods have included.

  friend bool operator==(const ClassWish&, const ClassWish&) = default;
};

struct NodeLanes {
  std::string node;
  std::string uid;     ///< Of the Node that owns the object; empty: no Node does.
  std::string domain;  ///< Of the extended resources: "sluice.dev". Empty before the first status.
  std::vector<PublishedPort> ports;
  std::vector<PublishedClass> classes;
  std::vector<HeldPod> held;
  std::vector<ClassWish> wishes;

  friend bool operator==(const NodeLanes&, const NodeLanes&) = default;
};

/// The most that a list may have, in the definition too.
inline constexpr std::size_t kMostPublishedPorts = 256;
inline constexpr std::size_t kMostPublishedClasses = 64;  ///< As kMostClasses of the configuration.
inline constexpr std::size_t kMostPublishedNetworks = 64;  ///< Of one port.
inline constexpr std::size_t kMostHeldPods = 1024;         ///< Kubelets run 110 pods, rarely 500.
inline constexpr std::size_t kMostHeldLanes =
    256;  ///< Of one of them; placement asks for 64 at most.

/// Reads an object of the API. An object without status has no ports.
///
///   unsupported       the status is of a newer schema
///   invalid_argument  damage, every problem with its JSON pointer: "/status/ports/0/name: is
///                     missing; …". Keys that are not known are let pass
Result<NodeLanes> decode_node_lanes(const nlohmann::json& object);

/// The wishes of an object of the API, whatever its status. invalid_argument as above.
Result<std::vector<ClassWish>> decode_wishes(const nlohmann::json& object);

/// The value of `status`:
///
///   {"schema": 1, "domain": "sluice.dev", "ports": […], "classes": […], "held": […],
///    "summary": {"ports": "2", "lineRate": "200G", …}}
///
/// Rates are quantities in bit/s. What has no value is left out: an empty `link` or `trouble`, an
/// unknown `lineRate`, a floor or ceiling of zero. The summary is what kubectl shows.
nlohmann::json encode_status(const NodeLanes& node);

/// The value of `spec.wishes`, a list.
nlohmann::json encode_wishes(const std::vector<ClassWish>& wishes);

/// The pods' share of each port as place() takes it: nothing promised, all VFs free. Ports in
/// trouble, and those without a VF for pods, are left out.
std::vector<NodePort> ports_for_pods(const NodeLanes& node);

}  // namespace sluice
