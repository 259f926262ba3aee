#pragma once

#include <string_view>
#include <utility>

#include "agent/kubernetes.h"
#include "pkg/daemon/log.h"

namespace sluice {

/// Says what happened to a component's part of the node, once: a line of the log and the event that
/// belongs to it. Cheap to copy; any number of threads.
class Announcer {
 public:
  /// `kubernetes` must outlive this object.
  Announcer(Log log, Kubernetes& kubernetes) : log_(std::move(log)), kubernetes_(&kubernetes) {}

  /// For what has no event.
  const Log& log() const { return log_; }

  /// Sluice recovered: a warning in the log and on the Node.
  void warn(std::string_view line, LogFields fields, const EventText& event) const {
    log_.warn(line, fields);
    kubernetes_->warn_node(event);
  }

  /// A person must act: an error in the log, a warning on the Node.
  void error(std::string_view line, LogFields fields, const EventText& event) const {
    log_.error(line, fields);
    kubernetes_->warn_node(event);
  }

  /// A lane has changed for the worse, or back: as warn(), and a warning on its pod.
  void warn(std::string_view line, LogFields fields, const Owner& owner,
            const EventText& event) const {
    warn(line, fields, event);
    kubernetes_->tell_pod(owner, Event::Type::warning, event);
  }

  /// Beside a line that says more.
  void warn_node(const EventText& event) const { kubernetes_->warn_node(event); }

  /// The pod alone, beside a line that speaks of several of them.
  void tell_pod(const Owner& owner, Event::Type type, const EventText& event) const {
    kubernetes_->tell_pod(owner, type, event);
  }

 private:
  Log log_;
  Kubernetes* kubernetes_;
};

}  // namespace sluice
