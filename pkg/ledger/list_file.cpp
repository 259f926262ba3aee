#include "pkg/ledger/list_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string encode_list(const char* name, Json list) {
  const Json file = {{"version", kVersion}, {name, std::move(list)}};
  return file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<> decode_list(std::string_view text, const char* name,
                     const std::function<void(Members)>& take) {
  Problems problems;
  const Json json = parse_document(text, problems);
  if (json.is_null()) return Error(Code::data_loss, "not JSON");
  Members file(json, "", problems);
  if (file.number("version") != kVersion) file.reject("version", fmt::format("want {}", kVersion));
  const Json& list = file.array(name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    take(Members(list[i], fmt::format("/{}/{}", name, i), problems));
  }
  if (!problems.empty()) return Error(Code::data_loss, to_string(problems.all().front()));
  return {};
}

}  // namespace sluice
