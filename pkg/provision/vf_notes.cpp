#include "pkg/provision/vf_notes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace sluice {
namespace {

std::string errno_name(const Error& error) {
  constexpr int kKernelNotSupported = 524;  // ENOTSUPP (linux/errno.h), no errno of user space.
  if (error.sys_errno() == kKernelNotSupported) return "ENOTSUPP";
  const char* const name = ::strerrorname_np(error.sys_errno());
  return name != nullptr ? name : fmt::format("errno {}", error.sys_errno());
}

struct Words {
  const char* subject;
  const char* left;
};

Words words_for(const VfSettings& part) {
  if (part.mac) return {"MAC", "not given"};
  if (part.vlan) return {"VLAN", "left as it is"};
  if (part.rate) return {"rate", "left as it is"};
  if (part.spoofchk) return {"spoof check", *part.spoofchk ? "left off" : "left on"};
  if (part.trust) return {"trust", *part.trust ? "left off" : "left on"};
  return {"link state", "left as it is"};
}

}  // namespace

void VfNotes::refused(int vf, const Refusal& refusal) {
  const auto [subject, left] = words_for(refusal.part);
  add(vf, subject,
      fmt::format("{}: driver {} does not take it ({})", left, driver_, errno_name(refusal.error)));
}

void VfNotes::rate_stays(int vf) {
  add(vf, "rate",
      carrier_ ? "stays until the port takes it back" : "stays until the port has carrier");
}

void VfNotes::add(int vf, const std::string& subject, const std::string& rest) {
  const auto same = [&](const Note& note) { return note.subject == subject && note.rest == rest; };
  const auto known = std::find_if(notes_.begin(), notes_.end(), same);
  if (known != notes_.end()) {
    known->vfs.push_back(vf);
  } else {
    notes_.push_back({subject, rest, {vf}});
  }
}

std::vector<std::string> VfNotes::sentences(std::size_t vfs) const {
  std::vector<std::string> sentences;
  for (const auto& [subject, rest, of] : notes_) {
    std::string whose;
    if (of.size() != vfs) {
      whose = fmt::format(" of VF{} {}", of.size() == 1 ? "" : "s", fmt::join(of, ", "));
    }
    sentences.push_back(fmt::format("{}{} {}", subject, whose, rest));
  }
  return sentences;
}

}  // namespace sluice
