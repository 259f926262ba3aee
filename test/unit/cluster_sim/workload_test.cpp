#include "bench/cluster_sim/workload.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::sim {
namespace {

TEST(Workload, AsksTheLoadOfTheFleetFromTheStartOn) {
  const Fleet fleet = *make_fleet("mixed", 20'000, 1);
  const Mix mix = *make_mix("mixed");
  const Workload workload = make_workload(fleet, mix, {.load = 0.8, .pods = 5'000, .seed = 1});

  double asked = 0;
  for (const Pod& pod : workload.pods) {
    if (pod.comes == 0) asked += static_cast<double>(mix[pod.sort].floors().as_bits_per_second());
  }
  const auto usable = static_cast<double>(fleet.usable().as_bits_per_second());
  EXPECT_NEAR(asked / usable, 0.8, 0.02);
}

TEST(Workload, PodsComeInOrderAndGoLater) {
  const Workload workload =
      make_workload(*make_fleet("mixed", 50, 1), *make_mix("mixed"), {.pods = 500});

  EXPECT_TRUE(std::ranges::is_sorted(workload.pods, {}, &Pod::comes));
  for (const Pod& pod : workload.pods) EXPECT_GT(pod.goes, pod.comes);
  EXPECT_EQ(workload.ends, workload.pods.back().comes);
  EXPECT_GT(workload.measured_from, 0);
}

TEST(Workload, IsTheSameForTheSameSeed) {
  const Fleet fleet = *make_fleet("mixed", 50, 1);
  const Mix mix = *make_mix("mixed");
  const auto ends = [&](std::uint64_t seed) {
    return make_workload(fleet, mix, {.pods = 500, .seed = seed}).ends;
  };
  EXPECT_EQ(ends(7), ends(7));
  EXPECT_NE(ends(7), ends(8));
}

TEST(Mix, PartsOfAllSortsAreOne) {
  for (const char* const name : {"mixed", "small"}) {
    const Mix mix = *make_mix(name);
    double sum = 0;
    for (const PodSort& sort : mix) sum += sort.part;
    EXPECT_NEAR(sum, 1, 1e-9) << name;
  }
  const Mix small = *make_mix("small");
  for (const PodSort& sort : small) {
    EXPECT_LE(sort.largest_floor(), BitRate::gbps(25)) << sort.name;
  }
}

}  // namespace
}  // namespace sluice::sim
