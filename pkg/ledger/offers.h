#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/ledger/state_file.h"

namespace sluice {

/// Whether kubelet may hand an offered VF out.
enum class OfferState {
  offered,    ///< In the list of its class.
  withdrawn,  ///< Taken out of the list; kubelet may not know yet, so it counts as promised still.
};

/// A VF set aside under a class: its floor counts as promised whether it is taken or not.
struct Offer {
  std::string vf;    ///< PCI address
  std::string port;  ///< PCI address
  std::string class_name;
  Rate rate;
  OfferState state = OfferState::offered;

  friend bool operator==(const Offer&, const Offer&) = default;
};

/// nullptr when the VF is not offered.
const Offer* offer_of(const std::vector<Offer>& offers, std::string_view vf);

/// The text of the file, and back.
std::string encode_offers(const std::vector<Offer>& offers);
Result<std::vector<Offer>> decode_offers(std::string_view text);

/// The offers made to Kubernetes: one durable file that outlives a reboot. Who finds it damaged
/// refuses, for without it VFs would be free that pods have; the agent sets it aside. Thread-safe.
class OfferStore {
 public:
  /// `state_dir` is /var/lib/sluice on a node; need not exist yet.
  explicit OfferStore(const std::string& state_dir)
      : file_(state_dir, "offers.json", decode_offers) {}

  /// As StateFile has them.
  Result<std::vector<Offer>> peek() const { return file_.peek(); }
  Result<std::vector<Offer>> load() const { return file_.load(); }

  /// Whether there is a file: the agent writes one at its start, with or without offers.
  bool is_there() const { return file_.is_there(); }

  /// Replaces all offers; on disk when this returns.
  Result<> save(const std::vector<Offer>& offers) const {
    return file_.save(encode_offers(offers));
  }

  /// A container that is given the VF gets these character devices with it ("uverbs3", "umad3").
  /// Noted by the agent before it can be; survives the agent and, after an orderly end, a reboot.
  Result<> note_nodes(const std::string& vf, const std::vector<std::string>& names) const;

  /// As last noted for the VF; none where that is not known.
  Result<std::vector<std::string>> nodes_of(const std::string& vf) const;

 private:
  std::string nodes_path(const std::string& vf) const { return file_.dir() + "/nodes/" + vf; }

  StateFile<std::vector<Offer>> file_;
};

}  // namespace sluice
