#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/config/port_rules.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/netlink/links.h"
#include "pkg/provision/port_plan.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

/// How it ended for one port.
struct PortOutcome {
  enum class Kind {
    left,       ///< Not ours to manage.
    unchanged,  ///< As asked already.
    changed,
    planned,  ///< What would be done, of a dry run.
    failed,
    note,  ///< Of no port, but of the configuration: see rule_notes().
  };

  Kind kind = Kind::left;
  std::string port;  ///< "0000:3b:00.0 ens1f0 mlx5_core"
  std::string text;  ///< "made 16 VFs, prepared 2"

  friend bool operator==(const PortOutcome&, const PortOutcome&) = default;
};

/// Brings the ports of a node to what a configuration asks, one after the other; one that fails
/// does not stop the others. Holds the ledger's lock of a port while it looks at it and changes it,
/// so that no lane comes into being meanwhile. Runs once, on one thread.
class Provisioner {
 public:
  struct Options {
    std::string sysfs_root = "/sys";
    std::string state_dir = "/var/lib/sluice";                     ///< Of the grants.
    std::chrono::milliseconds timeout{std::chrono::seconds(300)};  ///< For each port.
    bool dry_run = false;       ///< Says what would be done and does nothing, nor takes locks.
    bool only_create = false;   ///< Leaves ports that have VFs, whatever their number.
    std::stop_token stop = {};  ///< What is waited for is given up, within a second.
  };

  /// All must outlive this object.
  Provisioner(Options options, const Dir& sysfs, Links& links, const Ledger& ledger,
              Progress progress)
      : options_(std::move(options)),
        sysfs_(sysfs),
        links_(links),
        ledger_(ledger),
        progress_(std::move(progress)) {}

  /// One outcome a port, in order of their addresses, one for each that could not be read, and a
  /// note for each rule that does not do what it says. An Error when the node has no PCI bus to
  /// look at.
  Result<std::vector<PortOutcome>> run(const ProvisionConfig& config);

  /// The same for one port; `rule` may be null.
  Result<PortOutcome> serve(const Port& port, const ProvisionRule* rule);

 private:
  /// plan_port() by the port's lanes and, where VFs would be removed, its grants.
  Result<PortPlan> plan_for(const PortRecord& record, const Port& port,
                            const ProvisionRule* rule) const;
  Result<PortOutcome> carry_out(LockedPort& locked, const Port& port, const ProvisionRule& rule,
                                const PortPlan& plan);

  Options options_;
  const Dir& sysfs_;
  Links& links_;
  const Ledger& ledger_;
  Progress progress_;
};

/// The exit code for these outcomes: 1 when one failed, 0 otherwise.
int exit_code(const std::vector<PortOutcome>& outcomes);

/// A line a port and a line for all, as a person reads it.
std::string to_text(const std::vector<PortOutcome>& outcomes);

}  // namespace sluice
