#pragma once

#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sluice {

/// The open streams of one method that sends the state of things. Each stream sends what was last
/// published and, when it has been read, what was published since; a peer that does not read costs
/// one message, one that died is forgotten at once, and none holds up another. Thread-safe. Must
/// outlive the server that hands the streams out.
template <typename Response>
class LatestStreams {
 public:
  using Message = std::shared_ptr<const Response>;

  /// `changed` is called when a stream was opened or has ended, with no lock held.
  explicit LatestStreams(std::function<void()> changed) : changed_(std::move(changed)) {}

  LatestStreams(const LatestStreams&) = delete;
  LatestStreams& operator=(const LatestStreams&) = delete;
  ~LatestStreams() = default;

  /// Sent to all streams, also to those that are opened later.
  void publish(const Message& message) {
    {
      const std::lock_guard lock(mutex_);
      latest_ = message;
    }
    for (const auto& stream : streams()) stream->advance();
  }

  /// A new stream; it deletes itself.
  grpc::ServerWriteReactor<Response>* open() {
    const auto stream = std::make_shared<Stream>(*this);
    {
      const std::lock_guard lock(mutex_);
      streams_.push_back(stream);
    }
    stream->advance();
    changed_();
    return stream.get();
  }

  /// Ends the streams that are open now.
  void finish() {
    for (const auto& stream : streams()) stream->end();
  }

  std::size_t open_streams() const {
    const std::lock_guard lock(mutex_);
    return streams_.size();
  }

 private:
  class Stream final : public grpc::ServerWriteReactor<Response> {
   public:
    explicit Stream(LatestStreams& owner) : owner_(owner) {}

    void end() {
      {
        const std::lock_guard lock(mutex_);
        ending_ = true;
      }
      advance();
    }

    void OnWriteDone(bool ok) override {
      {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        ending_ = ending_ || !ok;
      }
      advance();
    }

    void OnCancel() override { end(); }

    void OnDone() override { owner_.forget(this); }

    /// Sends what was published last, unless that is done or something else is being sent.
    // gRPC may answer from within StartWrite and Finish, so neither is called with the lock held,
    // and nothing is touched after them: the answer to Finish may be the end of this object.
    void advance() {
      bool write = false;
      {
        const std::lock_guard lock(mutex_);
        if (finished_ || writing_) return;
        if (ending_) {
          finished_ = true;
        } else {
          Message latest = owner_.latest();
          if (latest == sent_) return;
          sent_ = std::move(latest);
          writing_ = write = true;
        }
      }
      if (write) {
        this->StartWrite(sent_.get());
      } else {
        this->Finish(grpc::Status::OK);
      }
    }

   private:
    LatestStreams& owner_;
    std::mutex mutex_;  // Guards all below; may be held when the owner's is taken.
    Message sent_;      // Also while it is being written: no other is sent before that is done.
    bool writing_ = false;
    bool ending_ = false;
    bool finished_ = false;
  };

  void forget(const Stream* stream) {
    std::shared_ptr<Stream> last;  // The stream ends after the lock was let go.
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::ranges::find(streams_, stream, &std::shared_ptr<Stream>::get);
      if (found == streams_.end()) return;
      last = std::move(*found);
      streams_.erase(found);
    }
    changed_();
  }

  Message latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  std::vector<std::shared_ptr<Stream>> streams() const {
    const std::lock_guard lock(mutex_);
    return streams_;
  }

  std::function<void()> changed_;
  mutable std::mutex mutex_;  // Guards latest_ and streams_.
  Message latest_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

}  // namespace sluice
