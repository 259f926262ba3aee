#pragma once

#include <map>
#include <string>
#include <vector>

#include "pkg/bandwidth/drift.h"
#include "pkg/lane/lane_repair.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {

class VfProvider;

/// Whether the port has an attached VF lane: only those are looked after.
bool any_watched(const PortRecord& port);

/// Finds and puts right what the VFs of attached lanes have other than recorded: rate, VLAN, spoof
/// check, trust, and a link state that was asked for; a pod may change its MAC. What the driver
/// does not report proves nothing. The caller holds the port's lock for mend(). One thread.
class VfRepair {
 public:
  /// `reported` is the port's list.
  bool is_in_order(const PortRecord& port, const VfList& reported) const;

  /// Writes again what differs: rates first, and of those what is lowered.
  std::vector<LaneRepair> mend(VfProvider& provider, const PortRecord& port,
                               const VfList& reported);

 private:
  /// One setting that a lane's VF has otherwise.
  struct Misset {
    LaneRecord lane;
    VfDifference difference;
  };

  std::vector<Misset> find_misset(const PortRecord& port, const VfList& reported) const;
  bool is_refused(const PortRecord& port, const LaneRecord& lane, const VfSettings& part) const;
  std::vector<LaneRepair> mend_settings(VfProvider& provider, const PortRecord& port,
                                        const VfList& reported);

  /// By port: baseline settings that its driver does not take. An attach passes over them, too.
  std::map<std::string, VfSettings> refused_;
};

}  // namespace sluice
