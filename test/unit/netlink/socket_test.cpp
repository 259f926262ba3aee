#include "pkg/netlink/socket.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

#include "test/support/raw_attributes.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr std::uint16_t kAnswerType = 16;

/// The kernel's end of a socket, on which answers are laid out before they are asked for. A
/// socket's requests are numbered from 1.
class SocketTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    kernel_ = UniqueFd(ends[1]);
    const timeval bound{.tv_sec = 0, .tv_usec = 10'000};
    ASSERT_EQ(::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)), 0);
    socket_.emplace(Socket::adopt(UniqueFd(ends[0])));
  }

  void send(const std::vector<std::byte>& datagram) {
    ASSERT_EQ(::send(kernel_.get(), datagram.data(), datagram.size(), 0),
              static_cast<ssize_t>(datagram.size()));
  }

  static std::vector<std::byte> message(nlmsghdr header, const RawAttributes& payload) {
    header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + payload.bytes().size());
    RawAttributes whole;
    whole.append(header);
    std::vector<std::byte> bytes = whole.bytes();
    bytes.insert(bytes.end(), payload.bytes().begin(), payload.bytes().end());
    return bytes;
  }

  void answer(std::uint32_t sequence, int value, std::uint16_t flags = 0) {
    RawAttributes payload;
    payload.append(value);
    send(
        message({.nlmsg_type = kAnswerType, .nlmsg_flags = flags, .nlmsg_seq = sequence}, payload));
  }

  void done(std::uint32_t sequence, int error = 0) {
    RawAttributes payload;
    payload.append(error);
    send(message({.nlmsg_type = NLMSG_DONE, .nlmsg_flags = NLM_F_MULTI, .nlmsg_seq = sequence},
                 payload));
  }

  /// NLMSG_ERROR with an extended ACK; `echoed` bytes of the request come before it.
  void ack(std::uint32_t sequence, int error, const std::string& text = {},
           std::uint32_t echoed = 0) {
    RawAttributes payload;
    payload.append(nlmsgerr{.error = error, .msg = {.nlmsg_len = NLMSG_HDRLEN + echoed}});
    for (std::uint32_t i = 0; i < echoed; i += 4) payload.append(std::uint32_t{0xffffffff});
    if (!text.empty()) payload.put_text(NLMSGERR_ATTR_MSG, text);
    const int flags = (text.empty() ? 0 : NLM_F_ACK_TLVS) | (echoed == 0 ? NLM_F_CAPPED : 0);
    send(message({.nlmsg_type = NLMSG_ERROR,
                  .nlmsg_flags = static_cast<std::uint16_t>(flags),
                  .nlmsg_seq = sequence},
                 payload));
  }

  static int value_of(const Answer& answer) { return read_as<int>(Bytes(answer.payload)).value(); }

  UniqueFd kernel_;
  std::optional<Socket> socket_;
  Message message_{18};
};

TEST_F(SocketTest, RequestEndsWithItsAcknowledgement) {
  ack(1, 0);
  EXPECT_THAT(socket_->request(message_, "set link 7"), IsOk());
  EXPECT_EQ(message_.header().nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
}

TEST_F(SocketTest, RefusalNamesTheAttemptTheErrnoAndTheKernelsText) {
  ack(1, -EEXIST, "Device already exists");
  const Result<> refused = socket_->request(message_, "set link 7");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "set link 7: EEXIST: \"Device already exists\"");
  EXPECT_EQ(refused.error().sys_errno(), EEXIST);
  EXPECT_EQ(refused.error().code(), Code::already_exists);
}

TEST_F(SocketTest, KernelsTextIsFoundBehindAnEchoedRequest) {
  ack(1, -EINVAL, "No such thing", 24);
  EXPECT_THAT(socket_->request(message_, "set link 7"),
              FailsWith(Code::invalid_argument, "set link 7: EINVAL: \"No such thing\""));
}

TEST_F(SocketTest, RefusalWithoutTextHasNone) {
  ack(1, -EPERM);
  const Result<> refused = socket_->request(message_, "set link 7");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "set link 7: EPERM");
}

TEST_F(SocketTest, VerdictThatIsCutShortIsAnError) {
  RawAttributes payload;
  send(message({.nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 1}, payload));
  EXPECT_THAT(socket_->request(message_, "set link 7"),
              FailsWith(Code::internal, "set link 7: netlink verdict cut short"));
}

