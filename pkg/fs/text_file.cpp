#include "pkg/fs/text_file.h"

#include <optional>

#include "pkg/fs/dir.h"

namespace sluice {

Result<std::string> read_text_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Dir dir = TRY(Dir::open(parent));
  std::optional<std::string> text = TRY(dir.read(base_name(path)));
  if (!text) return Error(Code::not_found, fmt::format("no file '{}'", path));
  return *std::move(text);
}

}  // namespace sluice
