#pragma once

#include <string>

namespace sluice {

/// The text of a kubeconfig for a server that asks for no credentials.
inline std::string kubeconfig_of(const std::string& server) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
         "clusters:\n- name: k\n  cluster: {server: '" +
         server + "'}\nusers:\n- name: u\n  user: {}\n";
}

}  // namespace sluice
