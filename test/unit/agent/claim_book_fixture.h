#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "agent/claims/claim_book.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

inline constexpr const char* kPort = "0000:3b:00.0";
inline constexpr const char* kDevice = "port-0000-3b-00-0";
inline constexpr const char* kRateless = "0000:5e:00.0";  // Where a test makes it: "rateless".

/// A port of 100 Gbit/s whose four VFs are for claims, 40 Gbit/s of it.
class ClaimBookTest : public testing::Test {
 protected:
  ClaimBookTest() {
    tree_.pf(kPort, {.vfs = 4, .rdma = true});
    configure();
    book_.know(
        {{kDevice, {.port = PciAddress::parse(kPort).value(), .vf = {}, .rule = {}}},
         {"rateless", {.port = PciAddress::parse(kRateless).value(), .vf = {}, .rule = {}}}});
  }

  void configure(const std::string& networks = "[]") {
    dir_.write("config.json",
               R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {"bandwidth": "40%"}}}],
                   "classes": [], "networks": )" +
                   networks + "}");
    EXPECT_THAT(config_.load(), IsOk());
  }

  static dra::ClaimedLane lane(BitRate floor, const std::string& device = kDevice) {
    return {.request = "vf0",
            .pool = "node-a",
            .device = device,
            .share_id = "s",
            .floor = floor,
            .config = {}};
  }

  static ClaimAsk ask(const std::string& name, std::vector<dra::ClaimedLane> lanes) {
    return {.ref = {.uid = "uid-" + name, .ns = "ml", .name = name},
            .pod_uid = "pod-" + name,
            .lanes = std::move(lanes)};
  }

  Result<Grant> make_grant(const ClaimAsk& wanted,
                           std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    return book_.grant(wanted, timeout);
  }

  std::vector<Grant> saved() const { return aside_.grants.peek().value(); }

  SysfsTree tree_;
  TempDir dir_;
  Dir sysfs_ = tree_.root();
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "node-a"};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  ClaimBook book_{{.sysfs = sysfs_, .ledger = ledger_, .aside = aside_, .config = config_}};
};

}  // namespace sluice
