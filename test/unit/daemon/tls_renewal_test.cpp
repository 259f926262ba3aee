#include "pkg/daemon/tls_renewal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

#include "pkg/http/client.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"
#include "test/support/test_pki.h"

namespace sluice {
namespace {

using testing::HasSubstr;

/// A server whose certificate lies in a mounted Secret.
class Renewals : public testing::Test {
 protected:
  void SetUp() override {
    mount(first_, first_.authority());
    ASSERT_OK_AND_ASSIGN(HttpServerTls tls, read_tls(files_));
    ASSERT_OK_AND_ASSIGN(server_, HttpServer::start({.tls = std::move(tls)}, {}));
    renewal_.emplace(*server_, files_, Log(output_, "test"));
  }

  /// As the kubelet does: the files are links into a directory that is swapped in one step.
  void mount(const TestPki& pki, const std::string& client_authorities) {
    const std::string version = fmt::format("version-{}", ++versions_);
    std::filesystem::create_directory(dir_ / version);
    dir_.write(version + "/tls.crt", pki.server().certificate);
    dir_.write(version + "/tls.key", pki.server().key);
    dir_.write(version + "/ca.crt", client_authorities);
    std::filesystem::create_directory_symlink(version, dir_ / "..next");
    std::filesystem::rename(dir_ / "..next", dir_ / "..data");
    if (versions_ > 1) return;
    for (const std::string name : {"tls.crt", "tls.key", "ca.crt"}) {
      std::filesystem::create_symlink("..data/" + name, dir_ / name);
    }
  }

  /// The status that a client of one gets from a server of the other; 0 without a connection.
  int status(const TestPki& server, const TestPki& client) const {
    HttpClient http({.authorities = server.authority(),
                     .certificate = client.client().certificate,
                     .key = client.client().key},
                    "test");
    const auto answer = http.send({.url = fmt::format("https://127.0.0.1:{}/", server_->port())});
    return answer ? answer->status : 0;
  }

  std::size_t lines() const {
    const std::string text = log_.str();
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

  static constexpr int kKnown = 404;  // There is no route, but for those who are let in.
  static constexpr int kStranger = 401;

  const TestPki first_;
  const TestPki second_;
  TempDir dir_;
  int versions_ = 0;
  const TlsFiles files_{.certificate = dir_ / "tls.crt",
                        .key = dir_ / "tls.key",
                        .client_authorities = dir_ / "ca.crt"};
  std::ostringstream log_;
  LogOutput output_{LogLevel::debug, LogFormat::text, log_};
  std::unique_ptr<HttpServer> server_;
  std::optional<TlsRenewal> renewal_;
};

TEST_F(Renewals, TakeUpASecretThatWasRenewed) {
  renewal_->refresh();
  EXPECT_EQ(log_.str(), "");
  EXPECT_EQ(status(first_, first_), kKnown);

  mount(second_, second_.authority());
  renewal_->refresh();

  EXPECT_THAT(log_.str(), HasSubstr("renewed certificate taken up"));
  EXPECT_EQ(status(second_, second_), kKnown);
  EXPECT_EQ(status(second_, first_), kStranger);
  renewal_->refresh();
  EXPECT_EQ(lines(), 1U);
}

TEST_F(Renewals, TakeUpFilesThatWereWrittenInPlace) {
  dir_.write("ca.crt", second_.authority());
  renewal_->refresh();
  EXPECT_EQ(status(first_, second_), kKnown);
  EXPECT_EQ(status(first_, first_), kStranger);
}

TEST_F(Renewals, KeepWhatIsServedWhileTheFilesAreNotGoodAndSaySoOnce) {
  dir_.write("tls.key", second_.server().key);
  renewal_->refresh();
  renewal_->refresh();
  EXPECT_THAT(log_.str(), HasSubstr("renewed certificate not taken up"));
  EXPECT_THAT(log_.str(), HasSubstr("certificate or key not usable"));
  EXPECT_EQ(lines(), 1U);
  EXPECT_EQ(status(first_, first_), kKnown);

  mount(second_, "");
  renewal_->refresh();
  EXPECT_THAT(log_.str(), HasSubstr("the authorities of clients in '"));
  EXPECT_EQ(status(first_, first_), kKnown);

  std::filesystem::remove(dir_ / "tls.crt");
  renewal_->refresh();
  EXPECT_THAT(log_.str(), HasSubstr("read the certificate: no file"));
  EXPECT_EQ(status(first_, first_), kKnown);
}

TEST(TlsFiles, AreReadWhereTheyAreNamed) {
  const TempDir dir;
  dir.write("some", "text\n");
  dir.write("empty", "\n");
  ASSERT_OK_AND_ASSIGN(const HttpServerTls tls, read_tls({.certificate = dir / "some"}));
  EXPECT_EQ(tls, HttpServerTls{.certificate = "text"});
  EXPECT_THAT(read_tls({.key = dir / "absent"}),
              FailsWith(Code::not_found, "read the certificate's key: no file"));
  EXPECT_THAT(read_tls({.client_authorities = dir / "empty"}),
              FailsWith(Code::invalid_argument, "the authorities of clients in '"));
}

}  // namespace
}  // namespace sluice
