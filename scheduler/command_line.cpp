#include "scheduler/command_line.h"

#include <CLI/CLI.hpp>

namespace sluice {
namespace {

void add_listening(CLI::App& program, SchedulerOptions& options) {
  const auto add = [&program](const char* name, auto& value, const char* what) {
    return program.add_option(name, value, what)->capture_default_str();
  };
  add("--address", options.address,
      "Where the extender answers: a numeric address, \"::\" for all. Any client that reaches it "
      "can bind "
      "pods: off this host give --client-ca");
  add("--port", options.port, "0: the kernel chooses; the log says which");
  CLI::Option* const cert = add(
      "--tls-cert", options.tls_cert,
      "Serve HTTPS with the certificate (chain) in this file. What is renewed in these files is "
      "taken up");
  CLI::Option* const key = add("--tls-key", options.tls_key, "The certificate's private key");
  add("--client-ca", options.client_ca,
      "Answer only clients with a certificate of the authorities in this file")
      ->needs(cert);
  cert->needs(key);
  key->needs(cert);
  add("--health-address", options.health_address, "Where probes and metrics answer as well");
  add("--health-port", options.health_port,
      "In plain HTTP, without a certificate; 0: on --port alone");
}

void add_lease(CLI::App& program, SchedulerOptions& options) {
  const auto add = [&program](const char* name, auto& value, const char* what) {
    return program.add_option(name, value, what)->capture_default_str();
  };
  // A bind may take 8 s, the next renewal 2 s to come, and a second is set aside.
  constexpr int kShortest = 12;
  constexpr int kLongest = 600;
  add("--lease-namespace", options.lease_namespace,
      "Namespace of the Lease; default: that of the pod");
  add("--lease-name", options.lease_name, "The Lease by which one replica leads");
  add("--lease-seconds", options.lease_seconds,
      "How long others wait for a leader that says nothing")
      ->check(CLI::Range(kShortest, kLongest));
  add("--service", options.service,
      "The Service that the leader has lead to --address, by an EndpointSlice of the same name in "
      "the Lease's namespace; it must have no selector. Replicas that wait are ready, too, then");
  program.add_flag("--no-leader-election", options.no_leader_election,
                   "Lead without a Lease: there must be no other replica");
}

}  // namespace

void add_options(CLI::App& program, SchedulerOptions& options) {
  program.add_option("--kubeconfig", options.kubeconfig,
                     "Access to the API server; in a pod its service account is used");
  add_listening(program, options);
  program
      .add_option("--policy", options.policy,
                  "Which node is preferred: best-suited (where the fewest gigabits get stranded), "
                  "pack (the fullest) or spread (the emptiest)")
      ->capture_default_str();
  program
      .add_option("--domain", options.domain,
                  "Of the classes' extended resources: <domain>/<class>")
      ->capture_default_str();
  add_lease(program, options);
  program.add_option("--log-level", options.log_level, "error, warn, info or debug")
      ->capture_default_str();
  program.add_flag("--log-json", options.log_json, "Log JSON, a line an object");
}

}  // namespace sluice
