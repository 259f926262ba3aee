#include "pkg/daemon/tls_renewal.h"

#include <chrono>

#include "pkg/fs/text_file.h"

namespace sluice {
namespace {

Result<std::string> read_filled(const std::string& file, const char* what) {
  if (file.empty()) return std::string();
  std::string text = TRY(read_text_file(file).context("read the {}", what));
  if (!text.empty()) return text;
  return Error(Code::invalid_argument, fmt::format("the {} in '{}' is empty", what, file));
}

}  // namespace

Result<HttpServerTls> read_tls(const TlsFiles& files) {
  HttpServerTls tls;
  tls.certificate = TRY(read_filled(files.certificate, "certificate"));
  tls.key = TRY(read_filled(files.key, "certificate's key"));
  tls.client_authorities = TRY(read_filled(files.client_authorities, "authorities of clients"));
  return tls;
}

void TlsRenewal::refresh() {
  const Result<bool> renewed = renew();
  if (renewed) {
    failures_.recovered("renew");
    if (*renewed) log_.info("renewed certificate taken up", {{"file", files_.certificate}});
    return;
  }
  const std::string& reason = renewed.error().message();
  if (!failures_.worth_telling("renew", reason, std::chrono::steady_clock::now())) return;
  log_.error("renewed certificate not taken up", {{"reason", reason}});
}

Result<bool> TlsRenewal::renew() {
  return server_.renew(TRY(read_tls(files_)));
}

}  // namespace sluice
