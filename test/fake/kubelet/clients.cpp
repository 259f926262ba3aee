#include "test/fake/kubelet/clients.h"

#include <algorithm>

namespace sluice {

bool Clients::add(const std::shared_ptr<Client>& client) {
  auto& clients = clients_[client->resource];
  auto& sockets = sockets_[client->resource];
  if (release_ == FakeKubelet::Release::v1_36) {
    clients.clear();
    sockets.clear();
  } else if (sockets.contains(client->socket)) {
    std::erase_if(clients, [&](const auto& other) { return other->socket == client->socket; });
    return false;
  }
  clients.push_back(client);
  sockets.insert(client->socket);
  return true;
}

std::shared_ptr<Client> Clients::take(const std::string& resource, const std::string& socket) {
  auto& clients = clients_[resource];
  const auto found = std::ranges::find_if(clients, [&](const auto& client) {
    return release_ == FakeKubelet::Release::v1_36 || client->socket == socket;
  });
  if (found == clients.end()) return nullptr;
  std::shared_ptr<Client> taken = *found;
  clients.erase(found);
  sockets_[resource].erase(taken->socket);
  if (sockets_[resource].empty()) sockets_.erase(resource);
  return taken;
}

std::shared_ptr<Client> Clients::latest(const std::string& resource) const {
  const auto found = clients_.find(resource);
  return found == clients_.end() || found->second.empty() ? nullptr : found->second.back();
}

void Clients::clear() {
  clients_.clear();
  sockets_.clear();
}

}  // namespace sluice
