#include "dra/slices/slice_writer.h"

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"

namespace sluice::dra {

using nlohmann::json;

Result<StoredSlice> SliceWriter::write(const Slice& slice, const StoredSlice* replaced,
                                       WriteMode mode) const {
  const std::string body = encode(slice, version_, replaced).dump();
  const Query query = mode == WriteMode::trial ? Query{{"dryRun", "All"}} : Query();
  const bool creates = replaced == nullptr;
  Result<std::string> answer =
      creates ? client_.create(with_query(path_, query), body)
              : client_.replace(with_query(path_ + "/" + slice.name, query), body);
  const std::string stored = TRY(std::move(answer).context(
      "{} ResourceSlice '{}'", creates ? "create" : "update", slice.name));
  return decode_stored(parse_document(stored));
}

Result<StoredSlice> SliceWriter::read(const std::string& name) const {
  const std::string stored =
      TRY(client_.get(path_ + "/" + name).context("read ResourceSlice '{}'", name));
  return decode_stored(parse_document(stored));
}

Result<> SliceWriter::remove(const StoredSlice& stored) const {
  const json options = {
      {"apiVersion", "v1"},
      {"kind", "DeleteOptions"},
      {"preconditions", {{"uid", stored.uid}, {"resourceVersion", stored.version}}}};
  return client_.remove(path_ + "/" + stored.name, options.dump())
      .context("delete ResourceSlice '{}'", stored.name);
}

}  // namespace sluice::dra
