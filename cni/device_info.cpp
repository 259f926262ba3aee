#include "cni/device_info.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "pkg/base/strings.h"
#include "pkg/cdi/device_info.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/fs/dir.h"

namespace sluice::cni {
namespace {

// Who a note is for and the file it is about: three lines.
struct Note {
  std::string network;
  AttachmentId attachment;
  std::string path;
};

std::string encode(const Note& note) {
  return fmt::format("{}\n{}\n{}\n{}\n", note.network, note.attachment.container_id,
                     note.attachment.ifname, note.path);
}

Result<Note> decode(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 4) return Error(Code::data_loss, "device-info note is cut short");
  return Note{.network = std::string(lines[0]),
              .attachment = {std::string(lines[1]), std::string(lines[2])},
              .path = std::string(lines[3])};
}

// Written beside and linked into place: never seen half-written, and never over another's file.
// False when there is one by now.
Result<bool> publish(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".sluice";
  TRY(replace_file(temporary, content, Durability::process_crash));
  const bool done =
      ::chmod(temporary.c_str(), 0644) == 0 && ::link(temporary.c_str(), path.c_str()) == 0;
  const int failed = errno;
  ::unlink(temporary.c_str());
  if (!done && failed != EEXIST) {
    return Error::from_errno(failed, fmt::format("create '{}'", path));
  }
  return done;
}

}  // namespace

std::string DeviceInfoFiles::note_of(const AttachmentId& attachment) const {
  // Neither has a ':' (environment.h).
  return fmt::format("{}/{}:{}", notes_, attachment.container_id, attachment.ifname);
}

Result<> DeviceInfoFiles::create(const std::string& path, const Lane& lane) const {
  if (::access(path.c_str(), F_OK) == 0) return {};
  const Owner& owner = lane.record.owner;
  const Note note{owner.network, {owner.container_id, owner.ifname}, path};
  TRY(make_directories(notes_));
  TRY(replace_file(note_of(note.attachment), encode(note), Durability::process_crash));
  TRY(make_public_directories_of(path));
  const DeviceInfo info{.vf = lane.record.id, .port = lane.port, .rdma_device = lane.rdma_device};
  const bool made = TRY(publish(path, encode(info)));
  return made ? Result<>() : remove_file(note_of(note.attachment));
}

Result<> DeviceInfoFiles::remove(const AttachmentId& attachment) const {
  const std::string file = note_of(attachment);
  const Result<std::string> text = read_file(file);
  if (!text) {
    if (text.error().code() == Code::not_found) return {};
    return text.error();
  }
  const Note note = TRY(decode(*text).context("'{}'", file));
  TRY(remove_file(note.path));
  return remove_file(file);
}

Result<> DeviceInfoFiles::collect(const std::string& network,
                                  std::span<const AttachmentId> keep) const {
  const Result<Dir> notes = Dir::open(notes_);
  if (!notes) return notes.error().code() == Code::not_found ? Result<>() : notes.error();
  const auto names = TRY(notes->list("."));
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const Result<std::string> text = read_file(notes_ + "/" + name);
    const Result<Note> note = text ? decode(*text) : text.error();
    if (!note || note->network != network) continue;
    if (std::find(keep.begin(), keep.end(), note->attachment) != keep.end()) continue;
    TRY(remove(note->attachment));
  }
  return {};
}

}  // namespace sluice::cni
