#include "pkg/ledger/ledger.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pkg/ledger/offers.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kFile = "ports/0000:3b:00.0.json";

LaneRecord lane(const std::string& id) {
  LaneRecord record;
  record.id = id;
  record.provider = "vf";
  return record;
}

class LedgerTest : public testing::Test {
 protected:
  Ledger open(const std::string& boot_id = "boot-1") {
    Result<Ledger> ledger = Ledger::open(dir.path(), boot_id);
    EXPECT_THAT(ledger, IsOk());
    return *std::move(ledger);
  }

  void save_one_lane(const Ledger& ledger, const std::string& port = kPort) {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger.lock(port, milliseconds(0)));
    locked.record().lanes = {lane("0000:3b:02.0")};
    ASSERT_THAT(locked.save(), IsOk());
  }

  TempDir dir;
};

TEST_F(LedgerTest, KeepsLanesFromOneHolderToTheNext) {
  const Ledger ledger = open();
  save_one_lane(ledger);
  ASSERT_OK_AND_ASSIGN(const LockedPort locked, ledger.lock(kPort, milliseconds(0)));
  ASSERT_EQ(locked.record().lanes.size(), 1U);
  EXPECT_EQ(locked.record().lanes[0].id, "0000:3b:02.0");
  EXPECT_EQ(locked.record().port, kPort);
}

TEST(LedgerLock, APortThatIsLockedIsBusyWithTheProcessThatHasIt) {
  const TempDir dir(TempDir::kInMemory);  // As /run: overlays number their files otherwise.
  ASSERT_OK_AND_ASSIGN(const Ledger ledger, Ledger::open(dir.path(), "boot-1"));
  EXPECT_EQ(ledger.holder(kPort), std::nullopt);
  ASSERT_OK_AND_ASSIGN(const LockedPort locked, ledger.lock(kPort, milliseconds(0)));
  EXPECT_THAT(
      ledger.lock(kPort, milliseconds(1)),
      FailsWith(Code::busy, fmt::format("0000:3b:00.0.lock' is still held by another process "
                                        "after 1 ms: process {} (",
                                        ::getpid())));
  ASSERT_TRUE(ledger.holder(kPort));
  EXPECT_EQ(ledger.holder(kPort)->pid, ::getpid());
  EXPECT_EQ(ledger.holder("0000:5e:00.0"), std::nullopt);
}

TEST_F(LedgerTest, KeepsABaselineOfItsOwnWithoutLanes) {
  const Ledger ledger = open();
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger.lock(kPort, milliseconds(0)));
    locked.record().spoofchk = false;
    ASSERT_THAT(locked.save(), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(LockedPort locked, open().lock(kPort, milliseconds(0)));
  EXPECT_FALSE(locked.record().spoofchk);
  locked.record().spoofchk = true;
  ASSERT_THAT(locked.save(), IsOk());
  EXPECT_FALSE(dir.has(kFile));
}

TEST_F(LedgerTest, SeesWhatAnotherProcessWroteAfterItsOwn) {
  const Ledger ledger = open();
  const Ledger other = open();
  save_one_lane(ledger);
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, other.lock(kPort, milliseconds(0)));
    ASSERT_EQ(locked.record().lanes.size(), 1U);
    locked.record().lanes.push_back(lane("0000:3b:02.1"));
    ASSERT_THAT(locked.save(), IsOk());
  }
  EXPECT_EQ(ledger.peek(kPort)->lanes.size(), 2U);
  ASSERT_OK_AND_ASSIGN(const LockedPort locked, ledger.lock(kPort, milliseconds(0)));
  EXPECT_EQ(locked.record().lanes.size(), 2U);
}

TEST_F(LedgerTest, DoesNotTakeUpWhatWasNotSaved) {
  const Ledger ledger = open();
  save_one_lane(ledger);
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger.lock(kPort, milliseconds(0)));
    locked.record().lanes.clear();
  }
  EXPECT_EQ(ledger.peek(kPort)->lanes.size(), 1U);
}

TEST_F(LedgerTest, DamageToAFileThatWasReadBeforeIsSeen) {
  const Ledger ledger = open();
  save_one_lane(ledger);
  ASSERT_THAT(ledger.peek(kPort), IsOk());
  dir.write(kFile, "{}");
  EXPECT_THAT(ledger.peek(kPort), FailsWith(Code::data_loss, ""));
}

