#include "pkg/http/served_tls.h"

#include <gnutls/gnutls.h>

#include <utility>

namespace sluice {
namespace {

Error not_usable(const char* what, int error) {
  return Error(Code::invalid_argument,
               fmt::format("{} not usable: {}", what, gnutls_strerror(error)));
}

gnutls_datum_t datum_of(std::string& text) {
  return {reinterpret_cast<unsigned char*>(text.data()), static_cast<unsigned>(text.size())};
}

Result<ServedTls::Credentials> make_credentials(HttpServerTls& tls) {
  gnutls_certificate_credentials_t made = nullptr;
  const int allocated = gnutls_certificate_allocate_credentials(&made);
  if (allocated < 0) return Error(Code::exhausted, gnutls_strerror(allocated));
  ServedTls::Credentials credentials(made, gnutls_certificate_free_credentials);
  const gnutls_datum_t certificate = datum_of(tls.certificate);
  const gnutls_datum_t key = datum_of(tls.key);
  const int paired =
      gnutls_certificate_set_x509_key_mem(made, &certificate, &key, GNUTLS_X509_FMT_PEM);
  if (paired < 0) return not_usable("certificate or key", paired);
  if (tls.client_authorities.empty()) return credentials;
  const gnutls_datum_t authorities = datum_of(tls.client_authorities);
  const int count = gnutls_certificate_set_x509_trust_mem(made, &authorities, GNUTLS_X509_FMT_PEM);
  if (count > 0) return credentials;
  return not_usable("authorities of clients", count < 0 ? count : GNUTLS_E_NO_CERTIFICATE_FOUND);
}

}  // namespace

Result<bool> ServedTls::renew(HttpServerTls tls) {
  const std::lock_guard lock(mutex_);
  if (credentials_ != nullptr && tls == text_) return false;
  credentials_ = TRY(make_credentials(tls));
  text_ = std::move(tls);
  return true;
}

void ServedTls::apply_to(gnutls_session_t session, Used& used) const {
  const std::lock_guard lock(mutex_);
  if (!used.empty() && used.back() == credentials_) return;
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get());
  used.push_back(credentials_);
}

bool is_known(gnutls_session_t session) {
  unsigned status = 0;
  return gnutls_certificate_verify_peers2(session, &status) == GNUTLS_E_SUCCESS && status == 0;
}

}  // namespace sluice
