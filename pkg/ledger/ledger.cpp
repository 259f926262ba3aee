#include "pkg/ledger/ledger.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"

namespace sluice {
namespace {

constexpr std::string_view kSuffix = ".json";

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// A port's name comes from a PCI address or a link's name. A link may be called almost anything, so
// what is not plainly harmless in a file name is refused here, at the only place that makes paths.
Result<> check_port_name(const std::string& port) {
  const bool harmless =
      !port.empty() && port[0] != '.' && std::all_of(port.begin(), port.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == ':' || c == '.' || c == '-' || c == '_' || c == '@';
      });
  if (harmless) return {};
  return Error(Code::invalid_argument,
               fmt::format("port name '{}' has characters other than A-Z a-z 0-9 : . - _ @", port));
}

// The lanes' lines of a file as encode() writes it; none for any other, however equal in meaning.
std::vector<std::string_view> lines_of(const std::string& text, const PortRecord& record,
                                       std::string_view boot_id) {
  std::vector<std::string_view> lines;
  for (std::string_view line : split(text, '\n')) {
    if (line.empty() || line.back() == '[') continue;
    line.remove_suffix(line.back() == ',' ? 1 : 0);
    lines.push_back(line);
  }
  if (lines.size() != record.lanes.size() || lines.empty()) return {};
  lines.back().remove_suffix(std::min<std::size_t>(lines.back().size(), 2));  // "]}"
  if (encode(record, boot_id, lines) != text) return {};
  return lines;
}

}  // namespace

Result<std::string> this_boot() {
  const std::string id = TRY(read_file("/proc/sys/kernel/random/boot_id"));
  return std::string(trim(id));
}

Result<> LockedPort::save() {
  std::vector<Line> lines;
  lines.reserve(record_.lanes.size());
  auto next = written_.begin();  // Lanes keep their order: what is looked for is mostly here.
  for (const LaneRecord& lane : record_.lanes) {
    const auto same =
        std::find_if(next, written_.end(), [&](const Line& line) { return line.lane == lane; });
    if (same == written_.end()) {
      lines.push_back({lane, encode_lane(lane)});
    } else {
      lines.push_back(std::move(*same));
      next = same + 1;
    }
  }
  written_ = std::move(lines);
  if (record_.is_worth_a_file()) {
    std::vector<std::string_view> texts;
    for (const Line& line : written_) texts.push_back(line.text);
    const std::string text = encode(record_, boot_id_, texts);
    TRY(replace_file(path_, text, Durability::process_crash));
    known_->keep(path_, text, record_);
    return {};
  }
  known_->forget(path_);
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return {};
  return Error::from_errno(errno, fmt::format("remove '{}'", path_));
}

Result<Ledger> Ledger::open(const std::string& run_dir, const std::string& boot_id) {
  TRY(make_directories(run_dir + "/ports").context("open ledger"));
  TRY(make_directories(run_dir + "/locks").context("open ledger"));
  return Ledger(run_dir, boot_id);
}

std::string Ledger::path_of(const std::string& port) const {
  return fmt::format("{}/ports/{}{}", run_dir_, port, kSuffix);
}

std::string Ledger::lock_path(const std::string& port) const {
  return fmt::format("{}/locks/{}.lock", run_dir_, port);
}

Result<Ledger::Loaded> Ledger::load(const std::string& port) const {
  const std::string path = path_of(port);
  Loaded empty;
  empty.record.port = port;
  Result<std::string> text = read_file(path);
  if (!text && text.error().code() == Code::not_found) return empty;
  if (!text) return text.error();
  if (std::optional<PortRecord> known = known_->find(path, *text)) {
    return Loaded{.record = *std::move(known), .text = *std::move(text)};
  }
  DecodedPort decoded = TRY(decode_port(*text).context("file '{}'", path));
  if (decoded.record.port != port) {
    return Error(Code::data_loss,
                 fmt::format("file '{}': /port: it is of port '{}'", path, decoded.record.port));
  }
  if (decoded.boot_id != boot_id_) return empty;
  known_->keep(path, *text, decoded.record);
  return Loaded{.record = std::move(decoded.record), .text = *std::move(text)};
}

Result<LockedPort> Ledger::lock(const std::string& port, std::chrono::milliseconds timeout) const {
  TRY(check_port_name(port));
  Result<FileLock> lock = FileLock::take(lock_path(port), timeout);
  if (!lock && lock.error().code() == Code::busy) {
    if (const auto who = holder(port)) lock.error().append(": " + to_string(*who));
  }
  if (!lock) return std::move(lock).error();
  const std::string path = path_of(port);
  Result<Loaded> loaded = load(port).context("ledger");
  if (!loaded && loaded.error().code() == Code::data_loss) {
    const std::string aside = TRY(set_aside(path).context("{}", loaded.error().message()));
    loaded.error().append(fmt::format("; moved to '{}'", aside));
  }
  if (!loaded) return std::move(loaded).error();
  const std::vector<std::string_view> lines = lines_of(loaded->text, loaded->record, boot_id_);
  LockedPort locked(*std::move(lock), path, boot_id_, known_);
  locked.record_ = std::move(loaded->record);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    locked.written_.push_back({locked.record_.lanes[i], std::string(lines[i])});
  }
  return locked;
}

Result<std::vector<std::string>> Ledger::ports() const {
  const std::string path = run_dir_ + "/ports";
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory && errno == ENOENT) return std::vector<std::string>();
  if (!directory) return Error::from_errno(errno, fmt::format("open '{}'", path));
  std::vector<std::string> ports;
  while (const dirent* const entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = entry->d_name;
    if (name.size() > kSuffix.size() && name.substr(name.size() - kSuffix.size()) == kSuffix) {
      ports.emplace_back(name.substr(0, name.size() - kSuffix.size()));
    }
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

Result<PortRecord> Ledger::peek(const std::string& port) const {
  TRY(check_port_name(port));
  Loaded loaded = TRY(load(port).context("ledger"));
  return std::move(loaded.record);
}

}  // namespace sluice
