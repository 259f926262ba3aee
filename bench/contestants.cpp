#include "bench/contestants.h"

#include <thread>

#include "bench/bench.h"
#include "bench/program.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kSettling{60};

Contestant::Step each(const std::function<Result<>(std::size_t lane)>& step) {
  return [step](std::size_t lanes) -> Result<> {
    for (std::size_t lane = 0; lane < lanes; ++lane) TRY(step(lane));
    return {};
  };
}

CniCall call_for(std::size_t lane, const char* command, std::string conf) {
  return {.command = command,
          .container = fmt::format("bench{}", lane),
          .ifname = Node::name_in_pod(lane),
          .conf = std::move(conf)};
}

}  // namespace

Result<> timed(std::vector<double>& times, const std::function<Result<>()>& step) {
  std::this_thread::sleep_for(kSettling);
  Result<> done;
  times.push_back(seconds([&] { done = step(); }));
  return done;
}

Result<> race(const std::vector<Contestant*>& all, std::size_t lanes, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    for (Contestant* const one : all) {
      TRY(timed(one->adds, [&] {
            return one->add(lanes);
          }).context("{} brings in {} lanes", one->name, lanes));
      TRY(timed(one->dels, [&] {
            return one->del(lanes);
          }).context("{} takes back {} lanes", one->name, lanes));
    }
  }
  return {};
}

Contestant bare_moves(const Node& node) {
  return {.name = "bare move",
          .add = each([&node](std::size_t lane) { return node.move_in(lane); }),
          .del = each([&node](std::size_t lane) { return node.move_home(lane); })};
}

Contestant moves_after_programs(const Node& node, const std::string& nothing) {
  return {.name = "empty program + move",
          .add = each([&node, nothing](std::size_t lane) -> Result<> {
            TRY(run_program(nothing, {}, ""));
            return node.move_in(lane);
          }),
          .del = each([&node, nothing](std::size_t lane) -> Result<> {
            TRY(run_program(nothing, {}, ""));
            return node.move_home(lane);
          })};
}

Contestant ipam_runs(const Node& node, const std::string& plugin, const std::string& conf) {
  const auto run = [&node, plugin, conf](const char* command) {
    return each([&node, plugin, conf, command](std::size_t lane) {
      return node.call(plugin, call_for(lane, command, conf));
    });
  };
  return {.name = "plugin runs", .add = run("ADD"), .del = run("DEL")};
}

Contestant run_for_pod(const Node& node, const std::string& plugin, const std::string& more) {
  const std::string conf =
      fmt::format(R"({{"cniVersion":"1.0.0","name":"bench","type":"sluice"{},"prevResult":)"
                  R"({{"cniVersion":"1.0.0","interfaces":[{{"name":"eth0","sandbox":"/p"}}]}}}})",
                  more);
  const auto run = [&node, plugin, conf](const char* command) {
    return [&node, plugin, conf, command](std::size_t /*lanes*/) {
      return node.call(plugin,
                       {.command = command, .container = "pod", .ifname = "eth0", .conf = conf});
    };
  };
  return {.name = "sluice", .add = run("ADD"), .del = run("DEL")};
}

Contestant run_for_each(const Node& node, const std::string& plugin, const std::string& more) {
  const auto run = [&node, plugin, more](const char* command) {
    return each([&node, plugin, more, command](std::size_t lane) {
      return node.call(
          plugin,
          call_for(
              lane, command,
              fmt::format(
                  R"({{"cniVersion":"1.0.0","name":"bench","type":"sluice","deviceID":"{}"{}}})",
                  node.vfs()[lane].vf.to_string(), more)));
    });
  };
  return {.name = "sluice", .add = run("ADD"), .del = run("DEL")};
}

Contestant host_device(const Node& node, const std::string& plugin) {
  const auto run = [&node, plugin](const char* command) {
    return each([&node, plugin, command](std::size_t lane) {
      return node.call(
          plugin,
          call_for(
              lane, command,
              fmt::format(
                  R"({{"cniVersion":"0.3.1","name":"bench","type":"host-device","device":"{}"}})",
                  node.vfs()[lane].link)));
    });
  };
  return {.name = "host-device", .add = run("ADD"), .del = run("DEL")};
}

}  // namespace sluice::bench
