#include "pkg/kube/url.h"

#include <fmt/format.h>

namespace sluice {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string url_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    encoded +=
        is_plain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string with_query(const std::string& path, const Query& query) {
  std::string whole = path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    whole += separator + url_encode(name) + '=' + url_encode(value);
    separator = '&';
  }
  return whole;
}

}  // namespace sluice
