#pragma once

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

#include "cni/ipam.h"

namespace sluice::cni {

/// An IPAM plugin that assigns 192.0.2.1/24, fails when it is told to, and notes what it was asked.
class TestIpam {
 public:
  explicit TestIpam(const std::string& directory) : directory_(directory) {
    answer(R"({"cniVersion":"1.1.0","ips":[{"address":"192.0.2.1/24","gateway":"192.0.2.254"}],)"
           R"("routes":[{"dst":"0.0.0.0/0"}]})");
    script(R"(printf '%s ' "$CNI_COMMAND" >> calls; cat > stdin
if [ "$IPAM_FAIL" = "$CNI_COMMAND" ]; then echo '{"code":11,"msg":"pool is busy"}'; exit 1; fi
if [ "$CNI_COMMAND" = ADD ]; then cat answer; fi)");
  }

  void answer(const std::string& text) { std::ofstream(directory_ + "/answer") << text; }

  void script(const std::string& body) {
    const std::string path = directory_ + "/test-ipam";
    std::ofstream(path) << "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n" << body << "\n";
    ::chmod(path.c_str(), 0755);
  }

  /// "ADD DEL ": what it was asked, in order.
  std::string calls() const { return slurp("calls"); }

  std::string input() const { return slurp("stdin"); }

  Ipam::Settings settings(const std::string& fail = {}) const {
    return {.type = "test-ipam",
            .path = {"/nowhere", directory_},
            .input = R"({"name":"rdma-net"})",
            .variables = {"PATH=/usr/bin:/bin", "CNI_COMMAND=ADD", "IPAM_FAIL=" + fail}};
  }

 private:
  std::string slurp(const std::string& name) const {
    std::ifstream file(directory_ + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::string directory_;
};

}  // namespace sluice::cni
