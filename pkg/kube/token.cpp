#include "pkg/kube/token.h"

#include <utility>

#include "pkg/fs/text_file.h"

namespace sluice {

Token::Token(const ClusterAccess& access)
    : file_(access.token_file), last_(access.token_file.empty() ? access.token : "") {}

Result<std::string> Token::current() {
  Result<std::string> read = file_.empty() ? Result<std::string>("") : read_text_file(file_);
  const std::lock_guard lock(mutex_);
  if (read && !read->empty()) last_ = *read;
  if (!read && last_.empty()) return std::move(read).context("token");
  return last_;
}

}  // namespace sluice
