// What drivers do to a port while they make its VFs.
#include "test/unit/provision/provision_world.h"

namespace sluice {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = PortOutcome::Kind;

class MakeVfs : public ProvisionWorld {
 protected:
  MakeVfs() {
    hardware_.driver = "igb";
    hardware_.device = "0x10c9";
    driver_ = {.floors = false, .needs_carrier = true};
  }

  void drive(const std::string& line) override {
    ProvisionWorld::drive(line);
    if (line.find("creating") != std::string::npos) carrier(false);
    if (line.find("waiting for carrier") != std::string::npos && comes_back_) carrier(true);
  }

  bool comes_back_ = true;
};

TEST_F(MakeVfs, ACarrierThatTheWriteTookAwayIsWaitedFor) {
  build(0);
  vf(1).info.rate = Rate{.ceiling = BitRate::mbps(100)};

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0");
  EXPECT_THAT(lines_, Contains("0000:3b:00.0 igb: waiting for carrier … 0 s"));
  EXPECT_EQ(vf(1).info.rate, Rate());
}

TEST_F(MakeVfs, ACarrierThatDoesNotComeBackIsSaidAndNoFailure) {
  build(0);
  comes_back_ = false;
  timeout_ = std::chrono::milliseconds(200);

  const PortOutcome outcome = provision_four();

  EXPECT_EQ(outcome.kind, Kind::changed);
  EXPECT_EQ(outcome.text, "4 VFs made, there were 0; the port has not got its carrier back yet");
}

TEST_F(MakeVfs, ACarrierThatWasNotThereIsNotWaitedFor) {
  hardware_.carrier = "0";
  build(0);

  EXPECT_EQ(provision_four().text, "4 VFs made, there were 0");
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("carrier"))));
}

TEST_F(MakeVfs, VfsThatStayWhateverTheDriverAnswersAreNotWrittenOver) {
  hardware_.driver = "hns3";
  build(2);
  lets_go_ = false;

  EXPECT_EQ(provision_four().text,
            "2 VFs are left of which 0 were asked; virtual machines may hold them");
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("creating"))));
}

}  // namespace
}  // namespace sluice
