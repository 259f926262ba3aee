#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "proto/deviceplugin_v1beta1.grpc.pb.h"
#include "test/fake/fake_kubelet.h"

namespace sluice {

/// A plugin that registered.
struct Client {
  std::string resource;
  std::string socket;
  std::shared_ptr<v1beta1::DevicePlugin::Stub> stub;
  grpc::ClientContext watch;  // Of its ListAndWatch.
  std::thread reader;
};

/// Which plugins the kubelet is connected with, by the rules of a release
/// (pkg/kubelet/cm/devicemanager of Kubernetes 1.36.3 and 1.37.2). Its owner guards it.
class Clients {
 public:
  explicit Clients(FakeKubelet::Release release) : release_(release) {}

  /// Whether the client was taken. In 1.36 it replaces any other of its resource. In 1.37 it stands
  /// beside those on other sockets; a second one on the same socket is refused and takes the first
  /// with it, and the socket stays in use for good: the end of its stream has nothing to end.
  bool add(const std::shared_ptr<Client>& client);

  /// Takes out whose stream has ended or whose socket was removed: in 1.36 whichever client the
  /// resource has by now, in 1.37 that of the socket. Null without one.
  std::shared_ptr<Client> take(const std::string& resource, const std::string& socket);

  /// Which one is asked for devices: null without one.
  std::shared_ptr<Client> latest(const std::string& resource) const;

  bool is_connected(const std::string& resource) const { return sockets_.contains(resource); }

  void clear();

 private:
  FakeKubelet::Release release_;
  std::map<std::string, std::vector<std::shared_ptr<Client>>> clients_;  // By resource.
  std::map<std::string, std::set<std::string>> sockets_;  // In use, by resource; none is empty.
};

}  // namespace sluice
