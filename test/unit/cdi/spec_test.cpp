#include "pkg/cdi/spec.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

CdiSpec with_device(CdiDevice device) {
  return {.kind = "sluice.dev/vf", .devices = {std::move(device)}};
}

nlohmann::json parsed(const CdiSpec& spec) {
  const Result<std::string> text = encode(spec);
  EXPECT_THAT(text, IsOk());
  return nlohmann::json::parse(text ? *text : "", nullptr, false);
}

TEST(CdiSpec, HasWhatEachDeviceBrings) {
  const auto json = parsed(with_device(
      {.name = "0000:3b:02.1", .device_nodes = {"/dev/infiniband/uverbs3"}, .env = {"A=b"}}));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"cdiVersion": "0.5.0", "kind": "sluice.dev/vf",
    "devices": [{"name": "0000:3b:02.1", "containerEdits": {"env": ["A=b"],
      "deviceNodes": [{"path": "/dev/infiniband/uverbs3", "permissions": "rw"}]}}]})"));
}

TEST(CdiSpec, HasWhatTheRuntimeStartsForEachContainer) {
  CdiSpec spec = with_device({.name = "a", .device_nodes = {}, .env = {"A=b"}});
  spec.hooks = {{.name = "createRuntime",
                 .path = "/opt/cni/bin/sluice-memlock",
                 .args = {"sluice-memlock", "--bytes", "1024"},
                 .timeout = std::chrono::seconds(30)}};
  // Text, for the order is the reader's.
  EXPECT_EQ(
      *encode(spec),
      R"({"cdiVersion":"0.3.0","kind":"sluice.dev/vf","containerEdits":{"hooks":[{"hookName":"createRuntime",)"
      R"("path":"/opt/cni/bin/sluice-memlock","args":["sluice-memlock","--bytes","1024"],"timeout":30}]},)"
      R"("devices":[{"name":"a","containerEdits":{"env":["A=b"]}}]})"
      "\n");
  spec.hooks[0].path = "sluice-memlock";
  EXPECT_THAT(encode(spec), FailsWith(Code::invalid_argument,
                                      "the path of CDI hook 'sluice-memlock' is not absolute"));
}

TEST(CdiSpec, SurvivesANameThatIsNotUtf8) {
  const Result<std::string> text =
      encode(with_device({.name = "vf0", .device_nodes = {"/dev/odd\xff"}, .env = {}}));
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(*text, testing::HasSubstr("/dev/odd\uFFFD"));
}

TEST(CdiSpec, IsOfTheLowestVersionThatHasWhatItUses) {
  const CdiDevice letter{.name = "vf0", .device_nodes = {"/dev/null"}, .env = {}};
  const CdiDevice digit{.name = "0vf", .device_nodes = {"/dev/null"}, .env = {}};
  EXPECT_EQ(parsed(with_device(letter))["cdiVersion"], "0.3.0");
  EXPECT_EQ(parsed(with_device(digit))["cdiVersion"], "0.5.0");
  EXPECT_EQ(parsed({.kind = "sluice.dev/v.f", .devices = {letter}})["cdiVersion"], "0.6.0");
}

TEST(CdiSpec, RefusesWhatARuntimeWouldNotLoad) {
  const CdiDevice good{.name = "a", .device_nodes = {}, .env = {"A=b"}};
  EXPECT_THAT(encode({.kind = "sluice.dev", .devices = {good}}),
              FailsWith(Code::invalid_argument, "'sluice.dev' is no kind of CDI devices"));
  EXPECT_THAT(encode({.kind = "sluice.dev/9", .devices = {good}}),
              FailsWith(Code::invalid_argument, "no kind"));
  EXPECT_THAT(encode({.kind = "sluice.dev/vf", .devices = {}}),
              FailsWith(Code::invalid_argument, "CDI kind 'sluice.dev/vf' has no device"));
  EXPECT_THAT(encode(with_device({.name = "a/b", .device_nodes = {}, .env = {"A=b"}})),
              FailsWith(Code::invalid_argument, "'a/b' is no name for a CDI device"));
  EXPECT_THAT(encode(with_device({.name = "a:", .device_nodes = {}, .env = {"A=b"}})),
              FailsWith(Code::invalid_argument, "'a:' is no name"));
  EXPECT_THAT(encode(with_device({.name = "a", .device_nodes = {}, .env = {}})),
              FailsWith(Code::invalid_argument, "CDI device 'a' is empty"));
}

