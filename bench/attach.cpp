// ADD and DEL of lanes by the CNI plugin, against nothing but the kernel's moves of the same links,
// against those moves after an empty program each, and against the host-device plugin, in turn.
//
//   bench_attach <plugin> [host-device]
//     with veth ends as VFs of a made-up sysfs, in a namespace of its own
//   bench_attach --lab <plugin> [host-device]
//     with the VFs of the first port of LAB_PORTS, and a rate
#include <filesystem>

#include "bench/bench.h"
#include "bench/contestants.h"
#include "bench/pod_agent.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {
namespace {

constexpr int kMostLanes = 60;

// Against the bare moves of the same links.
constexpr double kMostOfOne = 1.10;
constexpr double kMostOfMany = 1.15;
// In emulation, where every instruction of a program costs twenty times as much and waiting for RCU
// does not.
constexpr double kMostInLab = 1.25;
constexpr double kMostOfOther = 1;  // Against host-device, both without a rate.

// In the lab every lane has it.
constexpr BitRate kCeiling = BitRate::mbps(100);
constexpr const char* kRate = R"(,"ceiling":"100M")";

struct Programs {
  std::string plugin;
  std::string host_device;  ///< Empty: not compared.
  std::string nothing;      ///< A program that ends at once.
};

/// The rows of one against another; `most`: bounds the ratio of the ADDs, 0: nothing does.
bool compare(const std::string& lanes, const Contestant& one, const Contestant& other,
             double most = 0) {
  const bool add = print({.what = "ADD of " + lanes,
                          .measured = median(one.adds),
                          .reference = median(other.adds),
                          .reference_name = other.name,
                          .most_ratio = most});
  const bool del = print({.what = "DEL of " + lanes,
                          .measured = median(one.dels),
                          .reference = median(other.dels),
                          .reference_name = other.name});
  return add && del;
}

/// The row of all that a lane costs; `most`: bounds the ratio, 0: nothing does.
bool compare_sum(const std::string& lane, const Contestant& one, const Contestant& other,
                 double most) {
  return print({.what = "ADD + DEL of " + lane,
                .measured = median(one.adds) + median(one.dels),
                .reference = median(other.adds) + median(other.dels),
                .reference_name = other.name,
                .most_ratio = most});
}

// In the lab programs lie in a folder of the host's, from which each start would read them page by
// page; a node has them in memory.
Result<Programs> in_memory(const Programs& programs, const TempDir& dir) {
  Programs copies = programs;
  for (std::string* const each : {&copies.plugin, &copies.host_device, &copies.nothing}) {
    if (each->empty()) continue;
    const std::string copy = dir / std::filesystem::path(*each).filename().string();
    std::error_code failed;
    std::filesystem::copy_file(*each, copy, failed);
    if (failed) return Error::from_errno(failed.value(), fmt::format("copy '{}'", *each));
    *each = copy;
  }
  return copies;
}

struct Course {
  const Node& node;
  const Programs& programs;
  bool in_lab = false;  ///< With a rate there, and ADD and DEL together; else ADDs alone.
};

Result<bool> measure_one(const Course& course, int rounds) {
  Contestant sluice = run_for_each(course.node, course.programs.plugin, course.in_lab ? kRate : "");
  Contestant bare = bare_moves(course.node);
  Contestant after_programs = moves_after_programs(course.node, course.programs.nothing);
  Contestant plain = run_for_each(course.node, course.programs.plugin, "");
  Contestant other = host_device(course.node, course.programs.host_device);
  std::vector<Contestant*> all = {&sluice, &bare, &after_programs};
  const bool has_other = !course.programs.host_device.empty();
  if (has_other) all.insert(all.end(), {&plain, &other});
  TRY(race(all, 1, rounds));
  bool holds = compare("1 lane", sluice, bare, course.in_lab ? 0 : kMostOfOne);
  compare("1 lane", sluice, after_programs);
  if (course.in_lab) {
    holds &= compare_sum("1 lane with a rate", sluice, bare, kMostInLab);
    holds &= compare_sum("1 lane with a rate", sluice, after_programs, kMostInLab);
    // What is left to any plugin: no row above can be below it.
    compare_sum("an empty program + move", after_programs, bare, 0);
  }
  if (!has_other) return holds;
  compare("1 lane", plain, other);
  if (course.in_lab) holds &= compare_sum("1 lane without a rate", plain, other, kMostOfOther);
  return holds;
}

Result<bool> measure_many(const Course& course, int rounds) {
  Contestant pod = run_for_pod(course.node, course.programs.plugin);
  Contestant bare = bare_moves(course.node);
  Contestant runs = run_for_each(course.node, course.programs.plugin, course.in_lab ? kRate : "");
  Contestant after_programs = moves_after_programs(course.node, course.programs.nothing);
  Contestant other = host_device(course.node, course.programs.host_device);
  std::vector<Contestant*> all = {&pod, &bare, &runs, &after_programs};
  const bool has_other = !course.programs.host_device.empty();
  if (has_other) all.push_back(&other);
  const std::size_t lanes = course.node.vfs().size();
  TRY(race(all, lanes, rounds));
  const std::string of_pod = fmt::format("{} lanes of a pod, one run", lanes);
  const std::string of_each = fmt::format("{} lanes, a run each", lanes);
  const bool holds = compare(of_pod, pod, bare, course.in_lab ? 0 : kMostOfMany);
  if (has_other) compare(of_pod, pod, other);
  compare(of_each, runs, bare);
  compare(of_each, runs, after_programs);
  if (has_other) compare(of_each, runs, other);
  return holds;
}

Result<bool> run(const Programs& given, bool in_lab) {
  const TempDir dir;
  const Programs programs = TRY(in_lab ? in_memory(given, dir) : given);
  const auto node = TRY(in_lab ? Node::of_lab() : Node::with_veths(kMostLanes));
  const Course course{.node = *node, .programs = programs, .in_lab = in_lab};
  const bool one = TRY(measure_one(course, in_lab ? 15 : 31));
  // Only now: an offer's ceiling would be every lane's.
  const auto agent = TRY(PodAgent::start(*node, in_lab ? kCeiling : BitRate()));
  const bool many = TRY(measure_many(course, in_lab ? 1 : 5));
  return one && many;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice;         // NOLINT(google-build-using-namespace)
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool in_lab = !arguments.empty() && arguments[0] == "--lab";
  if (in_lab) arguments.erase(arguments.begin());
  arguments.resize(2);
  const Programs programs = {
      .plugin = arguments[0],
      .host_device = arguments[1],
      .nothing = std::filesystem::path(argv[0]).replace_filename("bench_nothing").string()};
  const Result<bool> holds = sluice::bench::run(programs, in_lab);
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
  return holds && *holds ? 0 : 1;
}
