#include "pkg/netlink/message.h"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cstdlib>

namespace sluice {
namespace {

// Our longest request, a list of alternative names, stays far below; a VF setting takes 300 bytes.
constexpr std::size_t kMaxRequest = 8192;

std::size_t padded(std::size_t length, std::size_t available) {
  return std::min<std::size_t>(NLA_ALIGN(length), available);  // The last one may lack its padding.
}

}  // namespace

std::string Attribute::text() const {
  const auto end = std::find(payload.begin(), payload.end(), std::byte{0});
  std::string text(static_cast<std::size_t>(end - payload.begin()), '\0');
  // Not memcpy, which takes no null pointer even for no bytes.
  std::transform(payload.begin(), end, text.begin(),
                 [](std::byte each) { return static_cast<char>(each); });
  return text;
}

void Attributes::Iterator::decode() {
  const auto head = read_as<nlattr>(rest_);
  if (!head || head->nla_len < NLA_HDRLEN || head->nla_len > rest_.size()) {
    rest_ = Bytes();
    return;
  }
  current_ = {.type = head->nla_type & NLA_TYPE_MASK,
              .payload = rest_.subspan(NLA_HDRLEN, std::size_t{head->nla_len} - NLA_HDRLEN)};
}

Attributes::Iterator& Attributes::Iterator::operator++() {
  rest_ = rest_.subspan(padded(current_.payload.size() + NLA_HDRLEN, rest_.size()));
  decode();
  return *this;
}

std::optional<Attribute> Attributes::find(int type) const {
  for (const Attribute& attribute : *this) {
    if (attribute.type == type) return attribute;
  }
  return std::nullopt;
}

void Message::Free::operator()(nl_msg* message) const {
  ::nlmsg_free(message);
}

Message::Message(int type, int flags) : message_(::nlmsg_alloc_size(kMaxRequest)) {
  if (!message_) std::abort();  // Out of memory: nothing else that allocates survives it either.
  ::nlmsg_put(message_.get(), 0, 0, type, 0, flags | NLM_F_REQUEST);
}

Message& Message::put_bytes(int type, Bytes payload) {
  overflown_ |=
      ::nla_put(message_.get(), type, static_cast<int>(payload.size()), payload.data()) < 0;
  return *this;
}

Message& Message::put_text(int type, const std::string& text) {
  return put_bytes(type, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
}

void Message::append_bytes(Bytes bytes) {
  void* const room = ::nlmsg_reserve(message_.get(), bytes.size(), NLMSG_ALIGNTO);
  if (room == nullptr) {
    overflown_ = true;
    return;
  }
  std::memcpy(room, bytes.data(), bytes.size());
}

Message::Nest::Nest(Message& message, int type)
    : message_(message), start_(::nla_nest_start(message.message_.get(), type | NLA_F_NESTED)) {
  message_.overflown_ |= start_ == nullptr;
}

Message::Nest::~Nest() {
  if (start_ == nullptr) return;
  message_.overflown_ |= ::nla_nest_end_keep_empty(message_.message_.get(), start_) < 0;
}

nlmsghdr& Message::header() {
  return *::nlmsg_hdr(message_.get());
}

Bytes Message::bytes() {
  return {std::as_bytes(std::span(&header(), 1)).data(), header().nlmsg_len};
}

}  // namespace sluice
