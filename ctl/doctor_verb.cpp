#include "ctl/doctor_verb.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/doctor/namespace_holder.h"
#include "ctl/doctor/trial.h"
#include "ctl/doctor/watch.h"
#include "ctl/verb_options.h"
#include "pkg/fs/file_lock.h"
#include "pkg/lane/providers.h"
#include "pkg/netlink/driver_info.h"
#include "pkg/netlink/kernel_frame_sockets.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice {
namespace {

constexpr int kWrongUse = 2;

// Many times what a trial takes; a kernel that is stuck ends it.
constexpr std::chrono::minutes kBound{10};

constexpr const char* kManual =
    R"(Tries the promises of Sluice on a VF of this node: --try ADDRESS takes one free VF
through lanes' lives, in a network namespace made for it, and says of each promise
whether it was kept and what the driver answered. It sends a few frames of its own
(ethertype 88b5) between the VF and its port, some seconds of them at the rate of a
small ceiling, and leaves nothing behind. This is what to add to a report about a NIC:

    sluicectl ports -o json            # addresses of VFs
    sluicectl doctor --try 0000:3b:00.2

The VF must be free: at home, in no lane, and not offered to the kubelet, which could
give it to a pod at any moment. `sluicectl offers` shows VFs that are not offered. A VF
that another device plugin offers is not known to be: take one that it does not have.
Other lanes of the port keep their floors; what they have beyond may be less meanwhile.

Verdicts: "kept"; "not kept"; "refused by the driver": a pod that asks for it does not
start; "could not be tried": what it depends on was missing.

The VF is recorded in the node's ledger as a lane of network "sluicectl-doctor". When
the trial is killed it is brought home by the process that watches it; when both are,
by the next `doctor --try`, or by the agent.

Exit codes: 0 no promise was broken, 1 one was or the trial was cut short, 2 wrong use
(no root, not a VF, not free).)";

struct Arguments : VerbOptions {
  std::string vf;
};

/// What a trial is made of, and this process watches it with.
struct Node {
  Dir sysfs;
  Ledger ledger;
  SetAsideStore aside;
  std::unique_ptr<LiveKernel> kernel;
};

Result<Node> open_node(const Arguments& arguments) {
  if (::geteuid() != 0) return Error(Code::permission_denied, "only root may try a VF");
  Dir sysfs = TRY(Dir::open(arguments.sysfs_root));
  const std::string boot = TRY(this_boot());
  Ledger ledger = TRY(Ledger::open(arguments.run_dir, boot));
  auto kernel = TRY(LiveKernel::open());
  return Node{std::move(sysfs), std::move(ledger), SetAsideStore(arguments.state_dir),
              std::move(kernel)};
}

void add_facts_of_node(TrialFacts& facts) {
  facts.sluice = SLUICE_VERSION;
  utsname system{};
  if (::uname(&system) == 0) facts.kernel = system.release;
  if (const auto driver = read_driver_info(facts.port_link)) facts.firmware = driver->firmware;
}

/// Takes home what earlier trials left, or this one. Only one trial runs at a time.
Result<> bring_home(Node& node) {
  Lanes lanes(*node.kernel, node.sysfs, node.ledger, node.aside,
              providers(*node.kernel, node.sysfs, node.ledger));
  return lanes.collect(kTrialNetwork, {});
}

Result<> run_here(const Node& node, const Subject& subject, const std::string& netns,
                  const Tell& tell) {
  const auto kernel = TRY(LiveKernel::open());
  const std::optional<NetNs> pod = TRY(kernel->find_netns(netns));
  if (!pod) return Error(Code::not_found, fmt::format("no network namespace at '{}'", netns));
  KernelFrameSockets frames;
  Trial trial({*kernel, node.sysfs, node.ledger, node.aside, frames}, subject, *pod, netns, {});
  run_trial(trial, tell);
  return {};
}

/// In the trial's own process: with a kernel of its own, for answers are read from sockets.
void run_in_child(const Node& node, const Subject& subject, const std::string& netns,
                  const Tell& tell) {
  const Result<> done = run_here(node, subject, netns, tell);
  if (done) return;
  tell({.step = "start",
        .promise = "the trial can begin",
        .finding = {Verdict::not_kept, done.error().message()}});
}

/// What the watcher does after a trial that was cut short.
StepResult clean_up(Node& node, const Subject& subject) {
  StepResult step{.step = "clean-up", .promise = "a trial that was cut short leaves nothing"};
  if (const Result<> home = bring_home(node); !home) {
    step.finding = {Verdict::not_kept, home.error().message()};
    return step;
  }
  const auto rest = left_behind(*node.kernel, node.sysfs, node.ledger, subject);
  if (!rest) step.finding = {Verdict::not_kept, rest.error().message()};
  if (rest && !rest->empty()) step.finding = {Verdict::not_kept, "left behind: " + *rest};
  return step;
}

Result<int> examine_and_try(const Arguments& arguments, Node& node, const HeldSignals& signals) {
  TRY(bring_home(node).context("remains of an earlier trial"));
  const PciAddress vf = TRY(PciAddress::parse(arguments.vf));
  Subject subject = TRY(examine(*node.kernel, node.sysfs, node.ledger, node.aside, vf));
  add_facts_of_node(subject.facts);
  const bool json = arguments.wants_json();
  // As the trial goes on. Not fmt::print, which throws when the reader has gone.
  const auto say = [json](const std::string& text) {
    if (json) return;
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  };
  say(facts_text(subject.facts) + "\n");
  std::vector<StepResult> steps;
  const Tell tell = [&](const StepResult& step) {
    steps.push_back(step);
    say(step_text(step));
  };
  const NamespaceHolder holder = TRY(NamespaceHolder::make());
  const std::string cut_short =
      TRY(watch([&](const Tell& out) { run_in_child(node, subject, holder.path(), out); }, tell,
                signals, kBound));
  if (!cut_short.empty()) {
    for (const StepResult& step : untold_steps(trial_steps(), steps, cut_short)) tell(step);
    tell(clean_up(node, subject));
  }
  say("\n" + summary_text(steps));
  if (json) std::fputs(report_json(subject.facts, steps).c_str(), stdout);
  return all_kept(steps) && cut_short.empty() ? 0 : 1;
}

Result<int> run_checked(const Arguments& arguments) {
  TRY(PciAddress::parse(arguments.vf));
  Node node = TRY(open_node(arguments));
  const FileLock alone =
      TRY(FileLock::take(arguments.run_dir + "/locks/doctor.lock", std::chrono::milliseconds(0))
              .context("another trial is running"));
  const HeldSignals signals = TRY(HeldSignals::hold());
  return examine_and_try(arguments, node, signals);
}

int exit_code_of(const Error& error) {
  switch (error.code()) {
    case Code::invalid_argument:
    case Code::not_found:
    case Code::busy:
    case Code::permission_denied: return kWrongUse;
    default: return 1;
  }
}

int run(const Arguments& arguments) {
  const Result<int> done = run_checked(arguments);
  if (done) return *done;
  std::fputs(fmt::format("sluicectl: doctor: {}\n", done.error().message()).c_str(), stderr);
  return exit_code_of(done.error());
}

}  // namespace

void add_doctor_verb(CLI::App& program, int& status) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const verb = program.add_subcommand("doctor", kManual);
  verb->add_option("--try", arguments->vf, "PCI address of the VF, \"0000:3b:00.2\"")->required();
  add_output_option(*verb, *arguments);
  add_place_options(*verb, *arguments);
  verb->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sluice
