#include "pkg/netlink/socket.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

namespace sluice {
namespace {

constexpr int kDumpAttempts = 5;
// A link without its VFs takes 1.1 KB. What is longer is asked for again with room for it.
constexpr std::size_t kFirstBuffer = 4096;
// The kernel fills a dump's datagrams up to what the reader offers, at most 32 KiB
// (net/netlink/af_netlink.c).
constexpr std::size_t kDumpBuffer = 32768;

void set_option(int fd, int level, int option, int value) {
  // Best effort: without it texts are missing or answers longer, nothing else.
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof(value)));
}

Result<UniqueFd> make_socket(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return Error::from_errno(errno, fmt::format("open netlink socket {}", protocol));
  const timeval timeout{.tv_sec = Socket::kAnswerTimeoutSeconds, .tv_usec = 0};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0) {
    return Error::from_errno(errno, "bound netlink answers");
  }
  set_option(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, 1);
  set_option(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, 1);
  set_option(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);  // Dumps honour their filters.
  return fd;
}

/// What the kernel decided: a negative errno, 0 for success, and after `text_offset` bytes
/// the attributes of an extended ACK.
Result<> verdict(Bytes payload, std::size_t text_offset, int flags, std::string_view attempt) {
  const auto code = read_as<int>(payload);
  if (!code) return Error(Code::internal, fmt::format("{}: netlink verdict cut short", attempt));
  if (*code == 0) return {};
  Error error = Error::from_errno(-*code, attempt);
  if ((flags & NLM_F_ACK_TLVS) != 0 && text_offset <= payload.size()) {
    const auto text = Attributes(payload.subspan(text_offset)).find(NLMSGERR_ATTR_MSG);
    if (text) error.append(fmt::format(": \"{}\"", text->text()));
  }
  return error;
}

Result<> ack_verdict(Bytes payload, int flags, std::string_view attempt) {
  std::size_t text_offset = sizeof(nlmsgerr);
  const auto ack = read_as<nlmsgerr>(payload);
  // Unless capped, the refused request itself lies between the two.
  if (ack && (flags & NLM_F_CAPPED) == 0 && ack->msg.nlmsg_len >= NLMSG_HDRLEN) {
    text_offset += NLMSG_ALIGN(ack->msg.nlmsg_len - NLMSG_HDRLEN);
  }
  return verdict(payload, text_offset, flags, attempt);
}

Answer answer_of(int type, Bytes payload) {
  return {type, {payload.begin(), payload.end()}};
}

/// A dump in progress.
struct Listing {
  std::vector<Answer> answers;
  bool interrupted = false;  // The list changed meanwhile: some entries may be missing or double.

  /// Whether `payload` was the last message.
  Result<bool> add(int type, int flags, Bytes payload, std::string_view attempt) {
    interrupted |= (flags & NLM_F_DUMP_INTR) != 0;
    if (type == NLMSG_ERROR) TRY(ack_verdict(payload, flags, attempt));
    if (type == NLMSG_DONE) TRY(verdict(payload, sizeof(int), flags, attempt));
    if (type == NLMSG_ERROR || type == NLMSG_DONE) return true;
    answers.push_back(answer_of(type, payload));
    return false;
  }
};

}  // namespace

Result<Socket> Socket::open(int protocol, const NetNs* netns) {
  const auto make = [protocol] { return make_socket(protocol); };
  UniqueFd fd = TRY(netns != nullptr ? run_in(*netns, make) : make());
  return Socket(std::move(fd));
}

Result<> Socket::request(Message& message, std::string_view attempt) {
  return exchange(message, NLM_F_ACK, attempt, [attempt](const Received& got) -> Result<bool> {
    if (got.type != NLMSG_ERROR) return false;
    TRY(ack_verdict(got.payload, got.flags, attempt));
    return true;
  });
}

Result<Answer> Socket::get(Message& message, std::string_view attempt) {
  Answer answer;
  const auto keep = [&](const Received& got) -> Result<bool> {
    if (got.type == NLMSG_ERROR) {
      TRY(ack_verdict(got.payload, got.flags, attempt));
      return Error(Code::internal, fmt::format("{}: no answer", attempt));
    }
    answer = answer_of(got.type, got.payload);
    return true;
  };
  TRY(exchange(message, 0, attempt, keep));
  return answer;
}

Result<std::vector<Answer>> Socket::dump(Message& message, std::string_view attempt) {
  buffer_.resize(std::max(buffer_.size(), kDumpBuffer));
  for (int i = 0; i < kDumpAttempts; ++i) {
    Listing listing;
    const auto collect = [&](const Received& got) {
      return listing.add(got.type, got.flags, got.payload, attempt);
    };
    Result<> done = exchange(message, NLM_F_DUMP, attempt, collect);
    if (!done && done.error().sys_errno() == ENOBUFS) continue;
    TRY(std::move(done));
    if (!listing.interrupted) return std::move(listing.answers);
  }
  return Error(Code::busy, fmt::format("{}: the list changed {} times while it was read", attempt,
                                       kDumpAttempts));
}

Result<> Socket::exchange(Message& message, int flags, std::string_view attempt,
                          const OnMessage& on_message) {
  TRY(send(message, flags, attempt));
  while (true) {
    const Bytes datagram = TRY(receive(attempt));
    const bool complete = TRY(dispatch(datagram, on_message));
    if (complete) return {};
  }
}

Result<> Socket::send(Message& message, int flags, std::string_view attempt) {
  if (message.overflown()) {
    return Error(Code::internal, fmt::format("{}: netlink request too long", attempt));
  }
  nlmsghdr& header = message.header();
  header.nlmsg_seq = ++sequence_;
  header.nlmsg_flags = static_cast<std::uint16_t>(header.nlmsg_flags | flags);
  const Bytes bytes = message.bytes();
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) {  // Unconnected: to the kernel.
    return Error::from_errno(errno, fmt::format("{}: send", attempt));
  }
  return {};
}

Result<Bytes> Socket::receive(std::string_view attempt) {
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  while (true) {
    // The true length first: a datagram that does not fit would be cut and lost.
    const ssize_t length = ::recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_PEEK | MSG_TRUNC);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) {
      return Error(Code::timed_out,
                   fmt::format("{}: no answer in {} s", attempt, kAnswerTimeoutSeconds), EAGAIN);
    }
    if (length < 0) return Error::from_errno(errno, fmt::format("{}: receive", attempt));
    if (static_cast<std::size_t>(length) > buffer_.size()) {
      buffer_.resize(static_cast<std::size_t>(length));
      continue;
    }
    static_cast<void>(::recv(fd_.get(), nullptr, 0, MSG_TRUNC));  // Have it; take it off the queue.
    return Bytes(buffer_).first(static_cast<std::size_t>(length));
  }
}

Result<bool> Socket::dispatch(Bytes datagram, const OnMessage& on_message) const {
  while (const auto header = read_as<nlmsghdr>(datagram)) {
    if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > datagram.size()) break;
    const Bytes payload = datagram.subspan(NLMSG_HDRLEN, header->nlmsg_len - NLMSG_HDRLEN);
    // Another number answers an earlier request that timed out.
    if (header->nlmsg_seq == sequence_) {
      const bool complete = TRY(on_message({header->nlmsg_type, header->nlmsg_flags, payload}));
      if (complete) return true;
    }
    datagram =
        datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), datagram.size()));
  }
  return false;
}

}  // namespace sluice
