#include "agent/check_config_verb.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "pkg/config/config.h"
#include "pkg/fs/atomic_file.h"

namespace sluice {
namespace {

constexpr int kProblems = 1;
constexpr int kWrongUse = 2;

constexpr const char* kManual =
    R"(Says everything that is wrong with a configuration, and touches nothing.

A line a problem, each with the JSON pointer of its place. A good configuration
is summed up instead: the classes as resources of Kubernetes, and their rates.
What the hardware of a node makes of it, "sluicectl offers" says there.

Exit codes: 0 good, 1 problems, 2 wrong use or no such file.)";

std::string or_none(BitRate rate) {
  return rate.is_zero() ? "none" : to_string(rate);
}

void print_summary(const std::string& path, const Config& config) {
  fmt::print("{}: good: {} port rules, {} classes\n", path, config.ports.rules.size(),
             config.classes.size());
  for (const ClassRule& rule : config.classes) {
    fmt::print("  {}: floor {}, ceiling {}, weight {}{}\n", config.resource(rule.name),
               or_none(rule.rate.floor), or_none(rule.rate.ceiling), rule.weight,
               rule.by == FrontEndName::claims ? ", by claims" : "");
  }
  for (const NetworkRule& rule : config.networks) {
    fmt::print("  network {}{}{}: {}\n", rule.name, rule.node.empty() ? "" : " of nodes ",
               rule.node, rule.cni.empty() ? "no addresses" : rule.cni);
  }
}

int check(const std::string& path) {
  const auto text = read_linked_file(path);
  if (!text) {
    fmt::print(stderr, "sluiced: check-config: {}\n", text.error().message());
    return kWrongUse;
  }
  const ParsedConfig parsed = parse_config(*text);
  if (parsed.problems.empty()) {
    print_summary(path, parsed.config);
    return 0;
  }
  fmt::print(stderr, "{}: {} problems\n{}", path, parsed.problems.size(),
             to_string(parsed.problems));
  return kProblems;
}

}  // namespace

void add_check_config_verb(CLI::App& program, int& status) {
  const auto path = std::make_shared<std::string>();
  CLI::App* const verb = program.add_subcommand("check-config", kManual);
  verb->add_option("file", *path, "The configuration, a JSON file")->required();
  verb->callback([path, &status] { status = check(*path); });
}

}  // namespace sluice
