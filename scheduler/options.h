#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// What `sluice-scheduler` is told on its command line.
struct SchedulerOptions {
  std::string kubeconfig;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8888;  ///< The papers' port.
  std::string health_address = "127.0.0.1";
  std::uint16_t health_port = 0;
  std::string tls_cert;
  std::string tls_key;
  std::string client_ca;
  std::string policy = "best-suited";
  std::string domain = "sluice.dev";
  std::string lease_namespace;
  std::string lease_name = "sluice-scheduler";
  int lease_seconds = 15;
  std::string service;  ///< Empty: none.
  bool no_leader_election = false;
  std::string log_level = "info";
  bool log_json = false;
};

}  // namespace sluice
