#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cni/protocol/net_conf.h"

namespace sluice::cni {

inline constexpr const char* kDevice = R"("deviceID":"0000:af:06.0")";

inline Environment environment(Command command = Command::add) {
  return {.command = command,
          .container_id = "c1",
          .netns = "/run/netns/p1",
          .ifname = "net1",
          .args = {.pod_name = "a", .pod_namespace = "ml"}};
}

inline std::string conf(const std::string& more, const std::string& version = "1.1.0") {
  return R"({"cniVersion":")" + version + R"(","name":"rdma-net","type":"sluice")" +
         (more.empty() ? "" : ",") + more + "}";
}

// B + `more`
inline std::string b(const std::string& more = {}) {
  return conf(kDevice + (more.empty() ? "" : "," + more));
}

inline Outcome<NetConf> load(const std::string& text, Command command = Command::add) {
  return load_net_conf(text, environment(command));
}

inline LaneRequest lane(const std::string& more) {
  Outcome<NetConf> loaded = load(b(more));
  EXPECT_TRUE(loaded) << more << ": " << loaded.error().message;
  return loaded ? loaded->lane : LaneRequest();
}

}  // namespace sluice::cni
