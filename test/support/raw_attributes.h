#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace sluice {

/// A message's bytes put together by hand, so that they can be wrong or longer than Message makes
/// them. Like the kernel it closes a nest whatever its length: the 16-bit field wraps.
class RawAttributes {
 public:
  template <typename T>
  RawAttributes& append(const T& value) {
    const auto* const first = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof(T));
    return pad();
  }

  template <typename T>
  RawAttributes& put(int type, const T& value) {
    head(type, sizeof(T));
    return append(value);
  }

  RawAttributes& put_text(int type, const std::string& text) {
    head(type, text.size() + 1);
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    bytes_.push_back(std::byte{0});
    return pad();
  }

  std::size_t open(int type) {
    head(type, 0);
    return bytes_.size() - sizeof(nlattr);
  }

  void close(std::size_t start) {
    const auto length = static_cast<std::uint16_t>(bytes_.size() - start);
    std::memcpy(bytes_.data() + start, &length, sizeof(length));
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void head(int type, std::size_t size) {
    append(nlattr{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + size),
                  .nla_type = static_cast<std::uint16_t>(type)});
  }

  RawAttributes& pad() {
    bytes_.resize(NLA_ALIGN(bytes_.size()));
    return *this;
  }

  std::vector<std::byte> bytes_;
};

}  // namespace sluice
