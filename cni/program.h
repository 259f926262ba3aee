#pragma once

namespace sluice::cni {

/// The whole plugin: reads the environment and standard input, does what is asked, prints one JSON
/// document (or nothing, for verbs that have no answer) and returns the exit status.
int run_plugin();

}  // namespace sluice::cni
