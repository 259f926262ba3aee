#include "ctl/doctor/steps.h"

#include <array>

namespace sluice {
namespace {

constexpr std::array kSteps = {
    Step{"attach", "the link is in the namespace, up, under the name asked for", try_attach},
    Step{"check", "the kernel has what the ledger says", try_check},
    Step{"rdma", "the RDMA device is where the link is, its character devices as before", try_rdma},
    Step{"frames-out", "frames of the VF arrive at its port", try_frames_out},
    Step{"frames-in", "frames of the port arrive at the VF", try_frames_in},
    Step{"release", "the VF is home again, at baseline", try_release},
    Step{"mac", "the link has the MAC asked for and sends with it", try_mac},
    Step{"mtu", "the link has the MTU asked for, and its own afterwards", try_mtu},
    Step{"vlan", "the port puts the VLAN asked for on the VF's frames", try_vlan},
    Step{"spoofchk", "a frame with a foreign source MAC is dropped", try_spoofchk},
    Step{"trust", "the VF is trusted when asked for", try_trust},
    Step{"link-state", "the VF's link state is as asked for", try_link_state},
    Step{"ceiling", "the port has the ceiling asked for", try_ceiling},
    Step{"shaping", "the VF sends no more than its ceiling", try_shaping},
    Step{"floor", "the port has what keeps the floor asked for", try_floor},
    Step{"again", "the VF can be given out a second time", try_again},
};

}  // namespace

std::span<const Step> trial_steps() {
  return kSteps;
}

}  // namespace sluice
