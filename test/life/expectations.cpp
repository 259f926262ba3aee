// What has to be true of a lane while a pod has it, and of its VF when no pod has.
#include <algorithm>
#include <set>

#include "pkg/inventory/locate_vf.h"
#include "test/life/life.h"
#include "test/life/text.h"

namespace sluice {

void Life::expect_in_force(const LaneRequest& wanted) {
  hardware_.settle();
  const int vf = index_of(wanted);
  const auto netns = hardware_.kernel().find_netns(wanted.owner.netns);
  ASSERT_TRUE(netns && *netns);
  if (can_.links) expect_link(wanted, **netns);
  expect_settings(wanted, vf);
  expect_rate(wanted, vf);
  expect_rdma(vf, **netns);
  EXPECT_NE(hardware_.talks(vf), std::optional(false)) << "the VF cannot send or receive";
  EXPECT_THAT(lanes_->check({wanted.owner.container_id, "net1"}, **netns), IsOk());
  expect_invariants();
}

void Life::expect_link(const LaneRequest& wanted, const NetNs& where) {
  const auto links = hardware_.kernel().links_in(where);
  ASSERT_THAT(links, IsOk());
  const auto found = (*links)->find(wanted.owner.ifname);
  ASSERT_TRUE(found && *found) << "the lane's link is not in the pod";
  const Link& link = **found;
  EXPECT_EQ(link.parent_device, std::get<OfVf>(wanted.made_of).vf.to_string());
  EXPECT_TRUE(link.up) << "the lane's link is down in the pod";
  if (wanted.mtu) {
    EXPECT_EQ(link.mtu, *wanted.mtu);
  }
  if (wanted.settings.mac) {
    EXPECT_EQ(text(link.mac), text(wanted.settings.mac));
  }
}

void Life::expect_settings(const LaneRequest& wanted, int vf) {
  const std::optional<VfInfo> info = reported(vf);
  ASSERT_TRUE(info);
  const VfSettings& asked = wanted.settings;
  if (can_.vlan) {
    EXPECT_EQ(text(info->vlan), text(asked.vlan.value_or(VlanTag())));
  }
  if (asked.spoofchk) {
    EXPECT_EQ(info->spoofchk, asked.spoofchk);
  }
  if (can_.trust) {
    EXPECT_EQ(info->trust, asked.trust.value_or(false));
  }
  if (asked.link_state) {
    EXPECT_EQ(text(info->link_state), text(asked.link_state));
  }
}

void Life::expect_rate(const LaneRequest& wanted, int vf) {
  const std::optional<Rate> programmed = hardware_.programmed(vf);
  if (!programmed) return;
  const BitRate limit = programmed->ceiling;
  SCOPED_TRACE("the hardware has " + text(*programmed));
  if (wanted.ceiling) {
    EXPECT_TRUE(!limit.is_zero() && limit <= *wanted.ceiling) << "the ceiling is not in force";
  }
  if (!wanted.floor) return;
  if (can_.divides) {
    EXPECT_TRUE(limit.is_zero() || limit >= *wanted.floor) << "the floor cannot be reached";
  } else {
    EXPECT_TRUE(programmed->floor >= *wanted.floor) << "the floor is not in force";
  }
}

void Life::expect_rdma(int vf, const NetNs& where) {
  const auto location = locate_vf(hardware_.sysfs(), hardware_.vf(vf));
  ASSERT_THAT(location, IsOk());
  if (location->rdma_device.empty()) return;
  const auto devices = hardware_.kernel().rdma_in(where);
  const auto list = devices ? (*devices)->list() : Result<std::vector<RdmaDevice>>(devices.error());
  ASSERT_THAT(list, IsOk());
  const bool there = std::any_of(list->begin(), list->end(), [&](const RdmaDevice& device) {
    return device.name == location->rdma_device;
  });
  EXPECT_TRUE(there) << "its RDMA device cannot be used there";
}

void Life::expect_no_rate(const Rate& rate) const {
  // qede clamps what is set to the line rate of the moment.
  const BitRate line_rate = overpromised ? hardware_.slower() : hardware_.line_rate();
  const bool unlimited = rate.ceiling.is_zero() || rate.ceiling >= line_rate;
  EXPECT_TRUE(rate.floor.is_zero() && unlimited) << text(rate) << " is left";
}

void Life::expect_home_settings(int vf) {
  const Home& home = homes_.at(static_cast<std::size_t>(vf));
  const std::optional<VfInfo> info = reported(vf);
  ASSERT_TRUE(info);
  EXPECT_EQ(text(info->vlan), text(VlanTag()));
  EXPECT_EQ(info->trust, false);
  // As provisioned or, where the port could not do it then and can now, as it was to be.
  EXPECT_TRUE(info->spoofchk == home.info.spoofchk || info->spoofchk == record().spoofchk);
  EXPECT_EQ(text(info->link_state), text(home.info.link_state));
  expect_no_rate(info->rate.value_or(Rate()));
  expect_no_rate(hardware_.programmed(vf).value_or(Rate()));
}

void Life::expect_baseline(int vf) {
  hardware_.settle();
  const Home& home = homes_.at(static_cast<std::size_t>(vf));
  const Link link = link_at_home(vf);
  ASSERT_EQ(link.name, home.link) << "the VF's link is not at home under its name";
  EXPECT_FALSE(link.up);
  EXPECT_EQ(link.mtu, home.mtu);
  EXPECT_EQ(text(link.mac), text(home.mac));
  EXPECT_THAT(link.altnames, testing::IsEmpty());
  expect_home_settings(vf);
  expect_rdma(vf, hardware_.kernel().host());
  const PortRecord port = record();
  const std::string id = hardware_.vf(vf).to_string();
  EXPECT_EQ(port.find_unreset(id), nullptr) << "it is noted as not reset";
  for (const LaneRecord& lane : port.lanes) EXPECT_NE(lane.id, id) << "a lane is recorded";
  expect_invariants();
}

void Life::expect_invariants() {
  const PortRecord port = record();
  BitRate floors;
  BitRate ceilings;
  std::set<std::string> owned;
  for (const LaneRecord& lane : port.lanes) {
    floors += lane.asked.floor;
    const Rate real = hardware_.programmed(lane.number).value_or(lane.in_force);
    const bool alone = port.lanes.size() == 1;
    EXPECT_TRUE(!can_.divides || alone || !real.ceiling.is_zero()) << lane.id << " is unlimited";
    ceilings += real.ceiling;
    EXPECT_TRUE(owned.insert(lane.id).second) << lane.id << " has two owners";
  }
  EXPECT_TRUE(overpromised || floors <= port.line_rate) << "more is promised than the port carries";
  if (can_.divides) {
    EXPECT_TRUE(ceilings <= port.line_rate) << "ceilings sum past the line rate";
  }
}

void Life::expect_refusal(const Result<Lane>& answer, int vf) {
  outcome = Outcome::refused;
  ASSERT_FALSE(answer);
  const Code code = answer.error().code();
  EXPECT_TRUE(code == Code::unsupported || code == Code::invalid_argument)
      << answer.error().message();
  expect_baseline(vf);
}

void Life::expect_usable(int vf, const std::string& pod) {
  SCOPED_TRACE("the next pod");
  restart();
  const LaneRequest wanted = request(vf, pod);
  ASSERT_THAT(add(wanted), IsOk());
  expect_in_force(wanted);
  EXPECT_THAT(del(pod), IsOk());
  expect_baseline(vf);
}

}  // namespace sluice
