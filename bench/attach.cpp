// ADD and DEL of lanes by the CNI plugin, against nothing but the kernel's moves of the same links,
// against those moves after an empty program each, and against the host-device plugin, in turn.
//
//   bench_attach <plugin> [host-device]
//     with veth ends as VFs of a made-up sysfs, in a namespace of its own
//   bench_attach --lab <plugin> [host-device]
//     with the VFs of the first port of LAB_PORTS, and a rate
#include <sched.h>

#include <cstdlib>
#include <filesystem>

#include "bench/bench.h"
#include "bench/pod.h"
#include "bench/program.h"
#include "pkg/inventory/scan.h"
#include "pkg/netlink/live_kernel.h"
#include "test/support/sysfs_tree.h"

namespace sluice::bench {
namespace {

constexpr const char* kPort = "0000:10:00.0";
constexpr int kMostLanes = 60;

struct Programs {
  std::string plugin;
  std::string host_device;  ///< Empty: not compared.
  std::string nothing;      ///< A program that ends at once.
};

/// A VF that becomes a lane.
struct Candidate {
  std::string vf;
  std::string link;
};

struct World {
  Kernel& kernel;
  NetNs pod;
  std::string pod_path;
  std::vector<Candidate> vfs;
  std::vector<std::string> environment;
  std::string rate;  ///< Further keys of the plugin's configuration.
};

struct Times {
  double add = 0;
  double del = 0;
};

using Step = std::function<Result<>(const World&, std::size_t lane)>;

std::string name_in_pod(std::size_t lane) {
  return fmt::format("net{}", lane);
}

Result<> move_there(const World& world, std::size_t lane) {
  Links& links = world.kernel.links();
  const std::optional<Link> link = TRY(links.find(world.vfs[lane].link));
  if (!link) return Error(Code::not_found, fmt::format("link {}", world.vfs[lane].link));
  return links.change(link->index, {.netns = &world.pod, .name = name_in_pod(lane), .up = true});
}

Result<> move_back(const World& world, std::size_t lane) {
  const std::unique_ptr<Links> links = TRY(world.kernel.links_in(world.pod));
  const std::optional<Link> link = TRY(links->find(name_in_pod(lane)));
  if (!link) return Error(Code::not_found, fmt::format("link {} in pod", name_in_pod(lane)));
  return links->change(link->index,
                       {.netns = &world.kernel.host(), .name = world.vfs[lane].link, .up = false});
}

Result<> run_cni(const World& world, const std::string& program, const char* command,
                 std::size_t lane, const std::string& configuration) {
  std::vector<std::string> environment = world.environment;
  environment.push_back(fmt::format("CNI_COMMAND={}", command));
  environment.push_back(fmt::format("CNI_CONTAINERID=bench{}", lane));
  environment.push_back("CNI_NETNS=" + world.pod_path);
  environment.push_back("CNI_IFNAME=" + name_in_pod(lane));
  TRY(run_program(program, environment, configuration));
  return {};
}

std::string lane_configuration(const World& world, std::size_t lane) {
  return fmt::format(R"({{"cniVersion":"1.0.0","name":"bench","type":"sluice","deviceID":"{}"{}}})",
                     world.vfs[lane].vf, world.rate);
}

std::string device_configuration(const World& world, std::size_t lane) {
  return fmt::format(
      R"({{"cniVersion":"0.3.1","name":"bench","type":"host-device","device":"{}"}})",
      world.vfs[lane].link);
}

Result<Times> round(const World& world, std::size_t lanes, const Step& add, const Step& del) {
  Result<> failure;
  const auto all = [&](const Step& step) {
    return seconds([&] {
      for (std::size_t lane = 0; lane < lanes && failure; ++lane) failure = step(world, lane);
    });
  };
  Times times;
  times.add = all(add);
  times.del = all(del);
  TRY(failure);
  return times;
}

struct Contestant {
  std::string name;
  Step add;
  Step del;
  std::vector<double> adds = {};
  std::vector<double> dels = {};
};

std::vector<Contestant> contestants(const Programs& programs) {
  const auto plugin = [&programs](const char* command) {
    return [&programs, command](const World& world, std::size_t lane) {
      return run_cni(world, programs.plugin, command, lane, lane_configuration(world, lane));
    };
  };
  const auto host_device = [&programs](const char* command) {
    return [&programs, command](const World& world, std::size_t lane) {
      return run_cni(world, programs.host_device, command, lane, device_configuration(world, lane));
    };
  };
  // What a plugin cannot do without: to be a program. The end of any program gives RCU work, for
  // which the next move waits.
  const Step program_and_move = [&programs](const World& world, std::size_t lane) -> Result<> {
    TRY(run_program(programs.nothing, {}, ""));
    return move_there(world, lane);
  };
  const Step program_and_back = [&programs](const World& world, std::size_t lane) -> Result<> {
    TRY(run_program(programs.nothing, {}, ""));
    return move_back(world, lane);
  };
  std::vector<Contestant> all;
  all.push_back({.name = "sluice", .add = plugin("ADD"), .del = plugin("DEL")});
  all.push_back({.name = "bare move", .add = move_there, .del = move_back});
  all.push_back({.name = "empty program + move", .add = program_and_move, .del = program_and_back});
  if (!programs.host_device.empty()) {
    all.push_back({.name = "host-device", .add = host_device("ADD"), .del = host_device("DEL")});
  }
  return all;
}

/// Measures `lanes` lanes at a time, the contestants in turn, and prints their rows.
Result<bool> compare(const World& world, const Programs& programs, std::size_t lanes, int rounds) {
  std::vector<Contestant> all = contestants(programs);
  for (int i = 0; i < rounds; ++i) {
    for (Contestant& one : all) {
      const Times times =
          TRY(round(world, lanes, one.add, one.del).context("{}, {} lanes", one.name, lanes));
      one.adds.push_back(times.add);
      one.dels.push_back(times.del);
    }
  }
  const std::string text = lanes == 1 ? "1 lane" : fmt::format("{} lanes", lanes);
  const bool in_lab = !world.rate.empty();
  bool holds = true;
  for (std::size_t other = 1; other < all.size(); ++other) {
    const bool bare = other == 1;
    const double most = bare && !in_lab ? (lanes == 1 ? 1.10 : 1.15) : 0;
    holds &= print({.what = "ADD of " + text,
                    .measured = median(all[0].adds),
                    .reference = median(all[other].adds),
                    .reference_name = all[other].name,
                    .most_ratio = most});
    holds &= print({.what = "DEL of " + text,
                    .measured = median(all[0].dels),
                    .reference = median(all[other].dels),
                    .reference_name = all[other].name});
    if (all[other].name != "host-device" || !in_lab || lanes != 1) continue;
    holds &= print({.what = "ADD + DEL of " + text + " with a rate",
                    .measured = median(all[0].adds) + median(all[0].dels),
                    .reference = median(all[other].adds) + median(all[other].dels),
                    .reference_name = all[other].name + ", no rate",
                    .most_ratio = 0.1});
  }
  return holds;
}

/// A directory for the plugin's files, removed at the end of scope.
class Scratch {
 public:
  Scratch() {
    // In memory, as /run is on a node: a disk's file system would be measured along.
    std::string name = "/dev/shm/sluice-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  std::string path;
};

Result<std::vector<Candidate>> make_veths(Links& links) {
  const auto pair = [&links](const std::string& name, const std::string& peer) {
    NewLink link;
    link.kind = LinkKind::veth;
    link.name = name;
    link.peer_name = peer;
    return links.add(link).context("add {}", name);
  };
  TRY(pair("eth0", "eth0p"));
  std::vector<Candidate> vfs;
  for (int i = 0; i < kMostLanes; ++i) {
    const std::string name = fmt::format("eth0v{}", i);
    TRY(pair(name, fmt::format("peer{}", i)));
    vfs.push_back({.vf = SysfsTree::vf(kPort, i).to_string(), .link = name});
  }
  return vfs;
}

Result<bool> on_host(const Programs& programs) {
  if (::unshare(CLONE_NEWNET) != 0) return Error::from_errno(errno, "unshare network namespace");
  const Pod pod = TRY(Pod::make());
  const std::unique_ptr<LiveKernel> kernel = TRY(LiveKernel::open());
  std::optional<NetNs> netns = TRY(kernel->find_netns(pod.netns()));
  if (!netns) return Error(Code::not_found, pod.netns());
  // A driver without VF operations, for a veth has none: what is measured is the way there and
  // back.
  SysfsTree tree;
  tree.pf(kPort, {.vfs = kMostLanes, .total_vfs = kMostLanes, .driver = "ena", .vf_driver = "ena"});
  const Scratch scratch;
  const World world{.kernel = *kernel,
                    .pod = std::move(*netns),
                    .pod_path = pod.netns(),
                    .vfs = TRY(make_veths(kernel->links())),
                    .environment = {"CNI_PATH=/usr/lib/cni", "SLUICE_SYSFS_ROOT=" + tree.path(),
                                    "SLUICE_RUN_DIR=" + scratch.path + "/run",
                                    "SLUICE_STATE_DIR=" + scratch.path + "/state"},
                    .rate = ""};
  const bool one = TRY(compare(world, programs, 1, 31));
  const bool many = TRY(compare(world, programs, kMostLanes, 5));
  return one && many;
}

Result<bool> in_lab(const Programs& programs) {
  const char* const ports = std::getenv("LAB_PORTS");  // NOLINT(concurrency-mt-unsafe)
  if (ports == nullptr) return Error(Code::invalid_argument, "LAB_PORTS is not set");
  const PciAddress address = TRY(PciAddress::parse(std::string(ports).substr(0, 12)));
  const Dir sysfs = TRY(Dir::open("/sys"));
  const std::optional<Port> port = TRY(scan_port(sysfs, address));
  if (!port || port->vfs.empty()) return Error(Code::not_found, "no VFs on the first port");
  const Pod pod = TRY(Pod::make());
  const std::unique_ptr<LiveKernel> kernel = TRY(LiveKernel::open());
  std::optional<NetNs> netns = TRY(kernel->find_netns(pod.netns()));
  if (!netns) return Error(Code::not_found, pod.netns());
  std::vector<Candidate> vfs;
  for (const Vf& vf : port->vfs) vfs.push_back({.vf = vf.address.to_string(), .link = vf.link});
  const Scratch scratch;
  const World world{
      .kernel = *kernel,
      .pod = std::move(*netns),
      .pod_path = pod.netns(),
      .vfs = std::move(vfs),
      .environment = {"CNI_PATH=/usr/lib/cni", "SLUICE_RUN_DIR=" + scratch.path + "/run",
                      "SLUICE_STATE_DIR=" + scratch.path + "/state"},
      .rate = R"(,"ceiling":"100M")"};
  const bool one = TRY(compare(world, programs, 1, 7));
  const bool all = TRY(compare(world, programs, world.vfs.size(), 1));
  return one && all;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice;         // NOLINT(google-build-using-namespace)
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool lab = !arguments.empty() && arguments[0] == "--lab";
  if (lab) arguments.erase(arguments.begin());
  arguments.resize(2);
  const Programs programs = {
      .plugin = arguments[0],
      .host_device = arguments[1],
      .nothing = std::filesystem::path(argv[0]).replace_filename("bench_nothing").string()};
  const Result<bool> holds = lab ? in_lab(programs) : on_host(programs);
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
  return holds && *holds ? 0 : 1;
}
