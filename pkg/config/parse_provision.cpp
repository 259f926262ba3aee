#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/config/provision.h"

namespace sluice {
namespace {

using nlohmann::json;
using Keys = std::vector<std::string_view>;

constexpr int kMostVfs = 65535;  // sriov_numvfs is a u16 (drivers/pci/iov.c).

// A key as a JSON pointer has it.
std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// Whether `object` is one; reports it, and its unknown keys, otherwise.
bool check_object(const json& object, const std::string& at, const Keys& known,
                  Problems& problems) {
  if (!object.is_object()) {
    problems.add(at, "want an object");
    return false;
  }
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string meant = nearest(key, known);
    problems.add(
        at + "/" + escaped(key),
        meant.empty() ? "unknown key" : fmt::format("unknown key; did you mean \"{}\"?", meant));
  }
  return true;
}

std::string read_text(const json& object, const char* key, const std::string& at,
                      Problems& problems) {
  const auto member = object.find(key);
  if (member == object.end()) return {};
  if (member->is_string() && !member->get_ref<const std::string&>().empty()) return *member;
  problems.add(fmt::format("{}/{}", at, key), "want a text that is not empty");
  return {};
}

// "15b3" or "0x15b3"
std::optional<std::uint16_t> read_id(const json& object, const char* key, const std::string& at,
                                     Problems& problems) {
  const std::string text = read_text(object, key, at, problems);
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  std::uint16_t id = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, status] = std::from_chars(digits.data(), end, id, 16);
  if (digits.size() == 4 && status == std::errc() && stop == end) return id;
  problems.add(fmt::format("{}/{}", at, key),
               fmt::format("want four hexadecimal digits like \"15b3\", got {}", in_quotes(text)));
  return std::nullopt;
}

PortSelector read_selector(const json& rule, const std::string& at, Problems& problems) {
  PortSelector select;
  const auto member = rule.find("select");
  if (member == rule.end()) {
    problems.add(at, "has no \"select\"; {} selects all ports");
    return select;
  }
  const std::string here = at + "/select";
  static const Keys kKnown{"driver", "address", "link", "vendor", "device"};
  if (!check_object(*member, here, kKnown, problems)) return select;
  select.driver = read_text(*member, "driver", here, problems);
  select.link = read_text(*member, "link", here, problems);
  select.vendor_id = read_id(*member, "vendor", here, problems);
  select.device_id = read_id(*member, "device", here, problems);
  const std::string address = read_text(*member, "address", here, problems);
  if (address.empty()) return select;
  const auto parsed = PciAddress::parse(address);
  if (parsed) {
    select.address = *parsed;
  } else {
    problems.add(here + "/address", parsed.error().message());
  }
  return select;
}

VfCount read_count(const json& rule, const std::string& at, Problems& problems) {
  const auto member = rule.find("vfs");
  if (member == rule.end()) {
    problems.add(at, "has no \"vfs\"");
    return {};
  }
  if (*member == "max") return VfCount::max();
  if (*member == "leave") return VfCount::leave();
  if (member->is_number_unsigned() && member->get<std::uint64_t>() <= kMostVfs) {
    return VfCount::exactly(member->get<int>());
  }
  problems.add(at + "/vfs",
               fmt::format("want a number of VFs from 0 to {}, \"max\" or \"leave\", got {}",
                           kMostVfs, in_quotes(member->dump())));
  return {};
}

ProvisionRule read_rule(const json& rule, const std::string& at, Problems& problems) {
  ProvisionRule read;
  static const Keys kKnown{"select", "vfs", "spoofchk"};
  if (!check_object(rule, at, kKnown, problems)) return read;
  read.select = read_selector(rule, at, problems);
  read.vfs = read_count(rule, at, problems);
  const auto spoofchk = rule.find("spoofchk");
  if (spoofchk == rule.end()) return read;
  if (spoofchk->is_boolean()) {
    read.spoofchk = spoofchk->get<bool>();
  } else {
    problems.add(at + "/spoofchk", "want true or false");
  }
  return read;
}

ProvisionConfig read_config(const json& document, Problems& problems) {
  ProvisionConfig config;
  if (!check_object(document, "", {"ports"}, problems)) return config;
  const auto ports = document.find("ports");
  if (ports == document.end()) {
    problems.add("", "has no \"ports\"");
    return config;
  }
  if (!ports->is_array()) {
    problems.add("/ports", "want a list of rules");
    return config;
  }
  for (std::size_t i = 0; i < ports->size(); ++i) {
    config.rules.push_back(read_rule((*ports)[i], fmt::format("/ports/{}", i), problems));
  }
  return config;
}

}  // namespace

ParsedProvision parse_provision(std::string_view text) {
  Problems problems;
  ParsedProvision parsed;
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) {
    problems.add("", "not JSON");
  } else {
    parsed.config = read_config(document, problems);
  }
  parsed.problems = problems.all();
  return parsed;
}

}  // namespace sluice
