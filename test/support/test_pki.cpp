#include "test/support/test_pki.h"

#include <fmt/format.h>

#include <cstdlib>

namespace sluice {
namespace {

// Elliptic keys: made in a millisecond, where RSA takes a tenth of a second.
constexpr const char* kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

void run(const TempDir& dir, const std::string& arguments) {
  const std::string command =
      fmt::format("cd '{}' && openssl {} 2>>openssl.log", dir.path(), arguments);
  if (std::system(command.c_str()) != 0) {  // NOLINT(concurrency-mt-unsafe): before any thread.
    fmt::print(stderr, "openssl {} failed:\n{}\n", arguments, dir.read("openssl.log"));
    std::abort();
  }
}

void make_authority(const TempDir& dir, const std::string& name) {
  run(dir, fmt::format("req -x509 {0} -days 2 -keyout {1}.key -out {1}.crt -subj /CN={1}", kNewKey,
                       name));
}

void make_signed(const TempDir& dir, const std::string& name, const std::string& extensions) {
  dir.write(name + ".ext", "basicConstraints=CA:FALSE\n" + extensions);
  run(dir, fmt::format("req {0} -keyout {1}.key -out {1}.csr -subj /CN={1}", kNewKey, name));
  run(dir, fmt::format("x509 -req -in {0}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
                       "-extfile {0}.ext -out {0}.crt",
                       name));
}

}  // namespace

TestPki::TestPki() {
  make_authority(dir_, "ca");
  make_authority(dir_, "foreign");
  make_signed(dir_, "server",
              "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n");
  make_signed(dir_, "client", "extendedKeyUsage=clientAuth\n");
}

}  // namespace sluice
