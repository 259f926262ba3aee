// sluice-claim-node: a node's side of claims, ports and grants, for a program that plays scheduler
// and kubelet. Each line of standard input is a JSON object with one member, and is answered by a
// line. The ports are files, so that a kernel is not needed.
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "agent/claims/claim_book.h"
#include "agent/claims/claim_supply.h"
#include "dra/claim/claim.h"
#include "dra/claim/lanes_of.h"
#include "dra/slices/device_name.h"
#include "dra/slices/slice_json.h"
#include "pkg/inventory/scan.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr const char* kDomain = "sluice.dev";
constexpr const char* kNode = "n";

constexpr const char* kManual =
    R"(usage: sluice-claim-node

  {"node": {"ports": […]}}     another node: what was granted is forgotten. Answers "slices", the
                               node's ResourceSlices, "omissions" and "books"
  {"prepare": ResourceClaim}   as NodePrepareResources. Answers "floors", in bit/s by lane, and
                               "books"; or "error", and nothing has changed
  {"unprepare": "UID"}         as NodeUnprepareResources. Answers "books"

A port has "address", "driver", "device" (PCI ID), "type" (1, or 32 for InfiniBand), "vfs", "speed"
(Mbit/s), "shares" as the configuration has them, and "offered": floors in bit/s of its last VFs,
which a class has. One that was named before keeps its hardware; the last three may differ.

"books" has for each device of the slices what the ledger has left: {"bandwidth": bit/s, "vfs": N}.
)";

/// The agent's parts that decide on claims, on a machine whose ports are kept from node to node.
class ClaimNode {
 public:
  Result<> open() {
    dir_.write("config.json", R"({"ports": [], "classes": []})");
    return config_.load();
  }

  Result<Json> become(const Json& node);
  Result<Json> prepare(const std::string& claim);
  Result<Json> unprepare(const std::string& uid);

 private:
  void make_port(const Json& port);
  Result<> offer(const Json& ports) const;
  Result<ClaimSupply> supply() const;
  Result<Json> books() const;

  SysfsTree tree_;
  TempDir dir_{TempDir::kInMemory};
  Dir sysfs_ = tree_.root();
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", kNode};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot");
  SetAsideStore aside_{dir_ / "lib"};
  ClaimBook book_{{.sysfs = sysfs_, .ledger = ledger_, .aside = aside_, .config = config_}};
  std::map<std::string, std::string> links_;  // By the port's address.
  Inventory inventory_;
};

void ClaimNode::make_port(const Json& port) {
  const std::string address = port.at("address");
  const std::string speed = std::to_string(port.at("speed").get<int>());
  const auto [known, is_new] =
      links_.try_emplace(address, "eth" + std::to_string(links_.size()));  // As SysfsTree names it.
  if (is_new) {
    const int vfs = port.at("vfs");
    tree_.pf(address, {.vfs = vfs,
                       .total_vfs = vfs,
                       .driver = port.at("driver"),
                       .speed = speed,
                       .type = std::to_string(port.at("type").get<int>()),
                       .device = port.at("device")});
  }
  tree_.write(SysfsTree::device(address) + "/net/" + known->second + "/speed", speed);
}

Result<> ClaimNode::offer(const Json& ports) const {
  std::vector<Offer> offers;
  for (const Json& port : ports) {
    const std::string address = port.at("address");
    int index = port.at("vfs");
    for (const Json& floor : port.at("offered")) {
      const Rate rate{.floor = BitRate::bits_per_second(floor.get<std::uint64_t>()), .ceiling = {}};
      offers.push_back({.vf = SysfsTree::vf(address, --index).to_string(),
                        .port = address,
                        .class_name = "c",
                        .rate = rate});
    }
  }
  return aside_.offers.save(offers);
}

Result<ClaimSupply> ClaimNode::supply() const {
  const SetAside aside = TRY(aside_.peek());
  return claim_supply(inventory_, *config_.current(), {}, aside);
}

Result<Json> ClaimNode::books() const {
  Json books = Json::object();
  const ClaimSupply now = TRY(supply());
  for (const dra::ClaimPort& port : now.ports) {
    const BitRate left = port.share.usable - port.share.promised;
    books[dra::port_device_name(port.share.name)] = {{"bandwidth", left.as_bits_per_second()},
                                                     {"vfs", port.share.free_vfs.value_or(0)}};
  }
  return books;
}

Result<Json> ClaimNode::become(const Json& node) {
  TRY(aside_.grants.save({}));
  TRY(offer(node.at("ports")));
  Json rules = Json::array();
  inventory_ = {};
  for (const Json& port : node.at("ports")) {
    make_port(port);
    rules.push_back({{"select", {{"address", port.at("address")}}},
                     {"vfs", "leave"},
                     {"shares", port.at("shares")}});
    const PciAddress address = TRY(PciAddress::parse(port.at("address").get<std::string>()));
    std::optional<Port> found = TRY(scan_port(sysfs_, address));
    if (found) inventory_.ports.push_back(*std::move(found));
  }
  dir_.write("config.json", Json({{"ports", rules}, {"classes", Json::array()}}).dump());
  TRY(config_.reload());
  ClaimSupply published = TRY(supply());
  book_.know(std::move(published.devices));
  const dra::SliceSet set = dra::make_slices({.name = kNode,
                                              .uid = "uid-n",
                                              .domain = kDomain,
                                              .ports = published.ports,
                                              .vfs = {},
                                              .most = {}},
                                             {});
  Json slices = Json::array();
  for (const dra::Slice& slice : set.slices) {
    slices.push_back(dra::encode(slice, dra::ResourceVersion::v1));
  }
  return Json{{"slices", slices}, {"omissions", set.omissions}, {"books", TRY(books())}};
}

Result<Json> ClaimNode::prepare(const std::string& text) {
  const dra::Claim claim = TRY(dra::read_claim(text, kDomain));
  const dra::Consumer pod = TRY(dra::pod_of(claim));
  const std::vector<dra::ClaimedLane> lanes = TRY(dra::lanes_of(claim));
  const Grant grant =
      TRY(book_.grant({.ref = claim.ref, .pod_uid = pod.uid, .has_others = false, .lanes = lanes},
                      std::chrono::seconds(10)));
  Json floors = Json::array();
  for (const GrantedVf& vf : grant.vfs) floors.push_back(vf.rate.floor.as_bits_per_second());
  return Json{{"floors", floors}, {"books", TRY(books())}};
}

Result<Json> ClaimNode::unprepare(const std::string& uid) {
  TRY(book_.release(uid));
  return Json{{"books", TRY(books())}};
}

Result<Json> answer(ClaimNode& node, const Json& asked) {
  if (asked.contains("node")) return node.become(asked["node"]);
  if (asked.contains("prepare")) return node.prepare(asked["prepare"].dump());
  if (asked.contains("unprepare")) return node.unprepare(asked["unprepare"].get<std::string>());
  return Error(Code::invalid_argument, "want node, prepare or unprepare");
}

int run() {
  ClaimNode node;
  if (const Result<> opened = node.open(); !opened) {
    fmt::print(stderr, "sluice-claim-node: {}\n", opened.error().message());
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const Result<Json> done = answer(node, Json::parse(line));
    const Json told = done ? *done : Json{{"error", done.error().message()}};
    std::cout << told.dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** /*argv*/) {
  if (argc > 1) {
    std::fputs(sluice::kManual, stderr);
    return 2;
  }
  try {
    return sluice::run();
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}
