#pragma once

#include <map>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/provision/vf_baseline.h"
#include "pkg/provision/vf_notes.h"

namespace sluice {

/// The steps of prepare_baseline(): writes what a port's VFs lack, VF by VF, and judges what the
/// driver made of it. For one call; links, port and request must outlive it.
class BaselineWriter {
 public:
  BaselineWriter(Links& links, const Link& uplink, const Port& port,
                 const BaselineRequest& request);

  /// Writes what the VF lacks. Fails with a refusal that is neither a note nor to be remembered.
  Result<> write(const VfInfo& vf);

  bool has_written() const { return !written_.empty(); }

  /// internal when one of the VFs written to is not at baseline in `after`.
  Result<> check(const VfList& after);

  /// Waits for links that take over the MAC their port was told.
  Result<> await_macs(const Deadline& deadline);

  /// All but `unlisted`.
  Baseline result() const;

 private:
  struct Written {
    VfInfo before;
    VfSettings left;  ///< Not taken, and told so.
    bool changed = true;
  };

  /// "None" is written as the line rate, which is not known now.
  bool cannot_clear_rates() const { return !capability_.zero_clears && !port_.line_rate; }

  Result<VfSettings> due(const VfInfo& vf);
  Result<> judge(const VfInfo& vf, const std::vector<Refusal>& refusals);
  Result<> check_vf(Written& written, const VfInfo& after);
  void remember(const VfInfo& vf, const VfSettings& settings);

  Links& links_;
  const Link& uplink_;
  const Port& port_;
  const BaselineRequest& request_;
  const VfDriver& driver_;
  const DriverCapability& capability_;
  VfSettings baseline_;
  VfNotes notes_;
  std::map<int, Written> written_;  // VF index -> what was done
  std::map<int, VfSettings> unreset_;
  std::vector<int> given_macs_;
};

}  // namespace sluice
