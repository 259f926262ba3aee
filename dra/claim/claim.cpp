#include "dra/claim/claim.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/json/problems_error.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kVersions = {
    "resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"};

void check_kind(Members& object) {
  const std::string version = object.text("apiVersion");
  if (std::ranges::find(kVersions, version) == kVersions.end()) {
    object.reject("apiVersion", fmt::format("want resource.k8s.io/v1, v1beta2 or v1beta1, got {}",
                                            in_quotes(version)));
  }
  if (const std::string kind = object.text("kind"); kind != "ResourceClaim") {
    object.reject("kind", fmt::format("want ResourceClaim, got {}", in_quotes(kind)));
  }
}

// Asked before anything of it is judged: what other drivers have is none of our business.
bool is_of(const json& value, std::string_view driver) {
  if (!value.is_object()) return false;
  const auto found = value.find("driver");
  return found != value.end() && found->is_string() &&
         found->get_ref<const std::string&>() == driver;
}

std::optional<BitRate> read_capacity(Members& capacity, const char* key) {
  if (capacity.find(key) == nullptr) return std::nullopt;
  const Result<BitRate> amount = parse_quantity(capacity.text(key));
  if (amount) return *amount;
  capacity.reject(key, amount.error().message());
  return std::nullopt;
}

AllocatedDevice read_device(Members result) {
  AllocatedDevice device{.request = result.text("request"),
                         .pool = result.text("pool"),
                         .device = result.text("device"),
                         .share_id = result.text("shareID", ""),
                         .bandwidth = {},
                         .vfs = {},
                         .admin_access = result.boolean("adminAccess", false)};
  if (result.find("consumedCapacity") == nullptr) return device;
  Members capacity = result.object("consumedCapacity");
  device.bandwidth = read_capacity(capacity, "bandwidth");
  // A plain number has the same grammar.
  if (const auto vfs = read_capacity(capacity, "vfs")) device.vfs = vfs->as_bits_per_second();
  return device;
}

OpaqueConfig::Source read_source(Members& config) {
  const std::string source = config.text("source");
  if (source == "FromClass") return OpaqueConfig::Source::device_class;
  if (source != "FromClaim") {
    config.reject("source", fmt::format("want FromClass or FromClaim, got {}", in_quotes(source)));
  }
  return OpaqueConfig::Source::claim;
}

OpaqueConfig read_config(Members config) {
  OpaqueConfig read{.source = read_source(config), .requests = {}, .parameters = {}, .at = {}};
  if (config.find("requests") != nullptr) {
    for (const json& request : config.array("requests")) {
      if (!request.is_string()) config.reject("requests", "want strings");
      if (request.is_string()) read.requests.push_back(request);
    }
  }
  Members opaque = config.object("opaque");
  read.at = opaque.pointer("parameters");
  const json* const parameters = opaque.find("parameters");
  if (parameters == nullptr) {
    opaque.reject("parameters", "is missing");
  } else {
    read.parameters = parameters->dump(-1, ' ', false, json::error_handler_t::replace);
  }
  return read;
}

/// Elements of an array that may be absent, with their pointers.
template <typename Use>
void each(Members& object, const char* key, Use use) {
  if (object.find(key) == nullptr) return;
  const json& values = object.array(key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    use(values[i], fmt::format("{}/{}", object.pointer(key), i));
  }
}

/// `repeated`: keys that are there twice, anywhere in the document.
Allocation read_allocation(Members allocation, std::string_view driver, const Problems& repeated) {
  Allocation read;
  Members devices = allocation.object("devices");
  Problems& problems = devices.problems();
  each(devices, "results", [&](const json& value, const std::string& at) {
    if (is_of(value, driver)) read.devices.push_back(read_device({value, at, problems}));
  });
  each(devices, "config", [&](const json& value, const std::string& at) {
    const auto opaque = value.is_object() ? value.find("opaque") : value.end();
    if (!value.is_object() || opaque == value.end() || !is_of(*opaque, driver)) return;
    read.configs.push_back(read_config({value, at, problems}));
    for (const Problem& problem : repeated.all()) {
      if (problem.at.starts_with(at + "/")) problems.add(problem.at, problem.what);
    }
  });
  return read;
}

Consumer read_consumer(Members consumer) {
  return {.resource = consumer.text("resource"),
          .name = consumer.text("name"),
          .uid = consumer.text("uid")};
}

void read_status(Members status, std::string_view driver, const Problems& repeated, Claim& claim) {
  each(status, "reservedFor", [&](const json& value, const std::string& at) {
    claim.reserved_for.push_back(read_consumer({value, at, status.problems()}));
  });
  const json* const allocation = status.find("allocation");
  if (allocation == nullptr || allocation->is_null()) return;
  claim.allocation = read_allocation(status.object("allocation"), driver, repeated);
}

}  // namespace

Result<Claim> read_claim(std::string_view text, std::string_view driver) {
  Problems repeated;
  const json document = parse_document(text, repeated);
  if (document.is_null() && !repeated.empty()) return problems_error("ResourceClaim", repeated);
  Problems problems;
  Claim claim;
  Members object(document, "", problems);
  check_kind(object);
  Members metadata = object.object("metadata");
  claim.ref = {
      .uid = metadata.text("uid"), .ns = metadata.text("namespace"), .name = metadata.text("name")};
  if (object.find("status") != nullptr) {
    read_status(object.object("status"), driver, repeated, claim);
  }
  if (problems.empty()) return claim;
  const bool has_name = !claim.ref.name.empty();
  return problems_error(has_name ? fmt::format("claim '{}'", claim.ref.label()) : "ResourceClaim",
                        problems);
}

Result<Consumer> pod_of(const Claim& claim) {
  if (claim.reserved_for.size() != 1) {
    return Error(Code::invalid_argument,
                 fmt::format("claim '{}' is reserved for {} pods; its lanes are for one",
                             claim.ref.label(), claim.reserved_for.size()));
  }
  const Consumer& only = claim.reserved_for.front();
  if (only.resource == "pods") return only;
  return Error(Code::invalid_argument,
               fmt::format("claim '{}' is reserved for {} of {}, not for a pod", claim.ref.label(),
                           in_quotes(only.name), in_quotes(only.resource)));
}

Result<> check_uid(const Claim& claim, const ClaimRef& asked) {
  if (claim.ref.uid == asked.uid) return {};
  return Error(Code::invalid_argument,
               fmt::format("claim '{}' of UID {} was replaced by one of UID {}", asked.label(),
                           asked.uid, claim.ref.uid));
}

std::string main_request(std::string_view request) {
  return std::string(request.substr(0, request.find('/')));
}

}  // namespace sluice::dra
