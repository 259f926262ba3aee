#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/answers.h"

namespace sluice::plugin {

/// Tokens stand for nothing of the node: a container that asks for one gets the character devices
/// of its own pod's lanes, which are known when it starts. So there are as many as containers could
/// ask for at once: the kubelet takes 110 pods (maxPods of k8s.io/kubelet/config/v1beta1),
/// providers set up to 256, and a thousand leaves each of these nearly four. What the kubelet keeps
/// of each is a dozen bytes of its checkpoint.
inline constexpr std::size_t kTokens = 1000;

/// "token-17": what the kubelet calls a token, and the name of its CDI device.
std::string token_name(std::size_t number);

/// And back; nullopt for what is no token's name.
std::optional<std::size_t> token_number(std::string_view name);

/// All tokens, as the kubelet lists them. They are always healthy and of no NUMA node.
std::vector<DeviceEntry> token_list();

/// The tokens that a container should have: `must_include`, then those that come first from
/// `next` on, round and round. Pure.
std::vector<std::string> prefer_tokens(const PreferenceRequest& request, std::size_t next);

}  // namespace sluice::plugin
