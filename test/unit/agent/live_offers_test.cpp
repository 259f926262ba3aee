// How offers change: on disk first, under the locks of the ports that promise more, in two steps.
#include "agent/classes/live_offers.h"

#include <unistd.h>

#include "pkg/inventory/scan.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kGoldAlone =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "gold", "floor": "10G"}]})";
constexpr const char* kSilverAlone =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "silver", "floor": "20G"}]})";

class LiveOffersTest : public testing::Test {
 protected:
  LiveOffersTest() : store_(dir_ / "lib"), ledger_(*Ledger::open(dir_ / "run", "boot-1")) {
    tree_.pf(kPort, {.vfs = 4});
    inventory_ = *scan(tree_.root());
  }

  OfferSituation situation(const std::string& text) {
    config_ = parse_config(text).config;
    return {.inventory = inventory_,
            .config = config_,
            .held = &held_,
            .healthy = {},
            .view = &view_,
            .now = now_};
  }

  std::vector<Offer> on_disk() const { return *store_.offers.peek(); }

  int count(OfferState state, const std::string& class_name) const {
    const std::vector<Offer> offers = on_disk();
    return static_cast<int>(std::count_if(offers.begin(), offers.end(), [&](const Offer& offer) {
      return offer.state == state && offer.class_name == class_name;
    }));
  }

  TempDir dir_;
  SysfsTree tree_;
  SetAsideStore store_;
  Ledger ledger_;
  Inventory inventory_;
  Config config_;
  std::vector<std::string> held_;
  KubernetesView view_;
  MoveClock::time_point now_ = MoveClock::time_point(std::chrono::hours(1));
  LiveOffers book_{store_, ledger_};
};

TEST_F(LiveOffersTest, WhatIsOfferedIsOnDisk) {
  ASSERT_THAT(book_.load(), IsOk());
  EXPECT_THAT(book_.offers(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const OfferChange change, book_.advance(situation(kGoldAlone)));
  EXPECT_THAT(change.moves, SizeIs(4));
  EXPECT_THAT(on_disk(), SizeIs(4));
  EXPECT_EQ(book_.offers(), on_disk());
  ASSERT_OK_AND_ASSIGN(const OfferChange none, book_.advance(situation(kGoldAlone)));
  EXPECT_THAT(none.moves, IsEmpty());
}

TEST_F(LiveOffersTest, WhatPodsWaitForIsOfferedBeforeWhatWeightsSay) {
  ASSERT_THAT(book_.load(), IsOk());
  OfferSituation situation = this->situation(
      R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "gold"}, {"name": "tin"}]})");
  situation.wanted = {{"tin", 3}};
  ASSERT_THAT(book_.advance(situation), IsOk());
  EXPECT_EQ(count(OfferState::offered, "tin"), 3);
  EXPECT_EQ(count(OfferState::offered, "gold"), 1);
}

TEST_F(LiveOffersTest, ALockedPortKeepsOnlyItsOwnOffersFromGrowing) {
  constexpr const char* kOther = "0000:5e:00.0";
  tree_.pf(kOther, {.vfs = 2});
  inventory_ = *scan(tree_.root());
  {
    ASSERT_OK_AND_ASSIGN(const LockedPort attach,
                         ledger_.lock(kPort, std::chrono::milliseconds(0)));
    ASSERT_OK_AND_ASSIGN(const OfferChange change, book_.advance(situation(kGoldAlone)));
    EXPECT_THAT(change.locked, testing::ElementsAre(kPort));
    ASSERT_THAT(on_disk(), SizeIs(2));
    for (const Offer& offer : on_disk()) EXPECT_EQ(offer.port, kOther);
    EXPECT_TRUE(book_.is_waiting());
  }
  ASSERT_OK_AND_ASSIGN(const OfferChange change, book_.advance(situation(kGoldAlone)));
  EXPECT_THAT(change.locked, IsEmpty());
  EXPECT_THAT(on_disk(), SizeIs(6));
  EXPECT_FALSE(book_.is_waiting());
}

TEST_F(LiveOffersTest, ThereIsAFileFromTheStart) {
  ASSERT_THAT(book_.load(), IsOk());
  EXPECT_TRUE(store_.offers.is_there());
}

TEST_F(LiveOffersTest, AFileThatIsMissingDamagedOrForeignIsWrittenAgain) {
  ASSERT_THAT(book_.advance(situation(kGoldAlone)), IsOk());
  ASSERT_EQ(::unlink((dir_ / "lib/offers.json").c_str()), 0);
  ASSERT_OK_AND_ASSIGN(OfferChange change, book_.advance(situation(kGoldAlone)));
  EXPECT_EQ(change.found_in_file, "the file was missing");
  EXPECT_THAT(on_disk(), SizeIs(4));

  dir_.write("lib/offers.json", "{");
  change = *book_.advance(situation(kGoldAlone));
  EXPECT_THAT(change.found_in_file, testing::HasSubstr("moved to"));
  EXPECT_TRUE(dir_.has("lib/offers.json.damaged-1"));
  EXPECT_THAT(on_disk(), SizeIs(4));

  ASSERT_THAT(store_.offers.save({}), IsOk());
  change = *book_.advance(situation(kGoldAlone));
  EXPECT_EQ(change.found_in_file, "another process had written it");
  EXPECT_THAT(on_disk(), SizeIs(4));

  change = *book_.advance(situation(kGoldAlone));
  EXPECT_EQ(change.found_in_file, "");
}

