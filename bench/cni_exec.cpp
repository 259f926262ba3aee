// Start to end of the CNI plugin's VERSION against a static program that does nothing, in turn.
//
//   bench_cni_exec <plugin> <program that does nothing>
#include "bench/bench.h"
#include "bench/program.h"

namespace sluice::bench {
namespace {

constexpr int kRounds = 400;

bool run(const std::string& plugin, const std::string& nothing) {
  const std::vector<std::string> environment = {"CNI_COMMAND=VERSION"};
  std::vector<double> plugin_times;
  std::vector<double> nothing_times;
  for (int i = 0; i < kRounds; ++i) {
    for (const auto& each :
         {std::pair(&plugin, &plugin_times), std::pair(&nothing, &nothing_times)}) {
      Result<std::string> output;
      each.second->push_back(seconds(
          [&] { output = run_program(*each.first, environment, R"({"cniVersion":"1.1.0"})"); }));
      if (output) continue;
      fmt::print(stderr, "{}\n", output.error().message());
      return false;
    }
  }
  return print({.what = "start of the CNI plugin (VERSION)",
                .measured = median(plugin_times),
                .reference = median(nothing_times),
                .reference_name = "static program that does nothing",
                .most_ratio = 1.3});
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  return argc == 3 && sluice::bench::run(argv[1], argv[2]) ? 0 : 1;
}
