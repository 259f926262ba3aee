#include "agent/claims/claim_port.h"

#include "plugin/describe.h"

namespace sluice {

dra::ClaimPort published(const FrontEndShare& share, const Config& config) {
  const Port& port = *share.hardware;
  const NetworkRule* const network =
      share.vfs.empty() ? nullptr : network_for(config.networks, "", port, share.vfs[0]->index);
  return {.share = node_port(share),
          .vfs = static_cast<int>(share.vfs.size()),
          .for_classes = {},
          .carrier = port.carrier,
          .driver = port.driver,
          .pcie_root = port.pcie_root,
          .rdma_device = port.rdma_device,
          .eswitch_mode = port.eswitch_mode ? std::string(to_string(*port.eswitch_mode)) : "",
          .network = network == nullptr ? std::string() : network->name,
          .trouble = plugin::trouble_of(port)};
}

}  // namespace sluice
