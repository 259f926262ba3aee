#include "dra/slices/resource_api.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice::dra {
namespace {

constexpr const char* kGroup = "/apis/resource.k8s.io";
constexpr std::array kVersions = {ResourceVersion::v1, ResourceVersion::v1beta2,
                                  ResourceVersion::v1beta1};

Error no_version(std::string_view has) {
  return {Code::unsupported,
          fmt::format("the API server has no resource.k8s.io of v1, v1beta2 or v1beta1, but {}: "
                      "claims need Kubernetes 1.34",
                      has)};
}

}  // namespace

std::string_view to_string(ResourceVersion version) {
  switch (version) {
    case ResourceVersion::v1: return "v1";
    case ResourceVersion::v1beta2: return "v1beta2";
    case ResourceVersion::v1beta1: return "v1beta1";
  }
  return "v1";
}

std::string slices_path(ResourceVersion version) {
  return fmt::format("{}/{}/resourceslices", kGroup, to_string(version));
}

Result<ResourceVersion> find_version(ApiClient& client) {
  const Result<std::string> answer = client.get(kGroup);
  if (!answer && answer.error().code() == Code::not_found) return no_version("none");
  // What a cluster lets be read of its groups says nothing of its objects.
  if (!answer && answer.error().code() == Code::permission_denied) return ResourceVersion::v1;
  if (!answer) return answer.error();
  const nlohmann::json group = parse_document(*answer);
  Problems ignored;
  Members members(group, "", ignored);
  std::set<std::string, std::less<>> served;
  const nlohmann::json& versions = members.array("versions");
  for (const nlohmann::json& version : versions) {
    served.insert(Members(version, "", ignored).text("version"));
  }
  for (const ResourceVersion version : kVersions) {
    if (served.contains(to_string(version))) return version;
  }
  return no_version(fmt::format("{}", fmt::join(served, ", ")));
}

}  // namespace sluice::dra