TEST_F(LiveOffersTest, NoWithdrawalBeginsWhileItCouldNotBeConfirmed) {
  ASSERT_THAT(book_.advance(situation(kGoldAlone)), IsOk());
  OfferSituation unreadable = situation(kSilverAlone);
  unreadable.view = nullptr;
  ASSERT_OK_AND_ASSIGN(const OfferChange change, book_.advance(unreadable));
  EXPECT_THAT(change.moves, IsEmpty());
  EXPECT_EQ(count(OfferState::offered, "gold"), 4);
  EXPECT_TRUE(book_.is_waiting());
}

TEST_F(LiveOffersTest, AFileThatCannotBeWrittenLeavesTheOffersAsTheyAre) {
  dir_.write("lib", "not a directory");
  EXPECT_FALSE(book_.advance(situation(kGoldAlone)));
  EXPECT_THAT(book_.offers(), IsEmpty());
}

TEST_F(LiveOffersTest, OffersStayWhileItIsUnknownWhatPodsHave) {
  ASSERT_THAT(book_.advance(situation(kGoldAlone)), IsOk());
  OfferSituation unknown = situation(kSilverAlone);
  unknown.held = nullptr;
  ASSERT_OK_AND_ASSIGN(const OfferChange change, book_.advance(unknown));
  EXPECT_THAT(change.moves, IsEmpty());
  EXPECT_EQ(count(OfferState::offered, "gold"), 4);
}

TEST_F(LiveOffersTest, AVfChangesItsClassWhenKubernetesHasTakenNote) {
  ASSERT_THAT(book_.advance(situation(kGoldAlone)), IsOk());
  held_ = {SysfsTree::vf(kPort, 0).to_string()};
  ASSERT_THAT(book_.advance(situation(kSilverAlone)), IsOk());
  EXPECT_EQ(count(OfferState::withdrawn, "gold"), 3);
  EXPECT_EQ(count(OfferState::offered, "gold"), 1);
  EXPECT_TRUE(book_.is_waiting());

  now_ += kListTime;
  const KubernetesView view{.published = {{"gold", 1}}, .kubelet = {{"gold", held_[0]}}};
  OfferSituation noticed = situation(kSilverAlone);
  noticed.healthy = {{"gold", 1}};
  noticed.view = &view;
  ASSERT_THAT(book_.advance(noticed), IsOk());
  EXPECT_EQ(count(OfferState::offered, "silver"), 3);
  EXPECT_EQ(count(OfferState::offered, "gold"), 1);
  EXPECT_FALSE(book_.is_waiting());
}

TEST_F(LiveOffersTest, AnAllocateCancelsAWithdrawalOnDisk) {
  ASSERT_THAT(book_.advance(situation(kGoldAlone)), IsOk());
  ASSERT_THAT(book_.advance(situation(kSilverAlone)), IsOk());
  ASSERT_EQ(count(OfferState::withdrawn, "gold"), 4);
  const std::string vf = SysfsTree::vf(kPort, 1).to_string();
  EXPECT_THAT(book_.take("silver", {vf}), FailsWith(Code::not_found, "under class 'gold'"));
  ASSERT_THAT(book_.take("gold", {vf}), IsOk());
  EXPECT_EQ(count(OfferState::withdrawn, "gold"), 3);
  EXPECT_EQ(count(OfferState::offered, "gold"), 1);
}

TEST_F(LiveOffersTest, ADamagedFileLosesNoOfferThatALaneWasGivenOutOf) {
  {
    ASSERT_OK_AND_ASSIGN(LockedPort port, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    port.record().lanes.push_back({.id = SysfsTree::vf(kPort, 2).to_string(),
                                   .provider = "vf",
                                   .phase = Phase::attached,
                                   .class_name = "gold"});
    ASSERT_THAT(port.save(), IsOk());
  }
  std::filesystem::create_directory(dir_ / "lib");
  dir_.write("lib/offers.json", "{");
  EXPECT_THAT(book_.load(), FailsWith(Code::data_loss, "offers.json"));
  ASSERT_THAT(book_.offers(), SizeIs(1));
  EXPECT_EQ(book_.offers()[0].vf, SysfsTree::vf(kPort, 2).to_string());
}

}  // namespace
}  // namespace sluice
