#include "dra/slices/slice_writer.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

tl::unexpected<SliceFailure> failure(std::string verb, Error error) {
  error.prepend(fmt::format("{} ResourceSlice", verb));
  return tl::unexpected(SliceFailure{.verb = std::move(verb), .error = std::move(error)});
}

}  // namespace

tl::expected<StoredSlice, SliceFailure> SliceWriter::write(const Slice& slice,
                                                           const StoredSlice* replaced,
                                                           WriteMode mode) const {
  const std::string body = encode(slice, version_, replaced).dump();
  const Query query = mode == WriteMode::trial ? Query{{"dryRun", "All"}} : Query();
  const bool creates = replaced == nullptr;
  const Result<std::string> answer =
      creates ? client_.create(with_query(path_, query), body)
              : client_.replace(with_query(path_ + "/" + slice.name, query), body);
  if (!answer) return failure(creates ? "create" : "update", answer.error());
  return decode_stored(parse_document(*answer));
}

tl::expected<StoredSlice, SliceFailure> SliceWriter::read(const std::string& name) const {
  const Result<std::string> answer = client_.get(path_ + "/" + name);
  if (!answer) return failure("get", answer.error());
  return decode_stored(parse_document(*answer));
}

tl::expected<void, SliceFailure> SliceWriter::remove(const StoredSlice& stored) const {
  const json options = {
      {"apiVersion", "v1"},
      {"kind", "DeleteOptions"},
      {"preconditions", {{"uid", stored.uid}, {"resourceVersion", stored.version}}}};
  const Result<> removed = client_.remove(path_ + "/" + stored.name, options.dump());
  if (!removed) return failure("delete", removed.error());
  return {};
}

}  // namespace sluice::dra
