package main

import (
	"fmt"
	"math/rand/v2"

	resourceapi "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Spellings and sizes, on and beside the steps that drivers have.
var amounts = []string{"0", "1", "999", "1500m", "1k", "1M", "1500k", "10999999", "11M", "50M", "51M", "100M", "399M", "400M", "401M", "500Mi",
	"1G", "1Gi", "2.5G", "4999999999", "5G", "5000000001", "9900M", "9901M", "10G", "25G", "40G", "65534M", "65535M", "100G", "2e11", "9E"}

// amount is a quantity; half of them are parts of `whole` bit/s.
func amount(r *rand.Rand, whole int64) string {
	if r.IntN(2) == 0 {
		return amounts[r.IntN(len(amounts))]
	}
	part := whole / int64(1+r.IntN(6))
	if r.IntN(3) == 0 {
		part = max(1, part+int64(r.IntN(3))-1)
	}
	return fmt.Sprint(part)
}

// makeClaim makes a claim for a node of such ports, of one lane or several.
func makeClaim(r *rand.Rand, ports []port) *resourceapi.ResourceClaimSpec {
	spec := &resourceapi.ResourceClaimSpec{}
	total := 0
	for i := range 1 + r.IntN(3) {
		count := 1
		if r.IntN(5) == 0 {
			count += r.IntN(2)
		}
		total += count
		request := resourceapi.DeviceRequest{Name: fmt.Sprintf("vf%d", i)}
		if r.IntN(6) == 0 {
			for _, name := range []string{"large", "small"} {
				exact := makeExact(r, ports, count)
				request.FirstAvailable = append(request.FirstAvailable, resourceapi.DeviceSubRequest{Name: name,
					DeviceClassName: className, AllocationMode: exact.AllocationMode, Count: exact.Count,
					Selectors: exact.Selectors, Capacity: exact.Capacity})
			}
		} else {
			request.Exactly = makeExact(r, ports, count)
		}
		spec.Devices.Requests = append(spec.Devices.Requests, request)
	}
	// Kubernetes 1.36 knows only the last device of a request with several when it looks for different ones.
	canBeDistinct := total == len(spec.Devices.Requests)
	switch attribute := resourceapi.FullyQualifiedName(domain + "/port"); r.IntN(5) {
	case 0:
		spec.Devices.Constraints = []resourceapi.DeviceConstraint{{Requests: some(r, spec), MatchAttribute: &attribute}}
	case 1:
		if canBeDistinct {
			spec.Devices.Constraints = []resourceapi.DeviceConstraint{{Requests: some(r, spec), DistinctAttribute: &attribute}}
		}
	}
	return spec
}

// some are names of requests; none: all.
func some(r *rand.Rand, spec *resourceapi.ResourceClaimSpec) []string {
	if r.IntN(2) == 0 {
		return nil
	}
	var names []string
	for _, request := range spec.Devices.Requests[:1+r.IntN(len(spec.Devices.Requests))] {
		names = append(names, request.Name)
	}
	return names
}

func makeExact(r *rand.Rand, ports []port, count int) *resourceapi.ExactDeviceRequest {
	exact := &resourceapi.ExactDeviceRequest{DeviceClassName: className, AllocationMode: resourceapi.DeviceAllocationModeExactCount,
		Count: int64(count)}
	asked := map[resourceapi.QualifiedName]resource.Quantity{}
	if r.IntN(4) != 0 {
		asked[bandwidth] = resource.MustParse(amount(r, int64(ports[r.IntN(len(ports))].Speed)*1_000_000))
	}
	switch r.IntN(20) {
	case 0, 1, 2:
		asked[vfs] = resource.MustParse("1")
	case 3:
		asked[vfs] = resource.MustParse("2")
	}
	if len(asked) > 0 {
		exact.Capacity = &resourceapi.CapacityRequirements{Requests: asked}
	}
	if r.IntN(5) == 0 {
		expression := selectorOf(ports[r.IntN(len(ports))].Driver)
		exact.Selectors = []resourceapi.DeviceSelector{{CEL: &resourceapi.CELDeviceSelector{Expression: expression}}}
	}
	return exact
}
