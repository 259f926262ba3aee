#include "cni/device_info.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "pkg/cdi/device_info.h"
#include "pkg/fs/atomic_file.h"

namespace sluice::cni {
namespace {

// Written beside and linked into place: never seen half-written, and never over another's file.
// False when there is one by now.
Result<bool> publish(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".sluice";
  TRY(replace_file(temporary, content, Durability::process_crash));
  const bool done =
      ::chmod(temporary.c_str(), 0644) == 0 && ::link(temporary.c_str(), path.c_str()) == 0;
  const int failed = errno;
  ::unlink(temporary.c_str());
  if (!done && failed != EEXIST) {
    return Error::from_errno(failed, fmt::format("create '{}'", path));
  }
  return done;
}

}  // namespace

Result<> DeviceInfoFiles::create(const std::string& path, const Lane& lane,
                                 std::vector<std::string> addresses) const {
  if (::access(path.c_str(), F_OK) == 0) return {};
  const Owner& owner = lane.record.owner;
  const AttachmentId attachment{owner.container_id, owner.ifname};
  TRY(notes_.write(owner.network, attachment, path));
  TRY(make_public_directories_of(path));
  const DeviceInfo info{.vf = lane.record.id,
                        .port = lane.port,
                        .rdma_device = lane.rdma_device,
                        .addresses = std::move(addresses)};
  const bool made = TRY(publish(path, encode(info)));
  return made ? Result<>() : notes_.remove(attachment);
}

Result<> DeviceInfoFiles::remove(const AttachmentId& attachment) const {
  const std::optional<std::string> path = TRY(notes_.read(attachment));
  if (!path) return {};
  TRY(remove_file(*path));
  return notes_.remove(attachment);
}

Result<> DeviceInfoFiles::collect(const std::string& network,
                                  std::span<const AttachmentId> keep) const {
  for (const AttachmentId& each : TRY(notes_.stale(network, keep))) TRY(remove(each));
  return {};
}

}  // namespace sluice::cni
