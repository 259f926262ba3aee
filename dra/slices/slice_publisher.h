#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dra/slices/slice_watch.h"
#include "dra/slices/slice_writer.h"
#include "pkg/base/backoff.h"

namespace sluice::dra {

/// What the server has, once it is what was wanted.
struct PublishedSlices {
  std::size_t slices = 0;
  std::size_t devices = 0;
  int writes = 0;              ///< That it took; 0: the server had it already.
  bool shared_devices = true;  ///< False: VFs of fixed classes, as the server knows nothing else.
};

/// Called by both threads of the publisher; must only wake, log or count. Any may be empty.
struct SliceListener {
  std::function<void(const PublishedSlices& published)> published;
  /// Tried again after a back-off. `verb` is RBAC's, on resourceslices: "list", "watch", "get",
  /// "create", "update", "delete".
  std::function<void(const std::string& verb, const Error& error)> failed;
  /// The server drops these fields; claims see what is left. Each field once.
  std::function<void(const std::vector<std::string>& fields)> dropped;
  /// What is not published, and why; when that changes.
  std::function<void(const Omissions& omissions)> omitted;
};

/// A request that failed, by the verb that RBAC knows it by.
struct SliceFailure {
  std::string verb;
  Error error;
};

/// Keeps a node's ResourceSlices as they should be, whatever becomes of them on the server, on two
/// threads of its own. Writes only what differs. Slices stay when it ends: they are the kubelet's
/// to wipe.
///
/// Before a slice first uses a feature that the server might not have, it is sent on trial, so that
/// no slice is ever published with a part of its meaning dropped.
class SlicePublisher final {
 public:
  /// `client` must outlive this object.
  SlicePublisher(ApiClient& client, const SliceWatch::Selection& selection, SliceListener listener);
  SlicePublisher(const SlicePublisher&) = delete;
  SlicePublisher& operator=(const SlicePublisher&) = delete;
  ~SlicePublisher() = default;

  /// What is to be there from now on; of the driver and node that were selected. Returns at once.
  /// Nothing is written before the first. From any thread.
  void publish(ClaimNode node);

  /// Whether the server has what was last wanted; false while it does not let itself be asked.
  bool is_published() const;

 private:
  using Failure = std::optional<SliceFailure>;

  void wake();
  void run(const std::stop_token& stop);
  bool wait(const std::stop_token& stop);
  void step(const std::stop_token& stop);
  Failure bring_in_line(const ClaimNode& node);
  Failure carry_out(const SlicePlan& plan, const SliceWatch::View& view);
  Failure write(const Slice& slice, const SliceWatch::View& view, WriteMode mode);
  Failure look_again(const SliceWriter& writer, const std::string& name, SliceFailure failure);
  void tell_omissions(const Omissions& omissions);
  void tell_dropped(std::vector<std::string> fields);
  void conclude(const ClaimNode& node, const std::vector<Slice>& slices);
  SliceWatch::Listener watch_listener();

  ApiClient& client_;
  const SliceListener listener_;

  // Of the publishing thread.
  SpreadBackoff backoff_;
  ServerFeatures features_;
  bool has_learned_ = false;  // The server is not as was thought: the plan is to be made again.
  int writes_ = 0;            // Since the server last had what was wanted.
  Omissions told_omissions_;
  std::set<std::string> told_dropped_;

  mutable std::mutex mutex_;  // Guards those below.
  std::condition_variable_any woken_;
  std::shared_ptr<const ClaimNode> wanted_;
  bool is_woken_ = false;
  bool is_relisted_ = false;  // The server may be another since.
  bool is_published_ = false;
  bool is_refused_ = false;  // May not list or watch.
  SliceWatch watch_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice::dra
