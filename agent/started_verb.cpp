#include "agent/started_verb.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/run_options.h"
#include "pkg/daemon/instance_lock.h"
#include "pkg/daemon/succession.h"

namespace sluice {
namespace {

constexpr const char* kManual =
    R"(Whether the agent of this container acts on its node by now.

During an update two agents are on a node. Their pods share its network, so the
one that acts answers probes by HTTP for both; this asks the file of their lock.

Exit codes: 0 yes, 1 not yet, 2 wrong use.)";

int run(const std::string& run_dir) {
  const Result<bool> here = InstanceLock::was_taken_here(lock_of(run_dir));
  if (!here) {
    fmt::print(stderr, "sluiced: started: {}\n", here.error().message());
    return 1;
  }
  // Until it has arrived the kubelet may know only the other one.
  if (*here && !Succession(lock_of(run_dir)).is_asked()) return 0;
  fmt::print(stderr, "sluiced: started: {}\n",
             *here ? "on its way" : "the instance of another container acts");
  return 1;
}

}  // namespace

void add_started_verb(CLI::App& program, int& status) {
  const auto run_dir = std::make_shared<std::string>(RunOptions().run_dir);
  CLI::App* const verb = program.add_subcommand("started", kManual);
  verb->add_option("--run-dir", *run_dir, "Where the ledger of lanes is")->capture_default_str();
  verb->callback([run_dir, &status] { status = run(*run_dir); });
}

}  // namespace sluice
