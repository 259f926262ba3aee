#include "hook/container_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice::hook {
namespace {

auto is_refused(const std::string& why) {
  return FailsWith(Code::invalid_argument, "state of the container on stdin: " + why);
}

TEST(ContainerState, OfRuncNamesTheProcess) {
  ASSERT_OK_AND_ASSIGN(const pid_t pid, container_process(R"({"ociVersion": "1.2.1", "id": "3f1c",
      "status": "creating", "pid": 4711, "bundle": "/run/containerd/io.containerd.runtime.v2.task/k8s.io/3f1c",
      "annotations": {"io.kubernetes.cri.container-type": "container"}})"));
  EXPECT_EQ(pid, 4711);
}

TEST(ContainerState, OfCrunNamesTheProcess) {
  ASSERT_OK_AND_ASSIGN(const pid_t pid, container_process(R"({"ociVersion":"1.0","id":"3f1c",
      "pid":4711,"root":"/var/lib/rootfs","bundle":"/run/bundle","status":"created"})"));
  EXPECT_EQ(pid, 4711);
}

TEST(ContainerState, WithoutAProcessIsRefused) {
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0"})"), is_refused("/pid: want"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": 0})"),
              is_refused("/pid: want a process from 1 to 2147483647, got 0"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": -1})"), is_refused("/pid: want"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": "1"})"), is_refused("/pid: want"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": 1.5})"), is_refused("/pid: want"));
  // As a 32-bit number it would be a process.
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": 4294967297})"),
              is_refused("/pid: want"));
}

TEST(ContainerState, WithoutAVersionIsRefused) {
  EXPECT_THAT(container_process(R"({"pid": 4711})"), is_refused("/ociVersion: want a string"));
  EXPECT_THAT(container_process(R"({"pid": 4711, "ociVersion": ""})"),
              is_refused("/ociVersion: want a version"));
  EXPECT_THAT(container_process("{}"), is_refused("/ociVersion: want a string; /pid: want"));
}

TEST(ContainerState, ThatIsNoObjectOfJsonIsRefused) {
  EXPECT_THAT(container_process(""), is_refused("not JSON at line 1"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": 4711)"), is_refused("not JSON"));
  EXPECT_THAT(container_process("[4711]"), is_refused("want an object"));
  EXPECT_THAT(container_process(R"({"ociVersion": "1.0", "pid": 4711, "pid": 1})"),
              is_refused("/pid: is there twice"));
  EXPECT_THAT(container_process(std::string(100'000, '[')), is_refused("nested deeper"));
}

}  // namespace
}  // namespace sluice::hook
