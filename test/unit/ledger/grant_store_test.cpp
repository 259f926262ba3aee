#include "pkg/ledger/grant_store.h"

#include <thread>

#include "pkg/ledger/set_aside.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

GrantedVf plain(const std::string& vf) {
  return {.vf = vf,
          .port = "0000:3b:00.0",
          .rate = {.floor = BitRate::gbps(40), .ceiling = BitRate::gbps(50)}};
}

GrantedVf with_everything(const std::string& vf) {
  GrantedVf granted = plain(vf);
  granted.request = "fast";
  granted.device = "vf-0000-3b-02-1-gold";
  granted.ifname = "rdma0";
  granted.settings = {.mac = *MacAddress::parse("02:00:00:00:00:07"),
                      .vlan = VlanTag{.id = 100, .qos = 3, .protocol = VlanTag::kDot1ad},
                      .spoofchk = true,
                      .trust = false,
                      .link_state = VfLinkState::enable};
  granted.mtu = 9000;
  granted.network = "rail0";
  granted.cni = R"({"ipam":{"type":"host-local"}})";
  granted.char_devices = {"uverbs3", "umad3"};
  return granted;
}

std::vector<Grant> two_grants() {
  return {{.uid = "claim-1",
           .name = "ml/train",
           .pod_uid = "pod-1",
           .has_others = true,
           .vfs = {plain("0000:3b:02.0"), with_everything("0000:3b:02.1")}},
          {.uid = "pod-2",
           .kind = Grant::Kind::pod,
           .name = "ml/serve",
           .pod_uid = "pod-2",
           .follows_placement = true,
           .vfs = {plain("0000:3b:02.2")}}};
}

TEST(GrantStore, KeepsGrantsWithAllTheirSettingsAndHasNoneWithoutAFile) {
  const TempDir dir;
  EXPECT_THAT(*GrantStore(dir / "lib/sluice").peek(), IsEmpty());
  ASSERT_THAT(GrantStore(dir / "lib/sluice").save(two_grants()), IsOk());
  EXPECT_EQ(*GrantStore(dir / "lib/sluice").load(), two_grants());
}

TEST(GrantStore, SeesWhatAnotherProcessWroteMeanwhile) {
  const TempDir dir;
  const GrantStore plugin(dir.path());
  const GrantStore agent(dir.path());
  ASSERT_THAT(agent.save(two_grants()), IsOk());
  ASSERT_EQ(plugin.peek()->size(), 2U);
  ASSERT_THAT(agent.save({}), IsOk());
  EXPECT_THAT(*plugin.peek(), IsEmpty());
}

TEST(GrantStore, WritesNothingWhenAVfOrAUidIsThereTwice) {
  const TempDir dir;
  const GrantStore store(dir.path());
  ASSERT_THAT(store.save(two_grants()), IsOk());
  std::vector<Grant> twice = two_grants();
  twice[1].vfs = {plain("0000:3b:02.1")};
  EXPECT_THAT(store.save(twice),
              FailsWith(Code::invalid_argument, "VF 0000:3b:02.1 is granted twice"));
  twice = two_grants();
  twice[1].uid = "claim-1";
  EXPECT_THAT(store.save(twice), FailsWith(Code::invalid_argument, "two grants for UID 'claim-1'"));
  EXPECT_EQ(*store.peek(), two_grants());
}

TEST(GrantStore, ADamagedFileIsLeftByReadersAndSetAsideByTheAgent) {
  const TempDir dir;
  const GrantStore store(dir.path());
  dir.write("grants.json", "junk");
  EXPECT_THAT(store.peek(), FailsWith(Code::data_loss, "grants.json': not JSON"));
  EXPECT_EQ(dir.read("grants.json"), "junk");
  EXPECT_THAT(store.load(), FailsWith(Code::data_loss, "grants.json.damaged-1"));
  EXPECT_THAT(*store.load(), IsEmpty());
}

struct Damage {
  const char* what;
  const char* becomes;
  const char* said;
};

class DamagedGrants : public testing::TestWithParam<Damage> {};

