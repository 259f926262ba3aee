#include <array>
#include <optional>

#include "pkg/base/strings.h"
#include "pkg/fs/text_file.h"
#include "pkg/kube/access.h"

#include <yaml-cpp/yaml.h>

namespace sluice {
namespace {

// Keys as in client-go's tools/clientcmd/api/v1/types.go.
constexpr std::array kRefusedOfCluster = {"insecure-skip-tls-verify", "proxy-url",
                                          "tls-server-name"};
constexpr std::array kRefusedOfUser = {"exec", "auth-provider", "username",  "password",
                                       "as",   "as-uid",        "as-groups", "as-user-extra"};

/// Empty when there is no such key.
std::string text_of(const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? value.Scalar() : "";
}

/// The member `inner` of the entry of the list `list` that is named `name`.
Result<YAML::Node> named_entry(const YAML::Node& root, const char* list, const std::string& name,
                               const char* inner) {
  const YAML::Node entries = root[list];
  if (entries && entries.IsSequence()) {
    for (const YAML::Node& entry : entries) {
      if (entry.IsMap() && text_of(entry, "name") == name && entry[inner].IsMap()) {
        return YAML::Node(entry[inner]);
      }
    }
  }
  return Error(Code::not_found, fmt::format("{} has no {} {}", list, inner, in_quotes(name)));
}

template <std::size_t kCount>
Result<> refuse(const YAML::Node& map, const std::array<const char*, kCount>& keys) {
  for (const char* key : keys) {
    if (map[key] && text_of(map, key) != "false") {
      return Error(Code::unsupported, fmt::format("'{}' is not supported; use a token or a client "
                                                  "certificate, and a certificate authority",
                                                  key));
    }
  }
  return {};
}

std::string beside(const std::string& kubeconfig, const std::string& path) {
  const std::size_t slash = kubeconfig.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return path;
  return kubeconfig.substr(0, slash + 1) + path;
}

/// PEM text given as "<key>-data" in base64, or in the file that "<key>" names.
Result<std::string> pem(const YAML::Node& map, const std::string& key, const std::string& config) {
  if (const std::string data = text_of(map, (key + "-data").c_str()); !data.empty()) {
    const std::vector<unsigned char> bytes = YAML::DecodeBase64(data);
    if (bytes.empty()) {
      return Error(Code::invalid_argument, fmt::format("'{}-data' is not base64", key));
    }
    return std::string(bytes.begin(), bytes.end());
  }
  const std::string path = text_of(map, key.c_str());
  if (path.empty()) return std::string();
  return read_text_file(beside(config, path)).context("'{}'", key);
}

Result<std::string> server_of(const YAML::Node& cluster) {
  std::string server = text_of(cluster, "server");
  if (!server.starts_with("https://") && !server.starts_with("http://")) {
    return Error(Code::invalid_argument,
                 fmt::format("'server' wants an http or https URL, got {}", in_quotes(server)));
  }
  while (server.ends_with('/')) server.pop_back();
  return server;
}

Result<ClusterAccess> access_of(const YAML::Node& root, const std::string& wanted,
                                const std::string& path) {
  const std::string name = wanted.empty() ? text_of(root, "current-context") : wanted;
  const YAML::Node context = TRY(named_entry(root, "contexts", name, "context"));
  const YAML::Node cluster =
      TRY(named_entry(root, "clusters", text_of(context, "cluster"), "cluster"));
  const YAML::Node user = TRY(named_entry(root, "users", text_of(context, "user"), "user"));
  TRY(refuse(cluster, kRefusedOfCluster));
  TRY(refuse(user, kRefusedOfUser));

  ClusterAccess access;
  access.server = TRY(server_of(cluster));
  access.identity.authorities = TRY(pem(cluster, "certificate-authority", path));
  access.identity.certificate = TRY(pem(user, "client-certificate", path));
  access.identity.key = TRY(pem(user, "client-key", path));
  access.token = text_of(user, "token");
  if (const std::string file = text_of(user, "tokenFile"); !file.empty()) {
    access.token_file = beside(path, file);
  }
  access.own_namespace = text_of(context, "namespace");
  return access;
}

}  // namespace

Result<ClusterAccess> read_kubeconfig(const std::string& path, const std::string& context) {
  const std::string text = TRY(read_text_file(path).context("kubeconfig"));
  try {  // yaml-cpp throws on a document it cannot read, and on a key asked of what is no map.
    const YAML::Node root = YAML::Load(text);
    if (root.IsMap()) return access_of(root, context, path).context("kubeconfig '{}'", path);
  } catch (const YAML::Exception& error) {
    return Error(Code::invalid_argument, fmt::format("kubeconfig '{}': {}", path, error.what()));
  }
  return Error(Code::invalid_argument, fmt::format("kubeconfig '{}': want a map", path));
}

}  // namespace sluice
