#include "pkg/kube/access.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "pkg/kube/token.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

TEST(InCluster, ReadsWhatKubeletMounts) {
  const TempDir dir;
  dir.write("ca.crt", "CA");
  dir.write("token", "T\n");
  dir.write("namespace", "sluice-system");

  ASSERT_OK_AND_ASSIGN(const ClusterAccess access,
                       in_cluster_access("10.0.0.1", "443", dir.path()));

  EXPECT_EQ(access.server, "https://10.0.0.1:443");
  EXPECT_EQ(access.identity.authorities, "CA");
  EXPECT_EQ(access.token_file, dir / "token");
  EXPECT_EQ(access.own_namespace, "sluice-system");
}

TEST(InCluster, PutsIpv6InBrackets) {
  const TempDir dir;
  dir.write("ca.crt", "CA");
  dir.write("token", "T");

  ASSERT_OK_AND_ASSIGN(const ClusterAccess access, in_cluster_access("fd00::1", "443", dir.path()));

  EXPECT_EQ(access.server, "https://[fd00::1]:443");
}

TEST(InCluster, SaysWhatIsMissing) {
  const TempDir dir;

  EXPECT_THAT(in_cluster_access("", "443", dir.path()),
              FailsWith(Code::not_found, "not in a pod: KUBERNETES_SERVICE_HOST"));
  EXPECT_THAT(in_cluster_access("h", "443", dir.path()),
              FailsWith(Code::not_found,
                        "credentials of the service account: no file '" + (dir / "ca.crt") + "'"));
  dir.write("ca.crt", "CA");
  EXPECT_THAT(in_cluster_access("h", "443", dir.path()),
              FailsWith(Code::not_found, "no file '" + (dir / "token") + "'"));
}

TEST(Token, FollowsASwapOfTheSecret) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "one");
  std::filesystem::create_directory(dir / "two");
  dir.write("one/token", "first\n");
  dir.write("two/token", "second\n");
  std::filesystem::create_directory_symlink("one", dir / "..data");
  std::filesystem::create_symlink("..data/token", dir / "token");
  Token token({.token = "ignored", .token_file = dir / "token"});

  EXPECT_EQ(token.current().value_or(""), "first");
  std::filesystem::create_directory_symlink("two", dir / "..tmp");
  std::filesystem::rename(dir / "..tmp", dir / "..data");
  EXPECT_EQ(token.current().value_or(""), "second");
}

TEST(Token, KeepsTheLastWhenTheFileIsAway) {
  const TempDir dir;
  Token token({.token_file = dir / "token"});
  EXPECT_THAT(token.current(), FailsWith(Code::not_found, "token: no file"));
  dir.write("token", "t");
  EXPECT_EQ(token.current().value_or(""), "t");

  std::filesystem::remove(dir / "token");
  EXPECT_EQ(token.current().value_or(""), "t");
  dir.write("token", "");
  EXPECT_EQ(token.current().value_or(""), "t");
}

TEST(Token, MayBeFixedOrNone) {
  EXPECT_EQ(Token({.token = "fixed"}).current().value_or("?"), "fixed");
  EXPECT_EQ(Token({}).current().value_or("?"), "");
}

/// A kubeconfig with the given lines for its cluster and its user.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "contexts:\n- name: other\n  context: {cluster: k, user: missing}\n"
         "- name: c\n  context: {cluster: k, user: u, namespace: ns}\n"
         "clusters:\n- name: k\n  cluster: " +
         cluster +
         "\n"
         "users:\n- name: u\n  user: " +
         user + "\n";
}

constexpr const char* kPlainCluster = "{server: 'https://host:6443/'}";

class Kubeconfig : public testing::Test {
 protected:
  Result<ClusterAccess> read(const std::string& text, const std::string& context = "") const {
    dir.write("config", text);
    return read_kubeconfig(dir / "config", context);
  }

  const TempDir dir;
};

TEST_F(Kubeconfig, ReadsDataInBase64) {
  ASSERT_OK_AND_ASSIGN(const ClusterAccess access,
                       read(kubeconfig("{server: 'https://host:6443/', "
                                       "certificate-authority-data: Q0E=}",
                                       "{client-certificate-data: Q1JU, client-key-data: S0VZ}")));

  EXPECT_EQ(access.server, "https://host:6443");
  EXPECT_EQ(access.identity.authorities, "CA");
  EXPECT_EQ(access.identity.certificate, "CRT");
  EXPECT_EQ(access.identity.key, "KEY");
  EXPECT_EQ(access.own_namespace, "ns");
}

