#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "plugin/device.h"

namespace sluice::plugin {

/// What happened to a resource, for logs and metrics.
enum class Event {
  serving,              ///< Its socket is there.
  registered,           ///< The kubelet has taken it.
  registration_failed,  ///< The kubelet was not there, or refused; tried again.
  stream_opened,        ///< The kubelet listens to the list of devices …
  stream_closed,        ///< … or does not any more.
  allocated,            ///< Devices were given to a container.
  allocation_refused,   ///< The pod fails for it.
  start_refused,        ///< A container has devices without what goes with them; tried again.
  trouble,              ///< Something else went wrong; the text says what.
};

struct Note {
  Event event;
  std::string resource;
  std::string text;                    ///< Reason or detail; may be empty.
  std::chrono::nanoseconds took = {};  ///< Of an allocation.
};

/// What the plugin asks and tells the program that it is part of. Called from several threads, with
/// no lock held; each call is part of an answer to the kubelet and must take well below a
/// millisecond.
struct Hooks {
  /// `ids` of `resource` are about to be given to a container. An Error refuses, and the pod fails;
  /// the same devices may be asked for again later. Empty: everything is allowed.
  std::function<Result<>(const std::string& resource, const std::vector<std::string>& ids)>
      allocate;
  /// A container that was given `ids` of `resource` is about to start. An Error refuses, and the
  /// kubelet tries again. Unlike the others it may take seconds. Empty: everything is allowed.
  std::function<Result<>(const std::string& resource, const std::vector<std::string>& ids)> starts;
  /// Who is given `device` gets the character devices that it has now: from an Allocate on, or by
  /// the CDI file that was just written. An Error is told as trouble.
  std::function<Result<>(const Device& device)> gives_nodes;
  std::function<void(const Note&)> note;

  void tell(const Note& what) const {
    if (note) note(what);
  }

  /// Whether they are noted.
  bool note_nodes(const std::string& resource, const Device& device) const {
    const Result<> noted = gives_nodes ? gives_nodes(device) : Result<>();
    if (noted) return true;
    tell({.event = Event::trouble, .resource = resource, .text = noted.error().message()});
    return false;
  }
};

}  // namespace sluice::plugin
