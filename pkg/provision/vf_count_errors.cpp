// What a write of sriov_numvfs means that failed, or that did less than it said. Drivers use one
// errno for several things; file names are below drivers/net/ethernet/ of Linux 6.12.
#include <cerrno>

#include "pkg/provision/vf_count.h"

namespace sluice {
namespace {

constexpr const char* kHeld = "virtual machines hold VFs of it";
constexpr const char* kNeedsRoot = "needs root and a writable sysfs";

// The kernel itself never answers EPERM here: a file that may not be written is EACCES.
std::string forbidden(const Port& port, int count, Writer writer) {
  if (writer != Writer::root) return kNeedsRoot;
  if (count == 0) return kHeld;
  // intel/i40e/i40e_virtchnl_pf.c i40e_pci_sriov_enable
  if (port.driver == "i40e") {
    return "it has no resources for that many VFs, or ethtool is testing it; ask for fewer";
  }
  // intel/ixgbe/ixgbe_sriov.c ixgbe_pci_sriov_enable
  if (port.driver == "ixgbe") {
    return "it has not that many VFs to give: traffic classes and macvlans take some away";
  }
  // intel/igb/igb_main.c igb_enable_sriov
  if (port.driver == "igb") return "it has at most 7 VFs, and none without MSI-X";
  return kHeld;  // netronome/nfp/nfp_main.c nfp_pcie_sriov_disable
}

std::string unsupported(const Port& port) {
  // intel/ice/ice_sriov.c ice_check_sriov_allowed, ice_pci_sriov_ena: one errno for all.
  if (port.driver == "ice") {
    return "more VFs than it has resources for, or its driver is in safe mode (without its DDP "
           "package): it answers the same to both";
  }
  return "its driver refuses SR-IOV: safe mode, or switched off in the firmware";
}

std::string impossible(const Port& port) {
  if (port.driver.empty()) return "it has no driver";
  // mellanox/mlx4/main.c: no sriov_configure.
  if (port.driver == "mlx4_core") {
    return "mlx4_core makes VFs when it is loaded, by its module parameter num_vfs, and at no "
           "other time";
  }
  return fmt::format("its driver {} cannot make VFs", port.driver);
}

std::string invalid(const Port& port, int count) {
  if (count == 0) return kHeld;
  // intel/ixgbe/ixgbe_sriov.c __ixgbe_enable_sriov
  if (port.driver == "ixgbe") {
    return "its driver does not take that number, nor any while an XDP program is attached";
  }
  return "its driver does not take that number";
}

std::string reason(int sys_errno, const Port& port, int count, Writer writer) {
  switch (sys_errno) {
    case EBUSY:
      // emulex/benet/be_main.c be_pci_sriov_configure
      if (count == 0 && port.driver == "be2net") return kHeld;
      return "the driver is busy, or the VFs were made by another program meanwhile; look at the "
             "port again";
    case EAGAIN: return "the driver is busy with something else; try again";
    case ERANGE: return fmt::format("the port can have at most {} VFs", port.total_vfs);
    case ENOENT: return impossible(port);
    case ENOMEM:
      return "no address space or bus numbers left for that many VFs; enable SR-IOV, ARI and "
             "\"above 4G decoding\" in the machine's firmware";
    case EIO: return "its SR-IOV capability is broken";
    case EOPNOTSUPP: return unsupported(port);
    case EACCES:
    case EROFS: return kNeedsRoot;
    case EPERM: return forbidden(port, count, writer);
    case EINVAL: return invalid(port, count);
    default: return "";
  }
}

}  // namespace

Error explain_count_error(const Error& error, const Port& port, int count, Writer writer) {
  const std::string why = reason(error.sys_errno(), port, count, writer);
  return {error.code(),
          fmt::format("set {} VFs: {}{}{}", count, why, why.empty() ? "" : " — ", error.message()),
          error.sys_errno()};
}

Result<> check_vf_count(const Port& after, int count) {
  const auto made = static_cast<int>(after.vfs.size());
  if (made == count) return {};
  std::string text = fmt::format("the driver made only {} of {} VFs", made, count);
  if (made > count) {
    // hisilicon/hns3/hns3_enet.c hns3_pci_sriov_configure, broadcom/bnxt/bnxt_sriov.c
    // bnxt_sriov_configure: the write succeeds, and VFs that are held stay.
    text = fmt::format("{} VFs are left of which {} were asked; virtual machines may hold them",
                       made, count);
  }
  // broadcom/bnxt/bnxt_sriov.c bnxt_sriov_enable, emulex/benet/be_main.c be_pci_sriov_configure.
  if (made == 0 && (after.driver == "bnxt_en" || after.driver == "be2net")) {
    text += fmt::format(
        "; {} says nothing of any failure: bring the port up, ask for fewer, look "
        "at the kernel's log, and try again",
        after.driver);
  }
  return Error(Code::exhausted, text);
}

}  // namespace sluice
