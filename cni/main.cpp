// sluice: gives Kubernetes pods their lanes; started by the container runtime (docs/cni.md).
#include "cni/program.h"

int main() {
  return sluice::cni::run_plugin();
}
