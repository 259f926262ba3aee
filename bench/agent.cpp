// The node agent as a program, against a kubelet: its start with 256 VFs in eight classes, its
// memory and what it does while nothing happens; and what it and the CNI plugin cost a pod.
//
//   bench_agent <sluiced> <CNI plugin>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/bench.h"
#include "bench/contestants.h"
#include "bench/daemon.h"
#include "bench/program.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {
namespace {

constexpr int kPorts = 2;
constexpr int kVfsPerPort = 128;
constexpr int kClasses = 8;
constexpr int kStarts = 9;
constexpr int kPods = 61;

// After the start, until caches are filled and the last of the answers are given.
constexpr std::chrono::seconds kSettling{3};
constexpr std::chrono::seconds kIdle{20};

constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "bench"}]})";

struct Programs {
  std::string agent;
  std::string plugin;
  std::string nothing;  ///< A program that ends at once.
};

std::string class_name(int number) {
  return fmt::format("class{}", number);
}

std::string eight_classes() {
  std::string classes;
  for (int i = 0; i < kClasses; ++i) {
    classes +=
        fmt::format(R"({}{{"name": "{}", "floor": "500M"}})", i == 0 ? "" : ", ", class_name(i));
  }
  return fmt::format(R"({{"ports": [{{"select": {{}}, "vfs": "max"}}], "classes": [{}]}})",
                     classes);
}

struct Places {
  std::string sysfs;
  std::string run;
  std::string state;
};

/// A kubelet, and an agent in a directory that goes with them.
class Agent {
 public:
  explicit Agent(std::string program, Places places, const std::string& config)
      : program_(std::move(program)),
        places_(std::move(places)),
        kubelet_(files_ / "kubelet", FakeKubelet::Registry::watched) {
    std::ofstream(files_ / "config.json") << config;
    kubelet_.start();
  }

  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  ~Agent() {
    daemon_.reset();
    kubelet_.stop();
  }

  Result<> start() {
    daemon_.emplace(TRY(Daemon::start(
        {program_,         "run",          "--config",          files_ / "config.json",
         "--sysfs-root",   places_.sysfs,  "--run-dir",         places_.run,
         "--state-dir",    places_.state,  "--kubelet-dir",     files_ / "kubelet",
         "--cdi-dir",      files_ / "cdi", "--device-info-dir", files_ / "devinfo",
         "--http-address", "0.0.0.0",      "--http-port",       "0"},
        files_ / "log")));
    return {};
  }

  Result<> wait_for(const std::string& name, std::size_t devices) {
    if (kubelet_.wait_healthy("sluice.dev/" + name, devices)) return {};
    return Error(Code::timed_out, fmt::format("the kubelet has not got class {}", name));
  }

  FakeKubelet& kubelet() { return kubelet_; }

  const Daemon& daemon() const { return *daemon_; }

 private:
  TempDir files_{TempDir::kInMemory};
  std::string program_;
  Places places_;
  FakeKubelet kubelet_;
  std::optional<Daemon> daemon_;
};

/// The agent of a node that has 256 VFs.
class LargeNode {
 public:
  explicit LargeNode(const std::string& program)
      : agent_(program, {.sysfs = tree_.path(), .run = files_ / "run", .state = files_ / "state"},
               eight_classes()) {
    for (int port = 0; port < kPorts; ++port) {
      tree_.pf(fmt::format("0000:{:02x}:00.0", 0x10 + port),
               {.vfs = kVfsPerPort, .total_vfs = kVfsPerPort, .rdma = true});
    }
  }

  /// Seconds from before the program until the kubelet has all devices of all classes.
  Result<double> start() {
    Result<> done;
    const double taken = seconds([&] {
      done = agent_.start();
      for (int i = 0; i < kClasses && done; ++i) {
        done = agent_.wait_for(class_name(i), kPorts * kVfsPerPort / kClasses);
      }
    });
    TRY(done);
    return taken;
  }

  const Daemon& daemon() const { return agent_.daemon(); }

 private:
  SysfsTree tree_;
  TempDir files_{TempDir::kInMemory};
  Agent agent_;
};

Result<bool> measure_start(const std::string& program) {
  std::vector<double> starts;
  std::vector<double> helps;
  starts.reserve(kStarts);
  helps.reserve(kStarts);
  const auto ask_for_help = [&]() -> Result<> {
    TRY(run_program(program, {}, "", {"--help"}));
    return {};
  };
  for (int i = 0; i < kStarts; ++i) {
    starts.push_back(TRY(LargeNode(program).start()));
    TRY(timed(helps, ask_for_help));
  }
  return print({.what = "agent: start of the program to all registered, 256 VFs, 8 classes",
                .measured = median(starts),
                .reference = median(helps),
                .reference_name = "its --help",
                .most_ratio = 12});
}