TEST_F(LedgerTest, AReaderCreatesNothing) {
  const Ledger reader = Ledger::to_read(dir / "run", "boot-1");
  EXPECT_THAT(*reader.ports(), testing::IsEmpty());
  EXPECT_THAT(reader.peek(kPort), IsOk());
  EXPECT_THAT(reader.lock(kPort, milliseconds(0)), FailsWith(Code::not_found, "ENOENT"));
  EXPECT_FALSE(dir.has("run"));
}

TEST_F(LedgerTest, KnowsWhichBootThisIs) {
  const Result<std::string> boot = this_boot();
  ASSERT_THAT(boot, IsOk());
  EXPECT_EQ(boot->size(), 36U);  // A UUID, without a line end.
}

TEST_F(LedgerTest, APortWithoutLanesHasNoFile) {
  const Ledger ledger = open();
  save_one_lane(ledger);
  EXPECT_THAT(*ledger.ports(), testing::ElementsAre(kPort));
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger.lock(kPort, milliseconds(0)));
    locked.record().lanes.clear();
    ASSERT_THAT(locked.save(), IsOk());
    ASSERT_THAT(locked.save(), IsOk());
  }
  EXPECT_FALSE(dir.has(kFile));
  EXPECT_THAT(*ledger.ports(), testing::IsEmpty());
}

TEST_F(LedgerTest, ASecondHolderIsTurnedAwayUntilTheFirstIsDone) {
  const Ledger ledger = open();
  {
    ASSERT_OK_AND_ASSIGN(const LockedPort locked, ledger.lock(kPort, milliseconds(0)));
    EXPECT_THAT(ledger.lock(kPort, milliseconds(1)), FailsWith(Code::busy, "is still held"));
    EXPECT_THAT(ledger.lock("0000:3b:00.1", milliseconds(0)), IsOk());
  }
  EXPECT_THAT(ledger.lock(kPort, milliseconds(0)), IsOk());
}

TEST_F(LedgerTest, RecordsOfAnotherBootAreVoid) {
  save_one_lane(open("boot-1"));
  const Ledger ledger = open("boot-2");
  EXPECT_TRUE(ledger.peek(kPort)->lanes.empty());
  EXPECT_TRUE(ledger.lock(kPort, milliseconds(0))->record().lanes.empty());
}

TEST_F(LedgerTest, ADamagedFileIsSetAsideByNameAndTheOtherPortsAreServed) {
  const Ledger ledger = open();
  save_one_lane(ledger, "0000:3b:00.1");
  dir.write(kFile, "{\"version\":1,");
  EXPECT_THAT(ledger.lock(kPort, milliseconds(0)), FailsWith(Code::data_loss, "moved to"));
  EXPECT_EQ(dir.read("ports/0000:3b:00.0.json.damaged-1"), "{\"version\":1,");
  EXPECT_THAT(ledger.lock(kPort, milliseconds(0)), IsOk());
  EXPECT_EQ(ledger.lock("0000:3b:00.1", milliseconds(0))->record().lanes.size(), 1U);

  dir.write(kFile, "junk");
  EXPECT_FALSE(ledger.lock(kPort, milliseconds(0)));
  EXPECT_TRUE(dir.has("ports/0000:3b:00.0.json.damaged-2"));
}

TEST_F(LedgerTest, AFileThatSpeaksOfAnotherPortIsDamaged) {
  const Ledger ledger = open();
  save_one_lane(ledger, "0000:3b:00.1");
  dir.write(kFile, dir.read("ports/0000:3b:00.1.json"));
  EXPECT_THAT(ledger.lock(kPort, milliseconds(0)),
              FailsWith(Code::data_loss, "it is of port '0000:3b:00.1'"));
}

TEST_F(LedgerTest, LeftoversOfACrashedWriterAreOverwritten) {
  const Ledger ledger = open();
  dir.write(std::string(kFile) + ".tmp", "half a fi");
  save_one_lane(ledger);
  EXPECT_EQ(ledger.peek(kPort)->lanes.size(), 1U);
  EXPECT_THAT(*ledger.ports(), testing::ElementsAre(kPort));
}

