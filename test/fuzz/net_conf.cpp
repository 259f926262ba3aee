#include "cni/protocol/net_conf.h"

#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  // The first byte chooses the verb, because each judges other keys.
  if (size == 0) return;
  cni::Environment environment;
  environment.command = static_cast<cni::Command>(data[0] % 6);
  environment.container_id = "c1";
  environment.ifname = "net1";
  environment.netns = "/run/netns/p1";
  const std::string_view text = text_of(data + 1, size - 1);
  static_cast<void>(cni::load_net_conf(text, environment));
  require(!cni::version_for_errors(text).empty());
}

}  // namespace sluice