TEST_F(Kubeconfig, ReadsFilesBesideItself) {
  dir.write("ca.crt", "CA");
  dir.write("u.crt", "CRT");
  dir.write("u.key", "KEY");

  ASSERT_OK_AND_ASSIGN(
      const ClusterAccess access,
      read(kubeconfig("{server: 'https://h', certificate-authority: ca.crt}",
                      "{client-certificate: u.crt, client-key: " + (dir / "u.key") + "}")));

  EXPECT_EQ(access.identity.authorities, "CA");
  EXPECT_EQ(access.identity.certificate, "CRT");
  EXPECT_EQ(access.identity.key, "KEY");
}

TEST_F(Kubeconfig, ReadsTokens) {
  ASSERT_OK_AND_ASSIGN(const ClusterAccess fixed, read(kubeconfig(kPlainCluster, "{token: t}")));
  ASSERT_OK_AND_ASSIGN(const ClusterAccess file,
                       read(kubeconfig(kPlainCluster, "{tokenFile: token}")));

  EXPECT_EQ(fixed.token, "t");
  EXPECT_EQ(file.token_file, dir / "token");
}

TEST_F(Kubeconfig, ReadsJson) {
  ASSERT_OK_AND_ASSIGN(
      const ClusterAccess access,
      read(R"({"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],
               "clusters":[{"name":"k","cluster":{"server":"https://h"}}],
               "users":[{"name":"u","user":{"token":"t"}}]})"));

  EXPECT_EQ(access.token, "t");
}

TEST_F(Kubeconfig, RefusesWhatItDoesNotSupport) {
  for (const std::string user : {"{auth-provider: {name: gcp}}", "{username: me}", "{password: x}",
                                 "{token: t, as: admin}"}) {
    EXPECT_THAT(
        read(kubeconfig(kPlainCluster, user)),
        FailsWith(Code::unsupported, "is not supported; use a token or a client certificate"))
        << user;
  }
  EXPECT_THAT(read(kubeconfig(kPlainCluster, "{exec: {command: aws}}")),
              FailsWith(Code::unsupported, "kubeconfig '" + (dir / "config") + "': 'exec' is not"));
  EXPECT_THAT(
      read(kubeconfig("{server: 'https://h', insecure-skip-tls-verify: true}", "{token: t}")),
      FailsWith(Code::unsupported, "'insecure-skip-tls-verify' is not supported"));
  EXPECT_THAT(
      read(kubeconfig("{server: 'https://h', insecure-skip-tls-verify: false}", "{token: t}")),
      IsOk());
}

TEST_F(Kubeconfig, NamesWhatIsWrong) {
  EXPECT_THAT(read("a: [1"), FailsWith(Code::invalid_argument, "kubeconfig '"));
  EXPECT_THAT(read("just text"), FailsWith(Code::invalid_argument, "want a map"));
  EXPECT_THAT(read("[]"), FailsWith(Code::invalid_argument, "want a map"));
  EXPECT_THAT(read(kubeconfig(kPlainCluster, "{}"), "nope"),
              FailsWith(Code::not_found, "contexts has no context 'nope'"));
  EXPECT_THAT(read(kubeconfig(kPlainCluster, "{}"), "other"),
              FailsWith(Code::not_found, "users has no user 'missing'"));
  EXPECT_THAT(read("current-context: c\ncontexts: 3\n"),
              FailsWith(Code::not_found, "contexts has no context 'c'"));
  EXPECT_THAT(read(kubeconfig("{server: host}", "{}")),
              FailsWith(Code::invalid_argument, "'server' wants an http or https URL, got 'host'"));
  EXPECT_THAT(read(kubeconfig("{server: 'https://h', certificate-authority-data: '!!'}", "{}")),
              FailsWith(Code::invalid_argument, "'certificate-authority-data' is not base64"));
  EXPECT_THAT(read(kubeconfig("{server: 'https://h', certificate-authority: no.crt}", "{}")),
              FailsWith(Code::not_found, "'certificate-authority': no file"));
  EXPECT_THAT(read_kubeconfig(dir / "absent"), FailsWith(Code::not_found, "kubeconfig: no file"));
}

}  // namespace
}  // namespace sluice
