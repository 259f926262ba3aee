// sluice-gids: waits for GIDs by the very function that the CNI plugin's ADD calls. For tests in
// the lab; never installed.
#include <cstdio>
#include <exception>
#include <span>

#include <CLI/CLI.hpp>

#include "cni/verbs/await_gids.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

constexpr const char* kManual =
    R"(Waits until an RDMA device has addresses as GIDs of RoCE v2, one second at most,
and says how long that took.

  sluice-gids /run/netns/pod rxe0 192.0.2.7 2001:db8::7

Exit codes: 0 all are there, 1 some are missing or can't be known, 2 wrong use.)";

struct Arguments {
  std::string netns;
  std::string device;
  std::vector<std::string> addresses;
};

Result<cni::AwaitedGids> awaited_of(const Arguments& arguments) {
  cni::AwaitedGids awaited{.device = arguments.device, .missing = {}, .problem = {}};
  for (const std::string& text : arguments.addresses) {
    awaited.missing.push_back(TRY(IpAddress::parse(text)));
  }
  return awaited;
}

// How it ended, for people.
Result<std::string> wait(const Arguments& arguments, bool& is_complete) {
  cni::AwaitedGids awaited = TRY(awaited_of(arguments));
  const std::unique_ptr<LiveKernel> kernel = TRY(LiveKernel::open());
  const std::optional<NetNs> netns = TRY(kernel->find_netns(arguments.netns));
  if (!netns) return Error(Code::not_found, "no network namespace at " + arguments.netns);
  const std::unique_ptr<RdmaDevices> rdma = TRY(kernel->rdma_in(*netns));
  const auto start = std::chrono::steady_clock::now();
  cni::await_gids(*rdma, std::span(&awaited, 1));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  is_complete = awaited.missing.empty() && awaited.problem.empty();
  if (!awaited.problem.empty()) return "not known: " + awaited.problem;
  if (is_complete) return fmt::format("all are there after {} ms", took.count());
  std::string text = fmt::format("missing after {} ms:", took.count());
  for (const IpAddress& address : awaited.missing) text += " " + address.to_string();
  return text;
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App program(kManual, "sluice-gids");
  program.add_option("NETNS", arguments.netns, "Path of the pod's network namespace")->required();
  program.add_option("DEVICE", arguments.device, "RDMA device, as the pod sees it")->required();
  program.add_option("ADDRESS", arguments.addresses, "Addresses without a length")->required();
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kWrongUse;
  }
  bool is_complete = false;
  const Result<std::string> end = wait(arguments, is_complete);
  if (!end) fmt::print(stderr, "sluice-gids: {}\n", end.error().message());
  if (end) fmt::print("{}\n", *end);
  return is_complete ? 0 : kFailed;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  try {
    return sluice::run(argc, argv);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}
