#include "pkg/kube/watch_event.h"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/kube/api_status.h"

namespace sluice {
namespace {

using nlohmann::json;

std::optional<WatchEvent::Kind> kind_of(const std::string& type) {
  if (type == "ADDED" || type == "MODIFIED") return WatchEvent::Kind::changed;
  if (type == "DELETED") return WatchEvent::Kind::removed;
  if (type == "BOOKMARK") return WatchEvent::Kind::bookmark;
  return std::nullopt;
}

Error not_an_event(std::string_view line) {
  return {Code::invalid_argument, fmt::format("want a watch event, got {}", in_quotes(line))};
}

}  // namespace

Result<WatchEvent> parse_watch_event(std::string_view line, json& object) {
  json event = parse_document(line);
  if (!event.is_object() || !event["type"].is_string() || !event["object"].is_object()) {
    return not_an_event(line);
  }
  object = std::move(event["object"]);
  const std::string type = event["type"];
  if (type == "ERROR") return to_error(parse_api_status(500, object.dump()));
  const std::optional<WatchEvent::Kind> kind = kind_of(type);
  Problems ignored;
  Members members(object, "", ignored);
  std::string version = members.object("metadata").text("resourceVersion");
  if (!kind || version.empty()) return not_an_event(line);
  return WatchEvent{.kind = *kind, .version = std::move(version)};
}

Result<bool> LineSplitter::add(std::string_view piece,
                               const std::function<bool(std::string_view)>& take) {
  for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
    begun_.append(piece.substr(0, end));
    piece.remove_prefix(end + 1);
    const std::string line = std::exchange(begun_, {});
    if (!trim(line).empty() && !take(line)) return false;
  }
  if (piece.size() > limit_ - begun_.size()) {
    return Error(Code::exhausted, fmt::format("line longer than {} bytes", limit_));
  }
  begun_.append(piece);
  return true;
}

}  // namespace sluice
