#include "ctl/doctor/frames.h"

#include <algorithm>
#include <thread>

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFew = 10;
constexpr std::size_t kFullFrame = 1000;  // Fits every MTU that IPv6 may use (1280).
constexpr std::chrono::milliseconds kPause{1};
constexpr std::chrono::milliseconds kCarrierPause{50};

Result<Link> link_in_pod(Trial& trial) {
  const std::unique_ptr<Links> links = TRY(trial.world().kernel.links_in(trial.pod()));
  const Clock::time_point deadline = Clock::now() + trial.times().carrier;
  for (;;) {
    const std::optional<Link> link = TRY(links->find(trial.lane()->record.owner.ifname));
    if (!link) return Error(Code::not_found, "the link has left the namespace");
    if (link->carrier || Clock::now() >= deadline) return *link;
    std::this_thread::sleep_for(kCarrierPause);
  }
}

std::size_t bits_of(const Arrivals& arrivals, std::uint64_t mark) {
  const auto ours = static_cast<std::size_t>(
      std::count_if(arrivals.frames.begin(), arrivals.frames.end(),
                    [mark](const Frame& frame) { return frame.mark == mark; }));
  return (ours + arrivals.lost) * kFullFrame * 8;
}

BitRate rate_of(std::size_t bits, Clock::duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return BitRate::bits_per_second(
      static_cast<std::uint64_t>(seconds > 0 ? static_cast<double>(bits) / seconds : 0));
}

}  // namespace

Result<FramePath> open_path(Trial& trial) {
  const Subject& subject = trial.subject();
  if (subject.facts.eswitch_mode == "switchdev") {
    return Error(Code::unsupported, "in switchdev mode frames go where flow rules send them");
  }
  const Link in_pod = TRY(link_in_pod(trial));
  const std::optional<Link> port =
      TRY(trial.world().kernel.links().find(subject.location.port_link));
  if (!port) return Error(Code::not_found, "the port has no link in the host's namespace");
  if (!in_pod.mac || !port->mac) {
    return Error(Code::unsupported, "the links do not speak Ethernet");
  }
  FrameSockets& frames = trial.world().frames;
  return FramePath{.vf = TRY(frames.open(trial.pod(), in_pod.index)),
                   .port = TRY(frames.open(trial.world().kernel.host(), port->index)),
                   .vf_mac = *in_pod.mac,
                   .port_mac = *port->mac,
                   .vf_has_carrier = in_pod.carrier,
                   .port_is_up = port->up};
}

Result<Passed> pass_frames(FrameSocket& source, FrameSocket& sink, const Frame& frame,
                           std::chrono::milliseconds timeout) {
  Passed passed;
  TRY(sink.receive(std::chrono::milliseconds(0)));  // What came before does not count.
  for (int i = 0; i < kFew; ++i) {
    const Result<> sent = source.send(frame);
    if (!sent && sent.error().code() != Code::busy) return sent.error();
    passed.sent += sent ? 1 : 0;
  }
  const Clock::time_point deadline = Clock::now() + timeout;
  while (passed.arrived < passed.sent && Clock::now() < deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const Arrivals arrivals = TRY(sink.receive(left));
    passed.arrived += static_cast<int>(
        std::count_if(arrivals.frames.begin(), arrivals.frames.end(), [&frame](const Frame& come) {
          return come.mark == frame.mark && come.from == frame.from;
        }));
  }
  return passed;
}

Result<Throughput> measure(FramePath& path, std::chrono::milliseconds time) {
  constexpr std::uint64_t kMark = 100;
  const Frame frame{.to = path.port_mac, .from = path.vf_mac, .mark = kMark, .size = kFullFrame};
  Throughput measured;
  std::size_t sent = 0;
  std::size_t arrived = 0;
  const Clock::time_point start = Clock::now();
  const Clock::time_point counted = start + time / 4;
  while (Clock::now() < start + time) {
    const Result<> done = path.vf->send(frame);
    if (!done && done.error().code() != Code::busy) return done.error();
    measured.held_up |= !done;
    const Arrivals arrivals = TRY(path.port->receive(done ? std::chrono::milliseconds(0) : kPause));
    if (Clock::now() < counted) continue;
    sent += done ? kFullFrame * 8 : 0;
    arrived += bits_of(arrivals, kMark);
  }
  measured.offered = rate_of(sent, Clock::now() - counted);
  measured.arrived = rate_of(arrived, Clock::now() - counted);
  return measured;
}

Finding judge_throughput(const Throughput& measured, BitRate ceiling) {
  // Frames on the wire carry 24 bytes more than we count; limiters count some of them, and tick.
  const auto with_slack = BitRate::bits_per_second(ceiling.as_bits_per_second() * 5 / 4);
  const std::string answer =
      fmt::format("ceiling {}: {:.1f} Mbit/s arrived of {:.1f} Mbit/s sent", to_string(ceiling),
                  static_cast<double>(measured.arrived.as_bits_per_second()) / 1e6,
                  static_cast<double>(measured.offered.as_bits_per_second()) / 1e6);
  if (measured.arrived > with_slack) return {Verdict::not_kept, answer};
  if (measured.held_up || measured.offered > with_slack) return {Verdict::kept, answer};
  return {Verdict::untried, answer + ": this machine does not send enough to tell"};
}

}  // namespace sluice
