#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

struct nl_msg;

namespace sluice {

using Bytes = std::span<const std::byte>;

/// The T at the start of `bytes`; nullopt when they are too few. Kernel structs are not aligned in
/// a message, so they are copied out.
template <typename T>
std::optional<T> read_as(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// One attribute of a received message. Refers to the message's bytes.
struct Attribute {
  int type = 0;  ///< Without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER. 0 is a type too.
  Bytes payload;

  /// nullopt when the payload is shorter than a T. A longer one is read: kernels append fields.
  template <typename T>
  std::optional<T> as() const {
    return read_as<T>(payload);
  }

  /// Up to the first NUL, or all of it.
  std::string text() const;
};

/// The attributes in a stretch of bytes, as a range: `for (const Attribute& a :
/// Attributes(bytes))`. Ends at the first attribute whose length does not fit into what is left;
/// never reads past it.
class Attributes {
 public:
  class Iterator {
   public:
    explicit Iterator(Bytes rest) : rest_(rest) { decode(); }

    const Attribute& operator*() const { return current_; }

    const Attribute* operator->() const { return &current_; }

    Iterator& operator++();

    bool operator!=(const Iterator& other) const { return rest_.size() != other.rest_.size(); }

   private:
    void decode();  // Empties rest_ where no whole attribute is left.

    Bytes rest_;
    Attribute current_;
  };

  explicit Attributes(Bytes bytes) : bytes_(bytes) {}

  Iterator begin() const { return Iterator(bytes_); }

  Iterator end() const { return Iterator(Bytes()); }

  /// The first attribute of that type.
  std::optional<Attribute> find(int type) const;

 private:
  Bytes bytes_;
};

/// What follows the fixed header T of a message: its attributes.
template <typename T>
Attributes attributes_after(Bytes payload) {
  return Attributes(
      payload.size() < NLMSG_ALIGN(sizeof(T)) ? Bytes() : payload.subspan(NLMSG_ALIGN(sizeof(T))));
}

/// A netlink request under construction. Building cannot fail visibly: what does not fit marks the
/// message, and Socket refuses to send a marked one.
class Message {
 public:
  /// `flags` beside NLM_F_REQUEST and what the Socket's verb needs: NLM_F_CREATE, NLM_F_EXCL …
  explicit Message(int type, int flags = 0);

  /// With the protocol's fixed header: ifinfomsg, ifaddrmsg, rtmsg …
  template <typename Header>
  Message(int type, const Header& header, int flags = 0) : Message(type, flags) {
    append(header);
  }

  /// Bytes that are not an attribute: a fixed header, also inside a nest (VETH_INFO_PEER).
  template <typename T>
  Message& append(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append_bytes(std::as_bytes(std::span(&value, 1)));
    return *this;
  }

  /// An attribute with a number or a kernel struct as its payload.
  template <typename T>
  Message& put(int type, const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !std::is_array_v<T> &&
                  !std::is_same_v<T, std::string_view>);
    return put_bytes(type, std::as_bytes(std::span(&value, 1)));
  }

  Message& put_bytes(int type, Bytes payload);

  /// With the terminating NUL that the kernel wants of names.
  Message& put_text(int type, const std::string& text);

  /// What is put while the returned object lives goes into the attribute `type`.
  class Nest {
   public:
    Nest(Message& message, int type);
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    ~Nest();

   private:
    Message& message_;
    nlattr* start_;
  };

  [[nodiscard]] Nest nest(int type) { return {*this, type}; }

  /// Something did not fit.
  bool overflown() const { return overflown_; }

  nlmsghdr& header();
  Bytes bytes();  ///< The whole message with its header.

 private:
  struct Free {
    void operator()(nl_msg* message) const;
  };

  void append_bytes(Bytes bytes);

  std::unique_ptr<nl_msg, Free> message_;
  bool overflown_ = false;
};

}  // namespace sluice
