#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/ledger/state_file.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// A VF set aside by a grant, and the lane that it is to become.
struct GrantedVf {
  std::string vf;       ///< PCI address
  std::string port;     ///< PCI address
  std::string request;  ///< Of the claim or annotation; for people.
  std::string device;   ///< Of a ResourceSlice, that the claim was allocated; empty: none.
  std::string ifname;   ///< Name in the pod; empty: the CNI plugin chooses; "eth%d": a number.
  Rate rate;
  VfSettings settings;  ///< MAC, VLAN, spoofchk, trust, link state; not the rate.
  int mtu = 0;          ///< 0: as the link has it.
  std::string network;  ///< Name in the configuration; empty: none.
  std::string cni;      ///< What its IPAM plugin reads; empty: no addresses.
  /// Character devices that containers are given with the VF ("uverbs3"), by name.
  std::vector<std::string> char_devices;

  friend bool operator==(const GrantedVf&, const GrantedVf&) = default;
};

/// VFs set aside for one claim or one pod. Their floors count as promised whether the pod has its
/// lanes yet or not.
struct Grant {
  enum class Kind { claim, pod };

  std::string uid;  ///< Of the claim, or of the pod.
  Kind kind = Kind::claim;
  std::string name;     ///< "namespace/name" of the claim or pod; for people.
  std::string pod_uid;  ///< Of the pod that gets the lanes.
  /// The pod has lanes beside this grant, of classes or by annotation: the agent knows which.
  bool has_others = false;
  /// Of an annotated pod: its lanes are where the pod's placement annotation says, by which the
  /// scheduler counts them.
  bool follows_placement = false;
  std::vector<GrantedVf> vfs;

  friend bool operator==(const Grant&, const Grant&) = default;
};

/// A VF of a grant, with its grant. Both live as long as the grants.
struct FoundGrant {
  const Grant* grant = nullptr;
  const GrantedVf* vf = nullptr;

  explicit operator bool() const { return vf != nullptr; }
};

/// Empty when the VF is not granted.
FoundGrant grant_of(const std::vector<Grant>& grants, std::string_view vf);

/// The text of the file, and back. data_loss naming the JSON pointer of what is missing, of the
/// wrong type, or there twice.
std::string encode_grants(const std::vector<Grant>& grants);
Result<std::vector<Grant>> decode_grants(std::string_view text);

/// The grants made for claims and annotated pods: one durable file that outlives a reboot. Who
/// finds it damaged refuses, for without it VFs would be free that claims have; the agent sets it
/// aside. Thread-safe.
class GrantStore {
 public:
  /// `state_dir` is /var/lib/sluice on a node; need not exist yet.
  explicit GrantStore(const std::string& state_dir)
      : file_(state_dir, "grants.json", decode_grants) {}

  /// As StateFile has them.
  Result<std::vector<Grant>> peek() const { return file_.peek(); }
  Result<std::vector<Grant>> load() const { return file_.load(); }

  /// Those of a kind.
  Result<std::vector<Grant>> of(Grant::Kind kind) const;

  /// The grant for a claim or pod; nullopt without one.
  Result<std::optional<Grant>> find(Grant::Kind kind, const std::string& uid) const;

  /// Replaces all grants; on disk when this returns. invalid_argument, with nothing written, when a
  /// VF or a UID is there twice.
  Result<> save(const std::vector<Grant>& grants) const;

  /// Lets `change` (std::vector<Grant>& -> Result<bool>) change the grants as they are on disk, and
  /// saves them when it returns true. One change at a time of all that go through this object.
  template <typename Change>
  Result<> change(Change change) const {
    const std::lock_guard lock(*changing_);
    std::vector<Grant> grants = TRY(peek());
    const bool is_changed = TRY(change(grants));
    return is_changed ? save(grants) : Result<>();
  }

  /// The grant of the UID is `before` again, which is none where it had none.
  Result<> restore(const std::string& uid, const std::optional<Grant>& before) const;

 private:
  StateFile<std::vector<Grant>> file_;
  std::shared_ptr<std::mutex> changing_ = std::make_shared<std::mutex>();
};

}  // namespace sluice
