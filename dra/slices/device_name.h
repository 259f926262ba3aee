#pragma once

#include <string>
#include <string_view>

namespace sluice::dra {

// Names of devices and slices: the same input, the same name, on every node and after a restart.

/// The device of a port: "port-0000-3b-00-0" for a PCI address, "link-eth0" for an uplink. A name
/// that a DNS label cannot hold is changed to one, with a hash of the original behind it.
std::string port_device_name(std::string_view port);

/// A VF, by its PCI address: "vf-0000-3b-00-2".
std::string vf_name(std::string_view vf);

/// The device of a VF under a class: "vf-0000-3b-00-2-gold".
std::string vf_device_name(std::string_view vf, std::string_view class_name);

/// The counter of a class: "class-gold".
std::string class_counter_name(std::string_view class_name);

/// The object of the slice at `position`: "00000-sluice.dev-node-a". The scheduler reads the slices
/// of a pool in the order of their names. One above 253 characters is cut, with a hash behind it.
std::string slice_name(std::size_t position, std::string_view domain, std::string_view node);

}  // namespace sluice::dra
