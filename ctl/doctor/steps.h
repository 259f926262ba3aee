#pragma once

#include "ctl/doctor/trial.h"

namespace sluice {

/// The steps of a trial, by what they are about; the table of them is in steps.cpp.

// One life without settings: what every pod gets.
Finding try_attach(Trial& trial);
Finding try_check(Trial& trial);
Finding try_rdma(Trial& trial);
Finding try_release(Trial& trial);
Finding try_again(Trial& trial);

// Frames between the VF and its port, within that life.
Finding try_frames_out(Trial& trial);
Finding try_frames_in(Trial& trial);

// A life for each setting.
Finding try_mac(Trial& trial);
Finding try_mtu(Trial& trial);
Finding try_vlan(Trial& trial);
Finding try_spoofchk(Trial& trial);
Finding try_trust(Trial& trial);
Finding try_link_state(Trial& trial);

// A life for each kind of rate.
Finding try_ceiling(Trial& trial);
Finding try_shaping(Trial& trial);
Finding try_floor(Trial& trial);

}  // namespace sluice
