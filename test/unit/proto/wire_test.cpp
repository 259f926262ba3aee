// What the kubelet and we must agree on: a table written by hand from the contracts' documentation,
// compared with what protoc made of proto/.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "proto/deviceplugin_v1beta1.pb.h"
#include "proto/dra_health_v1.pb.h"
#include "proto/dra_health_v1alpha1.pb.h"
#include "proto/dra_v1.pb.h"
#include "proto/dra_v1beta1.pb.h"
#include "proto/pluginregistration_v1.pb.h"
#include "proto/podresources_v1.pb.h"

namespace sluice {
namespace {

namespace protobuf = google::protobuf;

using Table = std::map<std::string, std::string>;  // message, enum or method -> what it is made of

std::string type_of(const protobuf::FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->name();
  if (field.enum_type() != nullptr) return field.enum_type()->name();
  return field.type_name();
}

std::string describe(const protobuf::FieldDescriptor& field) {
  std::string label = field.is_repeated() ? "repeated " : "";
  if (field.has_optional_keyword()) label = "optional ";
  if (field.is_map()) {
    const protobuf::Descriptor& entry = *field.message_type();
    return fmt::format("{}={} map {}->{}", field.name(), field.number(), type_of(*entry.map_key()),
                       type_of(*entry.map_value()));
  }
  return fmt::format("{}={} {}{}", field.name(), field.number(), label, type_of(field));
}

void add_messages(const protobuf::FileDescriptor& file, Table& table) {
  for (int i = 0; i < file.message_type_count(); ++i) {
    const protobuf::Descriptor& message = *file.message_type(i);
    std::string fields;
    for (int j = 0; j < message.field_count(); ++j) {
      fields += (fields.empty() ? "" : ", ") + describe(*message.field(j));
    }
    table[message.full_name()] = fields;
  }
}

void add_enums(const protobuf::FileDescriptor& file, Table& table) {
  for (int i = 0; i < file.enum_type_count(); ++i) {
    const protobuf::EnumDescriptor& type = *file.enum_type(i);
    std::string values;
    for (int j = 0; j < type.value_count(); ++j) {
      values += fmt::format("{}{}={}", values.empty() ? "" : ", ", type.value(j)->name(),
                            type.value(j)->number());
    }
    table[type.full_name()] = values;
  }
}

// Methods by the path that goes over the wire.
void add_methods(const protobuf::FileDescriptor& file, Table& table) {
  for (int i = 0; i < file.service_count(); ++i) {
    const protobuf::ServiceDescriptor& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      const protobuf::MethodDescriptor& method = *service.method(j);
      EXPECT_FALSE(method.client_streaming()) << method.full_name();
      table[fmt::format("/{}/{}", service.full_name(), method.name())] =
          fmt::format("{} -> {}{}", method.input_type()->name(),
                      method.server_streaming() ? "stream " : "", method.output_type()->name());
    }
  }
}

/// All that the file which defines Message says.
template <typename Message>
Table wire() {
  const protobuf::FileDescriptor& file = *Message::descriptor()->file();
  Table table;
  add_messages(file, table);
  add_enums(file, table);
  add_methods(file, table);
  return table;
}

TEST(Wire, DevicePluginV1beta1) {
  EXPECT_EQ(
      wire<v1beta1::Empty>(),
      (Table{
          {"/v1beta1.Registration/Register", "RegisterRequest -> Empty"},
          {"/v1beta1.DevicePlugin/GetDevicePluginOptions", "Empty -> DevicePluginOptions"},
          {"/v1beta1.DevicePlugin/ListAndWatch", "Empty -> stream ListAndWatchResponse"},
          {"/v1beta1.DevicePlugin/GetPreferredAllocation",
           "PreferredAllocationRequest -> PreferredAllocationResponse"},
          {"/v1beta1.DevicePlugin/Allocate", "AllocateRequest -> AllocateResponse"},
          {"/v1beta1.DevicePlugin/PreStartContainer",
           "PreStartContainerRequest -> PreStartContainerResponse"},
          {"v1beta1.Empty", ""},
          {"v1beta1.DevicePluginOptions",
           "pre_start_required=1 bool, get_preferred_allocation_available=2 bool"},
          {"v1beta1.RegisterRequest",
           "version=1 string, endpoint=2 string, resource_name=3 string, "
           "options=4 DevicePluginOptions"},
          {"v1beta1.ListAndWatchResponse", "devices=1 repeated Device"},
          {"v1beta1.Device", "ID=1 string, health=2 string, topology=3 TopologyInfo"},
          {"v1beta1.TopologyInfo", "nodes=1 repeated NUMANode"},
          {"v1beta1.NUMANode", "ID=1 int64"},
          {"v1beta1.PreferredAllocationRequest",
           "container_requests=1 repeated ContainerPreferredAllocationRequest"},
          {"v1beta1.ContainerPreferredAllocationRequest",
           "available_deviceIDs=1 repeated string, must_include_deviceIDs=2 repeated string, "
           "allocation_size=3 int32"},
          {"v1beta1.PreferredAllocationResponse",
           "container_responses=1 repeated ContainerPreferredAllocationResponse"},
          {"v1beta1.ContainerPreferredAllocationResponse", "deviceIDs=1 repeated string"},
          {"v1beta1.AllocateRequest", "container_requests=1 repeated ContainerAllocateRequest"},
          {"v1beta1.ContainerAllocateRequest", "devices_ids=1 repeated string"},
          {"v1beta1.AllocateResponse", "container_responses=1 repeated ContainerAllocateResponse"},
          {"v1beta1.ContainerAllocateResponse",
           "envs=1 map string->string, mounts=2 repeated Mount, devices=3 repeated DeviceSpec, "
           "annotations=4 map string->string, cdi_devices=5 repeated CDIDevice"},
          {"v1beta1.Mount", "container_path=1 string, host_path=2 string, read_only=3 bool"},
          {"v1beta1.DeviceSpec",
           "container_path=1 string, host_path=2 string, permissions=3 string"},
          {"v1beta1.CDIDevice", "name=1 string"},
          {"v1beta1.PreStartContainerRequest", "devices_ids=1 repeated string"},
          {"v1beta1.PreStartContainerResponse", ""},
      }));
}

TEST(Wire, PluginRegistrationV1) {
  EXPECT_EQ(
      wire<pluginregistration::PluginInfo>(),
      (Table{
          {"/pluginregistration.Registration/GetInfo", "InfoRequest -> PluginInfo"},
          {"/pluginregistration.Registration/NotifyRegistrationStatus",
           "RegistrationStatus -> RegistrationStatusResponse"},
          {"pluginregistration.InfoRequest", ""},
          {"pluginregistration.PluginInfo",
           "type=1 string, name=2 string, endpoint=3 string, "
           "supported_versions=4 repeated string"},
          {"pluginregistration.RegistrationStatus", "plugin_registered=1 bool, error=2 string"},
          {"pluginregistration.RegistrationStatusResponse", ""},
      }));
}

TEST(Wire, PodResourcesV1) {
  EXPECT_EQ(
      wire<v1::PodResources>(),
      (Table{
          {"/v1.PodResourcesLister/List", "ListPodResourcesRequest -> ListPodResourcesResponse"},
          {"/v1.PodResourcesLister/GetAllocatableResources",
           "AllocatableResourcesRequest -> AllocatableResourcesResponse"},
          {"/v1.PodResourcesLister/Get", "GetPodResourcesRequest -> GetPodResourcesResponse"},
          {"v1.AllocatableResourcesRequest", ""},
          {"v1.AllocatableResourcesResponse",
           "devices=1 repeated ContainerDevices, cpu_ids=2 repeated int64, "
           "memory=3 repeated ContainerMemory"},
          {"v1.ListPodResourcesRequest", ""},
          {"v1.ListPodResourcesResponse", "pod_resources=1 repeated PodResources"},
          {"v1.GetPodResourcesRequest", "pod_name=1 string, pod_namespace=2 string"},
          {"v1.GetPodResourcesResponse", "pod_resources=1 PodResources"},
          {"v1.PodResources",
           "name=1 string, namespace=2 string, containers=3 repeated ContainerResources, "
           "cpu_ids=4 repeated int64, memory=5 repeated ContainerMemory"},
          {"v1.ContainerResources",
           "name=1 string, devices=2 repeated ContainerDevices, cpu_ids=3 repeated int64, "
           "memory=4 repeated ContainerMemory, dynamic_resources=5 repeated DynamicResource"},
          {"v1.ContainerMemory", "memory_type=1 string, size=2 uint64, topology=3 TopologyInfo"},
          {"v1.ContainerDevices",
           "resource_name=1 string, device_ids=2 repeated string, topology=3 TopologyInfo"},
          {"v1.TopologyInfo", "nodes=1 repeated NUMANode"},
          {"v1.NUMANode", "ID=1 int64"},
          {"v1.DynamicResource",
           "claim_name=2 string, claim_namespace=3 string, "
           "claim_resources=4 repeated ClaimResource"},
          {"v1.ClaimResource",
           "cdi_devices=1 repeated CDIDevice, driver_name=2 string, pool_name=3 string, "
           "device_name=4 string, share_id=5 optional string"},
          {"v1.CDIDevice", "name=1 string"},
      }));
}

Table dra(const std::string& version, const std::string& device) {
  const std::string package = "k8s.io.kubelet.pkg.apis.dra." + version;
  return {
      {"/" + package + ".DRAPlugin/NodePrepareResources",
       "NodePrepareResourcesRequest -> NodePrepareResourcesResponse"},
      {"/" + package + ".DRAPlugin/NodeUnprepareResources",
       "NodeUnprepareResourcesRequest -> NodeUnprepareResourcesResponse"},
      {package + ".NodePrepareResourcesRequest", "claims=1 repeated Claim"},
      {package + ".NodePrepareResourcesResponse",
       "claims=1 map string->NodePrepareResourceResponse"},
      {package + ".NodePrepareResourceResponse", "devices=1 repeated Device, error=2 string"},
      {package + ".Device", device},
      {package + ".NodeUnprepareResourcesRequest", "claims=1 repeated Claim"},
      {package + ".NodeUnprepareResourcesResponse",
       "claims=1 map string->NodeUnprepareResourceResponse"},
      {package + ".NodeUnprepareResourceResponse", "error=1 string"},
      {package + ".Claim", "namespace=1 string, uid=2 string, name=3 string"},
  };
}

TEST(Wire, DraV1HasShareIds) {
  EXPECT_EQ(wire<k8s::io::kubelet::pkg::apis::dra::v1::Claim>(),
            dra("v1",
                "request_names=1 repeated string, pool_name=2 string, device_name=3 string, "
                "cdi_device_ids=4 repeated string, share_id=5 optional string"));
}

TEST(Wire, DraV1beta1HasNoShareIds) {
  EXPECT_EQ(wire<k8s::io::kubelet::pkg::apis::dra::v1beta1::Claim>(),
            dra("v1beta1",
                "request_names=1 repeated string, pool_name=2 string, device_name=3 string, "
                "cdi_device_ids=4 repeated string"));
}

Table health(const std::string& package) {
  return {
      {"/" + package + ".DRAResourceHealth/NodeWatchResources",
       "NodeWatchResourcesRequest -> stream NodeWatchResourcesResponse"},
      {package + ".HealthStatus", "UNKNOWN=0, HEALTHY=1, UNHEALTHY=2"},
      {package + ".NodeWatchResourcesRequest", ""},
      {package + ".NodeWatchResourcesResponse", "devices=1 repeated DeviceHealth"},
      {package + ".DeviceIdentifier", "pool_name=1 string, device_name=2 string"},
      {package + ".DeviceHealth",
       "device=1 DeviceIdentifier, health=2 HealthStatus, last_updated_time=3 int64, "
       "health_check_timeout_seconds=4 int64, message=5 string"},
  };
}

TEST(Wire, DraHealthIsTheSameInBothVersions) {
  EXPECT_EQ(wire<v1::DeviceHealth>(), health("v1"));
  EXPECT_EQ(wire<v1alpha1::DeviceHealth>(), health("v1alpha1"));
}

}  // namespace
}  // namespace sluice