TEST_P(DamagedGrants, AreRefusedWithThePlaceAndTheReason) {
  std::string text = encode_grants(two_grants());
  const std::size_t at = text.find(GetParam().what);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(GetParam().what).size(), GetParam().becomes);
  EXPECT_THAT(decode_grants(text), FailsWith(Code::data_loss, GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedGrants,
    testing::Values(Damage{"\"version\": 1", "\"version\": 2", "/version: want 1"},
                    Damage{"\"uid\": \"claim-1\"", "\"uid\": 7", "/grants/0/uid: want a string"},
                    Damage{"\"claim\"", "\"lease\"", "/grants/0/kind: unknown kind 'lease'"},
                    Damage{"\"id\": 100", "\"id\": 4095", "/grants/0/vfs/1/settings/vlan/id: want"},
                    Damage{"\"qos\": 3", "\"qos\": 8", "/grants/0/vfs/1/settings/vlan/qos: want"},
                    Damage{"34984", "34985", "/grants/0/vfs/1/settings/vlan/protocol: want"},
                    Damage{"02:00:00:00:00:07", "02:00", "/grants/0/vfs/1/settings/mac: "},
                    Damage{"\"enable\"", "\"up\"", "link_state: unknown state 'up'"},
                    Damage{"\"mtu\": 9000", "\"mtu\": 70000", "/grants/0/vfs/1/mtu: want"},
                    Damage{"\"uverbs3\"", "3", "/grants/0/vfs/1/char_devices: want strings"},
                    Damage{"02.2", "02.1", "VF 0000:3b:02.1 is granted twice"}));

TEST(GrantOf, FindsAVfWithItsGrant) {
  const std::vector<Grant> grants = two_grants();
  const FoundGrant found = grant_of(grants, "0000:3b:02.1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found.grant->uid, "claim-1");
  EXPECT_EQ(found.vf->ifname, "rdma0");
  EXPECT_FALSE(grant_of(grants, "0000:3b:02.7"));
}

TEST(GrantStore, FindsAGrantByItsKindAndUid) {
  const TempDir dir;
  const GrantStore store(dir.path());
  ASSERT_THAT(store.save(two_grants()), IsOk());
  EXPECT_EQ(store.find(Grant::Kind::pod, "pod-2").value(), two_grants()[1]);
  EXPECT_EQ(store.find(Grant::Kind::claim, "pod-2").value(), std::nullopt);
  EXPECT_THAT(store.of(Grant::Kind::claim).value(), testing::ElementsAre(two_grants()[0]));
}

TEST(GrantStore, RestoresAGrantOrTakesItAway) {
  const TempDir dir;
  const GrantStore store(dir.path());
  ASSERT_THAT(store.save(two_grants()), IsOk());
  Grant before = two_grants()[0];
  before.pod_uid = "the one before";
  ASSERT_THAT(store.restore("claim-1", before), IsOk());
  EXPECT_EQ(store.peek()->at(0), before);
  ASSERT_THAT(store.restore("claim-1", std::nullopt), IsOk());
  ASSERT_THAT(store.restore("claim-1", std::nullopt), IsOk());
  EXPECT_THAT(*store.peek(), testing::ElementsAre(two_grants()[1]));
}

TEST(GrantStore, ChangesComeOneAfterTheOther) {
  const TempDir dir;
  const GrantStore store(dir.path());
  {
    std::vector<std::jthread> threads;
    threads.reserve(16);
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&store, i] {
        const auto add = [i](std::vector<Grant>& grants) -> Result<bool> {
          grants.push_back({.uid = std::to_string(i), .name = "a/b", .pod_uid = "p"});
          return true;
        };
        EXPECT_THAT(store.change(add), IsOk());
      });
    }
  }
  EXPECT_THAT(*store.peek(), testing::SizeIs(16));
}

TEST(GrantStore, AChangeThatFailsOrChangesNothingIsNotSaved) {
  const TempDir dir;
  const GrantStore store(dir.path());
  const auto change_to = [&](const Result<bool>& answer) {
    return store.change([&](std::vector<Grant>& grants) -> Result<bool> {
      grants = two_grants();
      return answer;
    });
  };
  EXPECT_THAT(change_to(false), IsOk());
  EXPECT_THAT(change_to(Error(Code::busy, "not now")), FailsWith(Code::busy, "not now"));
  EXPECT_FALSE(dir.has("grants.json"));
}

TEST(EveryPodMark, IsSetUntilItIsCleared) {
  const TempDir dir;
  const EveryPodMark mark(dir / "lib/sluice");
  EXPECT_FALSE(mark.is_set());
  EXPECT_THAT(mark.clear(), IsOk());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(mark.set(), IsOk());
  EXPECT_TRUE(EveryPodMark(dir / "lib/sluice").is_set());
  ASSERT_THAT(mark.clear(), IsOk());
  EXPECT_FALSE(mark.is_set());
}

TEST(SetAsideStore, IsDamagedWhereOneOfItsFilesIs) {
  const TempDir dir;
  const SetAsideStore store(dir.path());
  ASSERT_THAT(store.grants.save(two_grants()), IsOk());
  ASSERT_OK_AND_ASSIGN(const SetAside all, store.peek());
  EXPECT_EQ(all.grants, two_grants());
  dir.write("grants.json", "junk");
  EXPECT_THAT(store.peek(), FailsWith(Code::data_loss, "grants.json"));
}

}  // namespace
}  // namespace sluice
