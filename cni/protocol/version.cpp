#include "cni/protocol/version.h"

#include <fmt/format.h>

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice::cni {
namespace {

std::string supported() {
  std::string list;
  for (const std::string_view version : kVersions) {
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", version);
  }
  return list;
}

std::string_view first_with(Command command) {
  switch (command) {
    case Command::check: return "0.4.0";
    case Command::gc:
    case Command::status: return "1.1.0";
    default: return kVersions.front();
  }
}

}  // namespace

Outcome<> check_version(std::string_view version, Command command) {
  if (std::find(kVersions.begin(), kVersions.end(), version) == kVersions.end()) {
    return Failure(
        ErrorCode::incompatible_version, "incompatible CNI versions",
        fmt::format("config is {}, plugin supports [{}]", in_quotes(version), supported()));
  }
  if (!at_least(version, first_with(command))) {
    return Failure(ErrorCode::incompatible_version, "incompatible CNI versions",
                   fmt::format("config version '{}' does not have {}, which came with {}", version,
                               to_string(command), first_with(command)));
  }
  return {};
}

// By hand: VERSION is what runtimes ask most often, and needs no JSON library to be touched.
std::string encode_versions() {
  return fmt::format(R"({{"cniVersion":"{}","supportedVersions":[{}]}})", kNewest, supported());
}

}  // namespace sluice::cni
