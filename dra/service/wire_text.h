#pragma once

#include <string>

namespace sluice::dra {

/// What is not ASCII becomes '?': the kubelet's protobuf throws a whole answer away for a text that
/// is not UTF-8, as one that was cut may be.
inline std::string wire_text(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) & 0x80U) != 0) c = '?';
  }
  return text;
}

}  // namespace sluice::dra
