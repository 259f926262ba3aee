#include "pkg/ledger/lease_store.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr char kBetween = '\t';  // In none of the parts: JSON writes it as an escape.
// The last part is there when GIDs are missing.
constexpr std::size_t kParts = 4;
constexpr std::size_t kPartsWithGids = 5;

}  // namespace

Result<> LeaseStore::write(const std::string& network, const AttachmentId& attachment,
                           std::span<const Lease> leases) const {
  std::string text;
  for (const Lease& lease : leases) {
    if (!text.empty()) text += '\n';
    const std::string given = encode(lease.given);
    for (const std::string* const part : {&lease.ifname, &lease.network, &given}) {
      text += *part;
      text += kBetween;
    }
    text += lease.conf;
    if (!lease.lacks_gids.empty()) text += kBetween + lease.lacks_gids;
  }
  return notes_.write(network, attachment, text);
}

Result<std::vector<Lease>> LeaseStore::read(const AttachmentId& attachment) const {
  std::vector<Lease> leases;
  const std::optional<std::string> text = TRY(notes_.read(attachment));
  if (!text) return leases;
  for (const std::string_view line : split(*text, '\n')) {
    const auto parts = split(line, kBetween);
    if (parts.size() != kParts && parts.size() != kPartsWithGids) {
      return Error(Code::data_loss, fmt::format("leases of container {}: a line has {} parts",
                                                in_quotes(attachment.container_id), parts.size()));
    }
    LaneAddresses given = TRY(decode_lane_addresses(parts[2]).context(
        "leases of container {}", in_quotes(attachment.container_id)));
    leases.push_back({.ifname = std::string(parts[0]),
                      .network = std::string(parts[1]),
                      .conf = std::string(parts[3]),
                      .given = std::move(given),
                      .lacks_gids = std::string(parts.size() > kParts ? parts[kParts] : "")});
  }
  return leases;
}

Result<std::optional<Lease>> LeaseStore::find(const Owner& owner) const {
  const std::vector<Lease> leases = TRY(read({owner.container_id, owner.attached_by()}));
  const auto own = std::find_if(leases.begin(), leases.end(),
                                [&](const Lease& lease) { return lease.ifname == owner.ifname; });
  return own == leases.end() ? std::nullopt : std::optional(*own);
}

}  // namespace sluice