Result<bool> measure_rest(const std::string& program) {
  LargeNode node(program);
  TRY(node.start());
  std::this_thread::sleep_for(kSettling);
  const double before = TRY(node.daemon().cpu_seconds());
  print({.what = "agent: CPU of its start, 256 VFs, 8 classes", .measured = before});
  const double idle = seconds([] { std::this_thread::sleep_for(kIdle); });
  const double used = TRY(node.daemon().cpu_seconds()) - before;
  const bool slim = print({.what = "agent: resident memory, 256 VFs, 8 classes",
                           .measured = TRY(node.daemon().resident_bytes()),
                           .most = 25 * kMebibyte,
                           .text = mebibytes});
  return print({.what = "agent: CPU while nothing happens, 256 VFs, 8 classes",
                .measured = used / idle,
                .reference = before,
                .reference_name = "of a second for its start",
                .most_ratio = 0.01,
                .text = percent}) &&
         slim;
}

/// What a pod's start is made of, in seconds.
struct PodStarts {
  std::vector<double> allocates;
  std::vector<double> adds;
  std::vector<double> moves;     ///< Within the ADDs, as the plugin says.
  std::vector<double> bare;      ///< Of the same link, and nothing else.
  std::vector<double> nothings;  ///< A program that ends at once.
};

/// The seconds that the last call's lanes were moved for. A move is not the same twice: it takes
/// whole ticks, and two more of them where the kernel has just been left work by another.
Result<double> read_moving(const std::string& log) {
  std::ifstream file(log);
  const std::string key = "lanes were moved took=\"";
  std::optional<double> found;
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find(key);
    if (at != std::string::npos) found = std::strtod(line.c_str() + at + key.size(), nullptr) / 1e3;
  }
  if (found) return *found;
  return Error(Code::not_found, fmt::format("log '{}' says nothing of moves", log));
}

Result<PodStarts> start_pods(Agent& agent, const Node& node, const Programs& programs) {
  const std::string log = node.run_dir() + "/bench.log";
  const Contestant sluice =
      run_for_pod(node, programs.plugin, fmt::format(R"(,"logLevel":"debug","logFile":"{}")", log));
  const Contestant bare = bare_moves(node);
  const auto admit = [&]() -> Result<> {
    TRY(agent.kubelet().admit("default/bench", "sluice.dev/bench", 1));
    return {};
  };
  const auto run_nothing = [&]() -> Result<> {
    TRY(run_program(programs.nothing, {}, ""));
    return {};
  };
  PodStarts starts;
  for (int i = 0; i < kPods; ++i) {
    TRY(timed(starts.allocates, admit));
    TRY(timed(starts.adds, [&] { return sluice.add(1); }));
    starts.moves.push_back(TRY(read_moving(log)));
    TRY(sluice.del(1));
    agent.kubelet().remove("default/bench");
    TRY(timed(starts.bare, [&] { return bare.add(1); }));
    TRY(bare.del(1));
    TRY(timed(starts.nothings, run_nothing));
  }
  return starts;
}

Result<bool> measure_pods(const Programs& programs) {
  const auto node = TRY(Node::with_veths(1));
  Agent agent(programs.agent,
              {.sysfs = node->sysfs_root(), .run = node->run_dir(), .state = node->state_dir()},
              kOneClass);
  TRY(agent.start());
  TRY(agent.wait_for("bench", 1));
  const PodStarts starts = TRY(start_pods(agent, *node, programs));
  const double allocate = midmean(starts.allocates);
  const double add = midmean(starts.adds);
  const double move = midmean(starts.moves);
  const double bare = midmean(starts.bare);
  print({.what = "pod start: preference and Allocate, 1 lane", .measured = allocate});
  print({.what = "pod start: ADD, 1 lane, the agent asked",
         .measured = add,
         .reference = bare,
         .reference_name = "bare move"});
  print({.what = "pod start: the kernel's move within this ADD", .measured = move});
  return print({.what = "pod start: what Sluice adds to the kernel's move, 1 lane",
                .measured = allocate + add - move,
                .reference = midmean(starts.nothings),
                .reference_name = "empty program",
                .most_ratio = 10});
}

Result<bool> run(const Programs& programs) {
  // What others do with links would wake the agent.
  if (::unshare(CLONE_NEWNET) != 0) return Error::from_errno(errno, "unshare network namespace");
  const bool start = TRY(measure_start(programs.agent));
  const bool rest = TRY(measure_rest(programs.agent));
  const bool pods = TRY(measure_pods(programs));
  return start && rest && pods;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const sluice::Result<bool> holds = sluice::bench::run(
      {.agent = argv[1],
       .plugin = argv[2],
       .nothing = std::filesystem::path(argv[0]).replace_filename("bench_nothing").string()});
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
  return holds && *holds ? 0 : 1;
}
