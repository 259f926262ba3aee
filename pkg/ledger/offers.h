#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/ledger/decoded.h"

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

/// The promises made to Kubernetes: one durable file that outlives a reboot. Written by the agent
/// alone, read by all; a reader sees the old or the new file, never a mixture.
class OfferStore {
 public:
  /// `state_dir` is /var/lib/sluice on a node; need not exist yet.
  explicit OfferStore(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  /// No offers when there is no file. data_loss when the file is damaged.
  Result<std::vector<Offer>> peek() const;

  /// The same for the agent: a damaged file has been set aside as offers.json.damaged-<n> when this
  /// returns data_loss, and the error names it. Whatever else finds it damaged refuses and leaves
  /// it where it is, for without the file VFs would be free that pods have.
  Result<std::vector<Offer>> load() const;

  /// Whether there is a file: the agent writes one at its start, with or without offers.
  bool is_there() const;

  /// Replaces all offers; on disk when this returns.
  Result<> save(const std::vector<Offer>& offers) const;

  /// A container that is given the VF gets these character devices with it ("uverbs3", "umad3").
  /// Noted by the agent before it can be; survives the agent and, after an orderly end, a reboot.
  Result<> note_nodes(const std::string& vf, const std::vector<std::string>& names) const;

  /// As last noted for the VF; none where that is not known.
  Result<std::vector<std::string>> nodes_of(const std::string& vf) const;

 private:
  std::string path() const { return state_dir_ + "/offers.json"; }

  std::string nodes_path(const std::string& vf) const { return state_dir_ + "/nodes/" + vf; }

  std::string state_dir_;
  /// The file as last read: each lane of a pod looks at it anew.
  std::shared_ptr<Decoded<std::vector<Offer>>> known_ =
      std::make_shared<Decoded<std::vector<Offer>>>();
};

/// The text of the file, and back.
std::string encode_offers(const std::vector<Offer>& offers);
Result<std::vector<Offer>> decode_offers(std::string_view text);

}  // namespace sluice