TEST_F(LedgerTest, NoNameLeavesTheDirectory) {
  const Ledger ledger = open();
  for (const char* name : {"", "..", "../x", "a/b", ".hidden", "a b", "a\n"}) {
    EXPECT_THAT(ledger.lock(name, milliseconds(0)), FailsWith(Code::invalid_argument, "port name"));
    EXPECT_THAT(ledger.peek(name), FailsWith(Code::invalid_argument, "port name"));
  }
}

TEST_F(LedgerTest, OnlyItsOwnerMayReadIt) {
  const Ledger ledger = open();
  save_one_lane(ledger);
  struct stat status {};
  ASSERT_EQ(::stat((dir / kFile).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((dir / "ports").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(OfferStore, KeepsOffersAndHasNoneWithoutAFile) {
  const TempDir dir;
  const OfferStore store(dir / "lib/sluice");
  EXPECT_TRUE(store.load()->empty());
  const std::vector<Offer> offers = {{.vf = "0000:3b:02.0",
                                      .port = kPort,
                                      .class_name = "gold",
                                      .rate = {.floor = BitRate::gbps(40), .ceiling = {}}}};
  ASSERT_THAT(store.save(offers), IsOk());
  EXPECT_EQ(*store.load(), offers);
}

TEST(OfferStore, SeesWhatAnotherProcessWroteMeanwhile) {
  const TempDir dir;
  const OfferStore store(dir.path());
  const OfferStore agent(dir.path());
  ASSERT_THAT(agent.save({{.vf = "0000:3b:02.0", .port = kPort, .class_name = "gold", .rate = {}}}),
              IsOk());
  ASSERT_EQ(store.load()->size(), 1U);
  ASSERT_THAT(agent.save({}), IsOk());
  EXPECT_THAT(*store.load(), testing::IsEmpty());
}

TEST(OfferStore, AWithdrawnOfferIsStillOneForWhoKnowsNoStates) {
  const Offer offered = {.vf = "0000:3b:02.0", .port = kPort, .class_name = "gold", .rate = {}};
  Offer withdrawn = offered;
  withdrawn.state = OfferState::withdrawn;
  EXPECT_THAT(encode_offers({offered}), testing::Not(testing::HasSubstr("state")));
  EXPECT_EQ(*decode_offers(encode_offers({withdrawn})), std::vector<Offer>{withdrawn});
  std::string text = encode_offers({withdrawn});
  text.replace(text.find("withdrawn"), 9, "forgotten");
  EXPECT_THAT(decode_offers(text), FailsWith(Code::data_loss, "unknown state 'forgotten'"));
}

TEST(OfferStore, NodesOutliveWhoNotedThem) {
  const TempDir dir;
  ASSERT_THAT(OfferStore(dir / "lib").note_nodes("0000:3b:02.0", {"uverbs3", "umad3"}), IsOk());
  const OfferStore store(dir / "lib");
  EXPECT_THAT(*store.nodes_of("0000:3b:02.0"), testing::ElementsAre("uverbs3", "umad3"));
  EXPECT_THAT(*store.nodes_of("0000:3b:02.1"), testing::IsEmpty());
  ASSERT_THAT(store.note_nodes("0000:3b:02.0", {}), IsOk());
  EXPECT_THAT(*store.nodes_of("0000:3b:02.0"), testing::IsEmpty());
}

TEST(OfferStore, ADamagedFileIsSetAsideByName) {
  const TempDir dir;
  const OfferStore store(dir.path());
  dir.write("offers.json", "{\"version\":1,\"offers\":[{\"vf\":7}]}");
  EXPECT_THAT(store.load(), FailsWith(Code::data_loss, "/offers/0/vf: want a string"));
  EXPECT_TRUE(dir.has("offers.json.damaged-1"));
  EXPECT_TRUE(store.load()->empty());
}

TEST(OfferStore, WhoOnlyLooksLeavesADamagedFileWhereItIs) {
  const TempDir dir;
  const OfferStore store(dir.path());
  dir.write("offers.json", "junk");
  EXPECT_THAT(store.peek(), FailsWith(Code::data_loss, "offers.json': not JSON"));
  EXPECT_EQ(dir.read("offers.json"), "junk");
}

}  // namespace
}  // namespace sluice