TEST_F(SocketTest, AnswersToAnEarlierRequestArePassedOver) {
  ack(7, -EPERM);
  ack(1, 0);
  EXPECT_THAT(socket_->request(message_, "set link 7"), IsOk());
}

TEST_F(SocketTest, SilenceTimesOut) {
  EXPECT_THAT(socket_->request(message_, "set link 7"),
              FailsWith(Code::timed_out, "set link 7: no answer in 10 s"));
}

TEST_F(SocketTest, GetReturnsTheAnswer) {
  answer(1, 42);
  ASSERT_OK_AND_ASSIGN(const Answer got, socket_->get(message_, "get link 7"));
  EXPECT_EQ(got.type, kAnswerType);
  EXPECT_EQ(value_of(got), 42);
}

TEST_F(SocketTest, GetOfWhatIsRefusedFails) {
  ack(1, -ENODEV);
  EXPECT_THAT(socket_->get(message_, "get link 7"),
              FailsWith(Code::not_found, "get link 7: ENODEV"));
}

TEST_F(SocketTest, AcknowledgementIsNoAnswerToGet) {
  ack(1, 0);
  EXPECT_THAT(socket_->get(message_, "get link 7"),
              FailsWith(Code::internal, "get link 7: no answer"));
}

TEST_F(SocketTest, AnswerLongerThanTheBufferIsWhole) {
  RawAttributes payload;
  for (int i = 0; i < 30'000; ++i) payload.append(i);
  send(message({.nlmsg_type = kAnswerType, .nlmsg_seq = 1}, payload));
  ASSERT_OK_AND_ASSIGN(const Answer got, socket_->get(message_, "get link 7"));
  EXPECT_EQ(got.payload, payload.bytes());
}

TEST_F(SocketTest, MessageLongerThanItsDatagramIsNotRead) {
  RawAttributes payload;
  payload.append(42);
  std::vector<std::byte> bytes = message({.nlmsg_type = kAnswerType, .nlmsg_seq = 1}, payload);
  bytes.resize(bytes.size() - 1);
  send(bytes);
  EXPECT_THAT(socket_->get(message_, "get link 7"), FailsWith(Code::timed_out, "no answer"));
}

TEST_F(SocketTest, DumpCollectsUntilDone) {
  answer(1, 1);
  answer(1, 2);
  done(1);
  ASSERT_OK_AND_ASSIGN(const auto got, socket_->dump(message_, "list links"));
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(value_of(got[1]), 2);
  EXPECT_EQ(message_.header().nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

TEST_F(SocketTest, DumpThatFailsAtItsEndFails) {
  answer(1, 1);
  done(1, -ENOMEM);
  EXPECT_THAT(socket_->dump(message_, "list links"),
              FailsWith(Code::exhausted, "list links: ENOMEM"));
}

TEST_F(SocketTest, DumpThatIsRefusedFails) {
  ack(1, -EOPNOTSUPP, "No dump");
  EXPECT_THAT(socket_->dump(message_, "list links"),
              FailsWith(Code::unsupported, "list links: EOPNOTSUPP: \"No dump\""));
}

TEST_F(SocketTest, InterruptedDumpIsAskedForAgain) {
  answer(1, 1, NLM_F_DUMP_INTR);
  done(1);
  answer(2, 2);
  done(2);
  ASSERT_OK_AND_ASSIGN(const auto got, socket_->dump(message_, "list links"));
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(value_of(got[0]), 2);
}

TEST_F(SocketTest, DumpThatIsAlwaysInterruptedIsBusy) {
  for (std::uint32_t sequence = 1; sequence <= 5; ++sequence) {
    answer(sequence, 1, NLM_F_DUMP_INTR);
    done(sequence);
  }
  EXPECT_THAT(socket_->dump(message_, "list links"),
              FailsWith(Code::busy, "list links: the list changed 5 times while it was read"));
}

TEST_F(SocketTest, OverlongRequestIsNotSent) {
  for (int i = 0; i < 1000; ++i) message_.put_text(3, "some-name");
  EXPECT_THAT(socket_->request(message_, "set link 7"),
              FailsWith(Code::internal, "set link 7: netlink request too long"));
  EXPECT_EQ(::recv(kernel_.get(), nullptr, 0, MSG_DONTWAIT), -1);
}

TEST(SocketOpen, ProtocolTheKernelLacksIsUnsupported) {
  EXPECT_THAT(Socket::open(31), FailsWith(Code::unsupported, "open netlink socket 31"));
}

}  // namespace
}  // namespace sluice
