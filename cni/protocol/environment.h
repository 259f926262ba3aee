#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cni/protocol/error.h"
#include "pkg/base/mac_address.h"

namespace sluice::cni {

enum class Command { add, del, check, gc, status, version };

/// As CNI_COMMAND spells it.
std::string_view to_string(Command command);

/// CNI_ARGS, as far as we use it.
struct Args {
  std::optional<MacAddress> mac;  ///< MAC=
  std::string pod_name;           ///< K8S_POD_NAME
  std::string pod_namespace;      ///< K8S_POD_NAMESPACE
  std::string pod_uid;            ///< K8S_POD_UID

  /// "namespace/name", or empty when the runtime named no pod.
  std::string pod() const;
};

/// The CNI_* variables, validated for the verb they ask for.
struct Environment {
  Command command = Command::version;
  std::string container_id;
  std::string netns;  ///< A path; may be empty for DEL.
  std::string ifname;
  std::vector<std::string> path;  ///< CNI_PATH; may be empty: only delegates need it.
  bool may_be_own_netns = false;  ///< CNI_NETNS_OVERRIDE
  Args args;                      ///< Read for ADD only: a DEL must not fail for it.
};

/// A variable's value; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;

/// invalid_environment naming every variable that is missing, or the first that is wrong.
Outcome<Environment> parse_environment(const Variables& variables);

/// `K=V;K=V`. An unknown key is an error unless IgnoreUnknown=1 (or true) is among them.
Outcome<Args> parse_args(std::string_view text);

/// ^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$: container ids and network names.
bool is_identifier(std::string_view text);

}  // namespace sluice::cni
