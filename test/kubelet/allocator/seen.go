package main

import resourceapi "k8s.io/api/resource/v1"

// How often what came up, so that a test of nothing is seen.
type seen struct {
	allocations, several, shared, floorless, rounded, defaulted, matched, distinct, alternatives int
	refusals, impossible, outOfVfs, releases, besideClasses                                      int
}

type count struct {
	what  string
	count *int
}

func (s *seen) counts() []count {
	return []count{
		{"allocations", &s.allocations},
		{"claims of several lanes", &s.several},
		{"lanes of one claim on one port", &s.shared},
		{"lanes on ports without floors", &s.floorless},
		{"amounts rounded up", &s.rounded},
		{"lanes of the default amount", &s.defaulted},
		{"lanes that had to be on one port", &s.matched},
		{"lanes that had to be on different ports", &s.distinct},
		{"requests with alternatives", &s.alternatives},
		{"refusals", &s.refusals},
		{"claims that fit no port whatever is left", &s.impossible},
		{"VFs used up before bandwidth", &s.outOfVfs},
		{"releases", &s.releases},
		{"ports that a class has VFs of", &s.besideClasses},
	}
}

func (s *seen) add(other *seen) {
	for i, each := range other.counts() {
		*s.counts()[i].count += *each.count
	}
}

func (s *seen) allocated(spec *resourceapi.ResourceClaimSpec, allocation *resourceapi.AllocationResult) {
	s.allocations++
	results := allocation.Devices.Results
	if len(results) > 1 {
		s.several++
	}
	for _, constraint := range spec.Devices.Constraints {
		if len(results) < 2 {
			continue
		}
		if constraint.MatchAttribute != nil {
			s.matched++
		} else {
			s.distinct++
		}
	}
	on := map[string]bool{}
	for _, result := range results {
		if on[result.Device] {
			s.shared++
		}
		on[result.Device] = true
		if _, keepsFloors := result.ConsumedCapacity[bandwidth]; !keepsFloors {
			s.floorless++
		}
	}
	for _, request := range spec.Devices.Requests {
		s.asked(request, results)
	}
}

func (s *seen) asked(request resourceapi.DeviceRequest, results []resourceapi.DeviceRequestAllocationResult) {
	if request.Exactly == nil {
		s.alternatives++
		return
	}
	for _, result := range results {
		consumed, keepsFloors := result.ConsumedCapacity[bandwidth]
		if result.Request != request.Name || !keepsFloors {
			continue
		}
		if request.Exactly.Capacity == nil {
			s.defaulted++
		} else if amount, asked := request.Exactly.Capacity.Requests[bandwidth]; asked && consumed.Cmp(amount) > 0 {
			s.rounded++
		}
	}
}
