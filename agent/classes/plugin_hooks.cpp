#include "agent/classes/plugin_hooks.h"

#include <memory>

#include "pkg/daemon/repeats.h"

namespace sluice {
namespace {

using plugin::Event;
using plugin::Note;

std::string class_of(const std::string& resource) {
  return resource.substr(resource.find('/') + 1);
}

/// From several threads.
class Scribe {
 public:
  Scribe(Metrics& metrics, Log log) : metrics_(metrics), log_(std::move(log)) {}

  void write(const Note& note) {
    switch (note.event) {
      case Event::serving: return log_.debug("serving", {{"resource", note.resource}});
      case Event::registered: return registered(note);
      case Event::registration_failed: return not_registered(note);
      case Event::stream_opened:
        return log_.info("ListAndWatch stream opened", {{"resource", note.resource}});
      case Event::stream_closed:
        return log_.info("ListAndWatch stream closed", {{"resource", note.resource}});
      case Event::allocated: return allocated(note, "granted");
      case Event::allocation_refused:
        log_.warn("allocation refused", {{"resource", note.resource}, {"reason", note.text}});
        return allocated(note, "refused");
      case Event::start_refused:
        return log_.warn("a container may not start",
                         {{"resource", note.resource}, {"reason", note.text}});
      case Event::trouble:
        return log_.warn("device plugin has trouble",
                         {{"resource", note.resource}, {"reason", note.text}});
    }
  }

 private:
  void registered(const Note& note) {
    metrics_.add(metric::kRegistrations, {class_of(note.resource), "done"});
    log_.info("registered with the kubelet", {{"resource", note.resource}});
    const std::lock_guard lock(mutex_);
    failures_.recovered(note.resource);
  }

  void not_registered(const Note& note) {
    metrics_.add(metric::kRegistrations, {class_of(note.resource), "failed"});
    bool tell = false;
    {
      const std::lock_guard lock(mutex_);
      tell = failures_.worth_telling(note.resource, note.text, std::chrono::steady_clock::now());
    }
    if (!tell) return;
    log_.warn("not registered with the kubelet yet",
              {{"resource", note.resource}, {"reason", note.text}});
  }

  void allocated(const Note& note, std::string_view result) {
    metrics_.add(metric::kAllocations, {class_of(note.resource), result});
    metrics_.observe(metric::kAllocateSeconds, {},
                     std::chrono::duration<double>(note.took).count());
  }

  Metrics& metrics_;
  Log log_;
  std::mutex mutex_;  // Guards failures_.
  Repeats failures_;
};

/// Who answers an Allocate.
struct Offerer {
  HookParts parts;
  Log log;

  // Held first: between the two the VF must not be taken for free.
  Result<> allocate(const std::string& resource, const std::vector<std::string>& ids) const {
    const std::optional<std::string> class_name = parts.config.current()->class_of(resource);
    if (!class_name) {
      return Error(Code::not_found, fmt::format("'{}' is of another domain", resource));
    }
    parts.allocated_vfs.allocated(resource, ids);
    TRY(parts.offers.take(*class_name, ids));
    log.info("allocated",
             {{"resource", resource}, {"devices", fmt::to_string(fmt::join(ids, ","))}});
    return {};
  }
};

}  // namespace

plugin::Hooks plugin_hooks(const HookParts& parts, const Log& log) {
  const auto scribe = std::make_shared<Scribe>(parts.metrics, log);
  const Offerer offerer{.parts = parts, .log = log};
  return {.allocate =
              [offerer](const std::string& resource, const std::vector<std::string>& ids) {
                return offerer.allocate(resource, ids);
              },
          .starts = [&guard = parts.guard](
                        const std::string& resource,
                        const std::vector<std::string>& ids) { return guard.check(resource, ids); },
          .gives_nodes =
              [&store = parts.store](const plugin::Device& device) {
                return store.note_nodes(device.id, device.char_devices);
              },
          .note = [scribe](const Note& note) { scribe->write(note); }};
}

}  // namespace sluice
