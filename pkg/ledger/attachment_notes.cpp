#include "pkg/ledger/attachment_notes.h"

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/fs/dir.h"

namespace sluice {
namespace {

// Three lines say whose it is; the text is the rest.
struct Note {
  std::string network;
  AttachmentId attachment;
  std::string text;
};

std::string next_line(std::string& text) {
  const auto end = text.find('\n');
  std::string line = text.substr(0, end);
  text.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

Result<Note> decode(const std::string& path, std::string text) {
  Note note;
  note.network = next_line(text);
  note.attachment.container_id = next_line(text);
  note.attachment.ifname = next_line(text);
  if (!text.ends_with('\n')) {
    return Error(Code::data_loss, fmt::format("note '{}' is cut short", path));
  }
  text.pop_back();
  note.text = std::move(text);
  return note;
}

}  // namespace

std::string AttachmentNotes::path_of(const AttachmentId& attachment) const {
  // Neither has a ':' (the CNI specification, "CNI_CONTAINERID", and Linux' names of links).
  return fmt::format("{}/{}:{}", directory_, attachment.container_id, attachment.ifname);
}

Result<> AttachmentNotes::write(const std::string& network, const AttachmentId& attachment,
                                std::string_view text) const {
  TRY(make_directories(directory_));
  return replace_file(
      path_of(attachment),
      fmt::format("{}\n{}\n{}\n{}\n", network, attachment.container_id, attachment.ifname, text),
      Durability::process_crash);
}

Result<std::optional<std::string>> AttachmentNotes::read(const AttachmentId& attachment) const {
  const std::string path = path_of(attachment);
  Result<std::string> text = read_file(path);
  if (!text) {
    if (text.error().code() == Code::not_found) return std::optional<std::string>();
    return text.error();
  }
  return std::optional(TRY(decode(path, *std::move(text))).text);
}

Result<> AttachmentNotes::remove(const AttachmentId& attachment) const {
  return remove_file(path_of(attachment));
}

Result<std::vector<AttachmentId>> AttachmentNotes::stale(const std::string& network,
                                                         std::span<const AttachmentId> keep) const {
  std::vector<AttachmentId> found;
  const Result<Dir> directory = Dir::open(directory_);
  if (!directory) {
    if (directory.error().code() == Code::not_found) return found;
    return directory.error();
  }
  const auto names = TRY(directory->list("."));
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const std::string path = directory_ + "/" + name;
    Result<std::string> text = read_file(path);
    const Result<Note> note = text ? decode(path, *std::move(text)) : text.error();
    if (!note || note->network != network) continue;
    if (std::find(keep.begin(), keep.end(), note->attachment) != keep.end()) continue;
    found.push_back(note->attachment);
  }
  return found;
}

}  // namespace sluice
