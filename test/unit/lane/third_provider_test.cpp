// A provider that has what it must and no more, beside that of VFs, on one port.
#include "pkg/lane/provider.h"
#include "pkg/lane/vf/vf_provider.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;

/// Lanes without a link on a port whose bandwidth they share with VFs.
class PlainProvider final : public Provider {
 public:
  explicit PlainProvider(std::vector<Rate>& written) : written_(written) {}

  std::string_view name() const override { return "plain"; }

  bool makes(const Material& asked) const override {
    return std::holds_alternative<std::monostate>(asked);
  }

  Result<PortFacts> port_of(const LaneRequest& /*request*/) override {
    return PortFacts{.port = "0000:3b:00.0", .driver = "igb", .line_rate = BitRate::gbps(1)};
  }

  Result<LaneRecord> describe(const LaneRequest& /*request*/, const PortRecord& port) override {
    LaneRecord lane;
    lane.id = fmt::format("plain-{}", port.lanes.size());
    return lane;
  }

  Result<> configure(const PortRecord& port, const LaneRecord& lane) override {
    return set_rate(port, lane, lane.in_force);
  }

  Result<> set_rate(const PortRecord& /*port*/, const LaneRecord& /*lane*/,
                    const Rate& rate) override {
    written_.push_back(rate);
    return {};
  }

  Result<std::optional<Link>> move_in(const PortRecord& /*port*/, LaneRecord& /*lane*/,
                                      const Pod& /*pod*/,
                                      const std::optional<int>& /*mtu*/) override {
    return std::optional<Link>();
  }

  Result<VfSettings> release(const PortRecord& /*port*/, const LaneRecord& /*lane*/,
                             Search /*search*/) override {
    return VfSettings();
  }

  Result<std::vector<Drift>> inspect(const PortRecord& /*port*/, const LaneRecord& /*lane*/,
                                     const Pod& /*pod*/) override {
    return std::vector<Drift>();
  }

 private:
  std::vector<Rate>& written_;
};

class ThirdProvider : public NodeTest {
 protected:
  ThirdProvider() {
    plug("igb", "1000", {.floors = false});
    std::vector<std::unique_ptr<Provider>> all;
    all.push_back(std::make_unique<VfProvider>(*kernel, *sysfs, dir / "run/locks/rdma.lock"));
    all.push_back(std::make_unique<PlainProvider>(written));
    lanes = std::make_unique<Lanes>(*kernel, *sysfs, *ledger, *aside, ProviderSet(std::move(all)));
  }

  static LaneRequest plain() {
    LaneRequest wanted = request(0, "c0", "net0");
    wanted.made_of = {};
    wanted.floor = BitRate::mbps(300);
    return wanted;
  }

  std::vector<Rate> written;
};

TEST_F(ThirdProvider, EachLaneOfAPortGetsItsPartFromItsOwn) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(plain()));
  EXPECT_EQ(lane.record.provider, "plain");
  EXPECT_EQ(written.back().ceiling, BitRate());  // The whole line is its own.
  LaneRequest second = request(1);
  second.ceiling = BitRate::mbps(400);
  ASSERT_THAT(attach(second), IsOk());
  EXPECT_EQ(written.back().ceiling, BitRate::mbps(649));
  EXPECT_EQ(rate(1).ceiling, BitRate::mbps(350));
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(written.back().ceiling, BitRate());
  expect_baseline(1);
}

TEST_F(ThirdProvider, WhatTheAgentLooksAtAsksNothingOfIt) {
  ASSERT_THAT(attach(plain()), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<LaneRepair> repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const std::vector<LaneReturn> returns,
                       lanes->bring_back(kPort, Look::all, {}));
  EXPECT_THAT(returns, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const PortNews news, lanes->follow(kPort));
  EXPECT_EQ(news.failure, "");
  EXPECT_THAT(lanes->finish_resets(kPort), IsOk());
  EXPECT_THAT(lanes->recover(), IsOk());
  EXPECT_EQ(recorded(), 1U);
  EXPECT_THAT(lanes->check({"c0", "net0"}, NetNs::fake(netns("p1"))), IsOk());
  EXPECT_THAT(detach("c0", "net0"), IsOk());
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
