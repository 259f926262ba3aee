#pragma once

#include <string>

#include "test/support/temp_dir.h"

namespace sluice {

/// PEM text of one certificate and its key.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

/// A certificate authority of its own for one test, made with openssl(1), and what it signed.
class TestPki {
 public:
  TestPki();

  /// For a server at 127.0.0.1 or localhost.
  TestCertificate server() const { return pair("server"); }

  TestCertificate client() const { return pair("client"); }

  std::string authority() const { return dir_.read("ca.crt"); }

  /// An authority that signed none of the others.
  std::string foreign_authority() const { return dir_.read("foreign.crt"); }

  /// Where "<name>.crt" and "<name>.key" of ca, server, client and foreign lie.
  const TempDir& dir() const { return dir_; }

 private:
  TestCertificate pair(const std::string& name) const {
    return {dir_.read(name + ".crt"), dir_.read(name + ".key")};
  }

  TempDir dir_;
};

}  // namespace sluice
