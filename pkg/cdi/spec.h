#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// What a container gets with one device.
struct CdiDevice {
  std::string name;                       ///< "0000:3b:02.1"
  std::vector<std::string> device_nodes;  ///< Paths on the host, given with the same path and "rw".
  std::vector<std::string> env;           ///< "NAME=value"

  friend bool operator==(const CdiDevice&, const CdiDevice&) = default;
};

/// A program of the host that the runtime starts for each container with a device of the file, once
/// however many devices the container has.
struct CdiHook {
  std::string name;               ///< When: "createRuntime" (OCI runtime specification, "Hooks").
  std::string path;               ///< Absolute.
  std::vector<std::string> args;  ///< The first is the program's name.
  std::chrono::seconds timeout{};

  friend bool operator==(const CdiHook&, const CdiHook&) = default;
};

/// One file of the Container Device Interface (specification 1.1.0, which runtimes read from
/// /etc/cdi and /var/run/cdi).
struct CdiSpec {
  std::string kind;  ///< "sluice.dev/vf": vendor and class
  std::vector<CdiDevice> devices;
  std::vector<CdiHook> hooks;

  friend bool operator==(const CdiSpec&, const CdiSpec&) = default;
};

/// "sluice.dev/vf=0000:3b:02.1": how a device is asked for.
std::string qualified_name(std::string_view kind, std::string_view device);

/// The text of the file, in the lowest version that has what it uses: a runtime rejects what is
/// newer than its library. invalid_argument for a kind or a name that runtimes would not take, for
/// a device without edits, for no device at all, and for a hook without an absolute path.
Result<std::string> encode(const CdiSpec& spec);

/// The specification files of one owner in a directory that others write to as well.
class CdiDirectory {
 public:
  /// `path` is /var/run/cdi on a node, and need not exist yet.
  explicit CdiDirectory(std::string path) : path_(std::move(path)) {}

  /// Makes "<vendor>-<class>.json" say what `spec` does: a reader sees the old or the new file.
  /// Does not touch a file that says it already; removes it when there is no device in `spec`.
  Result<> write(const CdiSpec& spec) const;

  /// The same with "<vendor>-<class>_<part>.json", one of several files of a kind. invalid_argument
  /// for a part that is no name: letters, digits, '-', '_' and '.'.
  Result<> write(const CdiSpec& spec, const std::string& part) const;

  /// Removes the file of a part; success when there is none.
  Result<> remove(const std::string& kind, const std::string& part) const;

  /// Parts of the kind that have a file, sorted; none when there is no directory.
  Result<std::vector<std::string>> parts(const std::string& kind) const;

 private:
  Result<std::string> path_of(const std::string& kind, const std::string& part) const;

  std::string path_;
};

}  // namespace sluice
