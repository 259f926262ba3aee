#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cni/protocol/environment.h"
#include "cni/protocol/error.h"
#include "cni/protocol/result.h"
#include "pkg/lane/lanes.h"

namespace sluice::cni {

class Fields;

/// The network configuration on standard input, judged as far as the verb needs it: a DEL must not
/// fail for a setting that it would not use.
struct NetConf {
  std::string version;
  std::string name;
  std::string log_level = "info";
  std::string log_file;                  ///< Empty: standard error.
  std::string ipam;                      ///< `ipam.type`; empty: no IPAM plugin.
  std::string device;                    ///< As given; runtimeConfig.deviceID before deviceID.
  std::string master;                    ///< Software lanes: the uplink.
  std::string device_info_file;          ///< runtimeConfig.CNIDeviceInfoFile
  LaneRequest lane;                      ///< ADD, CHECK and STATUS.
  std::vector<IpPrefix> ips;             ///< To be set by us: `ips` when there is no `ipam`.
  Dns dns;                               ///< ADD
  std::optional<AddResult> prev_result;  ///< ADD and CHECK
  std::string prev_text;                 ///< ADD: prevResult as it came, as an answer.
  std::vector<AttachmentId> keep;        ///< GC: cni.dev/valid-attachments

  /// Pod mode: the lanes are those that Kubernetes has given the pod. Of ADD, CHECK and STATUS.
  bool is_for_pod() const { return std::holds_alternative<std::monostate>(lane.made_of); }

  /// The VF or port by which a lane of this configuration is found; empty in pod mode.
  std::string hint() const;
};

/// `text` is the whole of standard input. undecodable, incompatible_version, unsupported_field or
/// invalid_config; messages name the key and the value.
Outcome<NetConf> load_net_conf(std::string_view text, const Environment& environment);

/// `ipam.type` of a network configuration; empty where it has no `ipam`. invalid_config for what
/// names no plugin.
Outcome<std::string> read_ipam_type(const Fields& conf);

/// The version in which to answer a configuration that was refused: its own where it is one of
/// ours, else our newest.
std::string_view version_for_errors(std::string_view text);

}  // namespace sluice::cni
