#include "plugin/device_lists.h"

#include <algorithm>
#include <utility>

namespace sluice::plugin {

class DeviceLists::Stream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Stream(DeviceLists& owner) : owner_(owner) {}

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
  // gRPC may answer from within StartWrite and Finish, so neither is called with the lock held, and
  // nothing is touched after them: the answer to Finish may be the end of this object.
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
      StartWrite(sent_.get());
    } else {
      Finish(grpc::Status::OK);
    }
  }

 private:
  DeviceLists& owner_;
  std::mutex mutex_;  // Guards all below; may be held when the owner's is taken.
  Message sent_;      // Also while it is being written: no other is sent before that is done.
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
};

void DeviceLists::publish(const Message& message) {
  {
    const std::lock_guard lock(mutex_);
    latest_ = message;
  }
  for (const auto& stream : streams()) stream->advance();
}

grpc::ServerWriteReactor<DeviceLists::Response>* DeviceLists::open() {
  const auto stream = std::make_shared<Stream>(*this);
  {
    const std::lock_guard lock(mutex_);
    streams_.push_back(stream);
  }
  stream->advance();
  changed_();
  return stream.get();
}

void DeviceLists::finish() {
  for (const auto& stream : streams()) stream->end();
}

std::size_t DeviceLists::open_streams() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

void DeviceLists::forget(const Stream* stream) {
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

DeviceLists::Message DeviceLists::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

std::vector<std::shared_ptr<DeviceLists::Stream>> DeviceLists::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_;
}

}  // namespace sluice::plugin
