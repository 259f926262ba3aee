#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// What the CNI plugin and the agent say to each other on the agent's socket: one line each way,
/// then the connection ends. A line is a JSON object.
///
///   {"version":1,"namespace":"default","pod":"web-0","uid":"5f0c…"}
///   {"version":1,"lanes":[{"vf":"0000:3b:02.1","class":"gold"}]}
///   {"version":1,"error":"busy","message":"the kubelet does not answer"}
///
/// Members that are not known are passed over, but for those of a lane of version 2: a plugin that
/// drops a lane's floor breaks a promise. An answer is of version 2 where a lane has a rate,
/// settings or a network, so that a plugin that knows only version 1 refuses it, and of version 1
/// otherwise, so that such a plugin goes on working while the agent is upgraded first.
///
///   {"version":2,"lanes":[{"vf":"0000:3b:02.1","rate":{"floor":5000000000,"ceiling":0},
///                          "settings":{"vlan":{"id":7,"qos":0,"protocol":33024}},
///                          "network":{"name":"rail0","cni":{"name":"sluice-rail0","ipam":{…}},
///                                     "mtu":9000}}]}

/// A question holds three names of at most 253 bytes (the longest name of a Kubernetes object).
inline constexpr std::size_t kLongestQuestion = 4096;

/// An answer with the 256 VFs of a port has 20 KiB, and 256 networks of 1 KiB where each has one.
inline constexpr std::size_t kLongestAnswer = 524'288;

/// Without the line end, as are all of these.
std::string encode_question(const PodId& pod);

/// invalid_argument when it is not one.
Result<PodId> decode_question(std::string_view line);

/// `lanes` may be an Error: it travels with its code and its message.
std::string encode_answer(const Result<std::vector<PodLane>>& lanes);

/// The Error that the agent sent, or internal when the line is no answer.
Result<std::vector<PodLane>> decode_answer(std::string_view line);

}  // namespace sluice
