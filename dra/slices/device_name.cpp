#include "dra/slices/device_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "pkg/base/kube_names.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/strings.h"

namespace sluice::dra {
namespace {

constexpr std::size_t kLabelLimit = 63;       // DNS label (RFC 1123).
constexpr std::size_t kSubdomainLimit = 253;  // Name of an object.

/// FNV-1a, 32 bits: the same on every machine, which std::hash does not promise.
std::string hash_of(std::string_view text) {
  std::uint32_t hash = 2'166'136'261;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  return fmt::format("{:08x}", hash);
}

/// At most `limit` characters of `text`, and the hash of `whole` behind them.
std::string cut(std::string text, std::string_view whole, std::size_t limit) {
  const std::string end = "-" + hash_of(whole);
  text.resize(std::min(text.size(), limit - end.size()));
  while (text.ends_with('-') || text.ends_with('.')) text.pop_back();
  return text + end;
}

/// What a label may hold of `text`; everything else becomes '-'.
std::string in_label(std::string_view text) {
  std::string label = to_lower(text);
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::replace_if(
      label.begin(), label.end(), [&](char c) { return !fits(c); }, '-');
  return label;
}

std::string label(std::string_view kind, std::string_view name) {
  std::string plain = fmt::format("{}-{}", kind, name);
  if (is_dns_label(plain)) return plain;
  return cut(fmt::format("{}-{}", kind, in_label(name)), name, kLabelLimit);
}

std::string device_name(std::string_view kind, std::string_view otherwise, std::string_view name) {
  const Result<PciAddress> address = PciAddress::parse(name);
  if (!address) return label(otherwise, name);
  return label(kind, in_label(address->to_string()));
}

}  // namespace

std::string port_device_name(std::string_view port) {
  return device_name("port", "link", port);
}

std::string vf_name(std::string_view vf) {
  return device_name("vf", "vf", vf);
}

std::string vf_device_name(std::string_view vf, std::string_view class_name) {
  const Result<PciAddress> address = PciAddress::parse(vf);
  const std::string name = address ? in_label(address->to_string()) : std::string(vf);
  return label("vf", fmt::format("{}-{}", name, class_name));
}

std::string class_counter_name(std::string_view class_name) {
  return label("class", class_name);
}

std::string slice_name(std::size_t position, std::string_view domain, std::string_view node) {
  std::string name = fmt::format("{:05x}-{}-{}", position, domain, node);
  return name.size() <= kSubdomainLimit ? name : cut(name, name, kSubdomainLimit);
}

}  // namespace sluice::dra
