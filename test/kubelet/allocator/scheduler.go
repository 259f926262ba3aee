package main

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	resourceapi "k8s.io/api/resource/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/dynamic-resource-allocation/cel"
	"k8s.io/dynamic-resource-allocation/structured"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1 "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
)

const (
	domain    = "sluice.dev"
	className = "lane.sluice.dev"
	bandwidth = resourceapi.QualifiedName("bandwidth")
	vfs       = resourceapi.QualifiedName("vfs")
)

// What a scheduler of that release has on by default, as far as slices and claims of this test make use of it.
var (
	features = structured.Features{ConsumableCapacity: true, DeviceTaints: true, PrioritizedList: true}
	compiled = cel.NewCache(20, cel.Features{EnableConsumableCapacity: true})
	theNode  = &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
)

// classes has the DeviceClass that deploy/claims brings.
type classes struct{}

func (classes) Get(name string) (*resourceapi.DeviceClass, error) {
	if name != className {
		return nil, errors.New("no such class")
	}
	expression := fmt.Sprintf("device.driver == %q", domain)
	return &resourceapi.DeviceClass{ObjectMeta: metav1.ObjectMeta{Name: className}, Spec: resourceapi.DeviceClassSpec{
		Selectors: []resourceapi.DeviceSelector{{CEL: &resourceapi.CELDeviceSelector{Expression: expression}}}}}, nil
}

func (c classes) List() ([]*resourceapi.DeviceClass, error) {
	class, err := c.Get(className)
	return []*resourceapi.DeviceClass{class}, err
}

// The scheduler's books of one node.
type scheduler struct {
	slices []*resourceapi.ResourceSlice
	state  structured.AllocatedState
}

func newScheduler(slices []resourceapi.ResourceSlice) *scheduler {
	s := &scheduler{state: structured.AllocatedState{
		AllocatedDevices:         sets.New[structured.DeviceID](),
		AllocatedSharedDeviceIDs: sets.New[structured.SharedDeviceID](),
		AggregatedCapacity:       structured.NewConsumedCapacityCollection(),
	}}
	for i := range slices {
		s.slices = append(s.slices, &slices[i])
	}
	return s
}

// allocate gives nil where the claim does not fit.
func (s *scheduler) allocate(claim *resourceapi.ResourceClaim) (*resourceapi.AllocationResult, error) {
	allocator, err := structured.NewAllocator(context.Background(), features, s.state, classes{}, s.slices, compiled)
	if err != nil {
		return nil, err
	}
	results, err := allocator.Allocate(context.Background(), theNode, []*resourceapi.ResourceClaim{claim})
	if errors.Is(err, structured.ErrFailedAllocationOnNode) || len(results) == 0 {
		return nil, nil
	}
	return &results[0], err
}

func (s *scheduler) add(allocation *resourceapi.AllocationResult) {
	for _, result := range allocation.Devices.Results {
		id := structured.MakeDeviceID(result.Driver, result.Pool, result.Device)
		s.state.AllocatedSharedDeviceIDs.Insert(structured.MakeSharedDeviceID(id, result.ShareID))
		s.state.AggregatedCapacity.Insert(structured.NewDeviceConsumedCapacity(id, result.ConsumedCapacity))
	}
}

func (s *scheduler) remove(allocation *resourceapi.AllocationResult) {
	for _, result := range allocation.Devices.Results {
		id := structured.MakeDeviceID(result.Driver, result.Pool, result.Device)
		s.state.AllocatedSharedDeviceIDs.Delete(structured.MakeSharedDeviceID(id, result.ShareID))
		s.state.AggregatedCapacity.Remove(structured.NewDeviceConsumedCapacity(id, result.ConsumedCapacity))
	}
}

func (s *scheduler) devices() []resourceapi.Device {
	var all []resourceapi.Device
	for _, slice := range s.slices {
		all = append(all, slice.Spec.Devices...)
	}
	return all
}

// left is what the device's capacities have that no claim has consumed.
func (s *scheduler) left(device *resourceapi.Device) left {
	consumed := s.state.AggregatedCapacity[structured.MakeDeviceID(domain, theNode.Name, device.Name)]
	of := func(name resourceapi.QualifiedName) int64 {
		value := device.Capacity[name].Value
		if taken := consumed[name]; taken != nil {
			value.Sub(*taken)
		}
		return value.Value()
	}
	return left{Bandwidth: of(bandwidth), Vfs: of(vfs)}
}

// invalid says what the API server would refuse the slice for.
func invalid(slice *resourceapi.ResourceSlice) error {
	internal := &resource.ResourceSlice{}
	if err := resourcev1.Convert_v1_ResourceSlice_To_resource_ResourceSlice(slice, internal, nil); err != nil {
		return err
	}
	return validation.ValidateResourceSlice(internal).ToAggregate()
}
