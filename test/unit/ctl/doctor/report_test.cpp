#include "ctl/doctor/report.h"

#include "ctl/doctor/frames.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

const TrialFacts kFacts = {.sluice = "0.1.0",
                           .kernel = "6.12.9",
                           .vf = "0000:01:10.0",
                           .number = 0,
                           .vf_driver = "igbvf",
                           .port = "0000:01:00.0",
                           .port_link = "enp1s0",
                           .driver = "igb",
                           .firmware = "",
                           .eswitch_mode = "",
                           .line_rate = BitRate::gbps(1),
                           .carrier = true,
                           .row = "igb",
                           .floor_enforcement = "emulated",
                           .ceiling_enforcement = "hardware",
                           .rdma_device = "",
                           .rdma_mode = ""};

const std::vector<StepResult> kSteps = {
    {"attach", "the link is there", {Verdict::kept, "'net1' up"}},
    {"shaping", "no more than the ceiling", {Verdict::not_kept, "ceiling 10 Mbit/s: 420.1"}},
    {"link-state", "as asked for", {Verdict::refused, "set VF 0: EOPNOTSUPP: \"no \x01 way\""}},
    {"rdma", "it follows", {Verdict::untried, ""}}};

TEST(DoctorReport, IsForPeopleAHeadAndTwoLinesAStep) {
  EXPECT_EQ(facts_text(kFacts),
            "sluice              0.1.0\n"
            "kernel              6.12.9\n"
            "VF                  0000:01:10.0 (number 0, igbvf)\n"
            "port                0000:01:00.0 (enp1s0)\n"
            "driver              igb\n"
            "firmware            -\n"
            "eswitch mode        -\n"
            "line rate           1 Gbit/s, carrier\n"
            "capability row      igb\n"
            "floorEnforcement    emulated\n"
            "ceilingEnforcement  hardware\n"
            "RDMA device         -\n");
  EXPECT_EQ(step_text(kSteps[0]),
            "attach        kept                   the link is there\n"
            "                'net1' up\n");
  EXPECT_EQ(step_text(kSteps[3]), "rdma          could not be tried     it follows\n");
  EXPECT_EQ(summary_text(kSteps),
            "1 kept, 1 not kept, 1 refused by the driver, 1 could not be tried\n");
}

TEST(DoctorReport, IsForProgramsOneDocument) {
  EXPECT_JSON_EQ_GOLDEN(report_json(kFacts, kSteps), "doctor.json");
}

TEST(DoctorReport, IsGoodUnlessAPromiseWasBroken) {
  EXPECT_FALSE(all_kept(kSteps));
  EXPECT_TRUE(all_kept({kSteps[0], kSteps[2], kSteps[3]}));
}

TEST(DoctorReport, TakesAStepAsALineAndBack) {
  for (const StepResult& step : kSteps) {
    const std::string line = encode(step);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    ASSERT_OK_AND_ASSIGN(const StepResult back, decode_step(line));
    EXPECT_EQ(back, step);
  }
  for (const char* const junk : {"", "{}", "[1]", R"({"verdict": 1})", R"({"verdict": "maybe"})"}) {
    EXPECT_THAT(decode_step(junk), FailsWith(Code::data_loss, "not the report of a step"));
  }
}

TEST(Throughput, AboveTheCeilingBreaksIt) {
  const Finding finding = judge_throughput(
      {.offered = BitRate::mbps(500), .arrived = BitRate::mbps(420)}, BitRate::mbps(10));
  EXPECT_EQ(finding.verdict, Verdict::not_kept);
  EXPECT_EQ(finding.answer, "ceiling 10 Mbit/s: 420.0 Mbit/s arrived of 500.0 Mbit/s sent");
}

TEST(Throughput, UpToTheCeilingKeepsItWhenMoreWasToBeSent) {
  const BitRate ceiling = BitRate::mbps(10);
  const BitRate arrived = BitRate::mbps(12);  // Within the slack.
  EXPECT_EQ(judge_throughput({arrived, arrived, true}, ceiling).verdict, Verdict::kept);
  EXPECT_EQ(judge_throughput({BitRate::mbps(90), arrived, false}, ceiling).verdict, Verdict::kept);
}

TEST(Throughput, ProvesNothingWhenTooLittleWasSent) {
  const BitRate little = BitRate::mbps(8);
  EXPECT_EQ(judge_throughput({little, little, false}, BitRate::mbps(10)).verdict, Verdict::untried);
}

}  // namespace
}  // namespace sluice