TEST(CdiSpec, DevicesAreAskedForByTheirQualifiedName) {
  EXPECT_EQ(qualified_name("sluice.dev/vf", "0000:3b:02.1"), "sluice.dev/vf=0000:3b:02.1");
}

class CdiDirectoryTest : public testing::Test {
 protected:
  TempDir root;
  CdiDirectory directory{root / "run/cdi"};
  const CdiSpec spec = with_device({.name = "a", .device_nodes = {}, .env = {"A=b"}});
  const std::string file = "run/cdi/sluice.dev-vf.json";
};

TEST_F(CdiDirectoryTest, MakesAFileThatRuntimesCanRead) {
  ASSERT_THAT(directory.write(spec), IsOk());
  EXPECT_EQ(root.read(file), *encode(spec));
  struct stat found {};
  ASSERT_EQ(::stat((root / file).c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0644U);
}

TEST_F(CdiDirectoryTest, LeavesAFileAloneThatSaysItAlready) {
  ASSERT_THAT(directory.write(spec), IsOk());
  struct stat before {};
  ASSERT_EQ(::stat((root / file).c_str(), &before), 0);
  ASSERT_THAT(directory.write(spec), IsOk());
  struct stat after {};
  ASSERT_EQ(::stat((root / file).c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(CdiDirectoryTest, RemovesTheFileWhenThereIsNoDeviceAnyMore) {
  ASSERT_THAT(directory.write(spec), IsOk());
  ASSERT_THAT(directory.write({.kind = spec.kind, .devices = {}}), IsOk());
  EXPECT_FALSE(root.has(file));
  EXPECT_THAT(directory.write({.kind = spec.kind, .devices = {}}), IsOk());
}

TEST_F(CdiDirectoryTest, NamesTheFileItCouldNotWrite) {
  root.write("run", "a file where a directory should be");
  EXPECT_THAT(directory.write(spec), FailsWith(Code::internal, "make directory '"));
}

TEST_F(CdiDirectoryTest, HasAFileForEachPartOfAKind) {
  EXPECT_EQ(directory.parts(spec.kind).value(), std::vector<std::string>());
  ASSERT_THAT(directory.write(spec, "b"), IsOk());
  ASSERT_THAT(directory.write(spec, "a"), IsOk());
  ASSERT_THAT(directory.write(spec), IsOk());
  root.write("run/cdi/sluice.dev-vf_c.tmp", "");
  EXPECT_EQ(root.read("run/cdi/sluice.dev-vf_b.json"), *encode(spec));
  EXPECT_EQ(directory.parts(spec.kind).value(), (std::vector<std::string>{"a", "b"}));

  ASSERT_THAT(directory.remove(spec.kind, "a"), IsOk());
  EXPECT_THAT(directory.remove(spec.kind, "a"), IsOk());
  ASSERT_THAT(directory.write({.kind = spec.kind, .devices = {}}, "b"), IsOk());
  EXPECT_EQ(directory.parts(spec.kind).value(), std::vector<std::string>());
  EXPECT_TRUE(root.has(file));
}

TEST_F(CdiDirectoryTest, TakesNoPartForAPath) {
  EXPECT_THAT(directory.write(spec, "../a"),
              FailsWith(Code::invalid_argument, "'../a' cannot be a part of a file's name"));
  EXPECT_THAT(directory.remove(spec.kind, ""), FailsWith(Code::invalid_argument, "'' cannot be"));
}

}  // namespace
}  // namespace sluice
