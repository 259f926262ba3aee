#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "proto/deviceplugin_v1beta1.pb.h"

namespace sluice::plugin {

/// The ListAndWatch streams of one resource. Each stream sends what was last published and, when it
/// has been read, what was published since; a peer that does not read costs one message, one that
/// died is forgotten at once, and none holds up another. Thread-safe. Must outlive the server that
/// hands the streams out.
class DeviceLists {
 public:
  using Response = v1beta1::ListAndWatchResponse;
  using Message = std::shared_ptr<const Response>;

  /// `changed` is called when a stream was opened or has ended, with no lock held.
  explicit DeviceLists(std::function<void()> changed) : changed_(std::move(changed)) {}

  DeviceLists(const DeviceLists&) = delete;
  DeviceLists& operator=(const DeviceLists&) = delete;
  ~DeviceLists() = default;

  /// Sent to all streams, also to those that are opened later.
  void publish(const Message& message);

  /// A new stream; it deletes itself.
  grpc::ServerWriteReactor<Response>* open();

  /// Ends the streams that are open now.
  void finish();

  std::size_t open_streams() const;

 private:
  class Stream;

  void forget(const Stream* stream);
  Message latest() const;
  std::vector<std::shared_ptr<Stream>> streams() const;

  std::function<void()> changed_;
  mutable std::mutex mutex_;  // Guards latest_ and streams_.
  Message latest_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

}  // namespace sluice::plugin
