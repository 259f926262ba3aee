package main

import (
	"fmt"
	"slices"

	resourceapi "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
)

// A lane that a claim asks for, with no port yet.
type wanted struct {
	request string // Main request, as constraints name it.
	result  string // As results name it: with the subrequest.
	ask     ask
}

type ask struct {
	amounts   map[resourceapi.QualifiedName]resource.Quantity
	selectors []resourceapi.DeviceSelector
}

// A lane on a port.
type placed struct {
	wanted
	device    *resourceapi.Device
	bandwidth *int64 // nil: the port has none to share.
}

// One of the ways in which a claim can be allocated, and what the ledger has too little of for it.
type way struct {
	lanes          []placed
	lacksBandwidth int64
	lacksVfs       int64
}

// bestWay is the one that lacks least, of all that the claim's constraints allow; nil when there is none.
func bestWay(spec *resourceapi.ResourceClaimSpec, devices []resourceapi.Device, books map[string]left) *way {
	var best *way
	for _, lanes := range alternatives(spec.Devices.Requests) {
		eachWay(lanes, nil, devices, func(lanes []placed) {
			if !meets(spec.Devices.Constraints, lanes) {
				return
			}
			w := judge(lanes, books)
			if best == nil || w.lacksVfs < best.lacksVfs ||
				w.lacksVfs == best.lacksVfs && w.lacksBandwidth < best.lacksBandwidth {
				best = w
			}
		})
	}
	return best
}

// alternatives are the lists of lanes that the requests stand for: more than one where they say firstAvailable.
func alternatives(requests []resourceapi.DeviceRequest) [][]wanted {
	all := [][]wanted{nil}
	for _, request := range requests {
		var options [][]wanted
		if exact := request.Exactly; exact != nil {
			options = append(options, lanesOf(request.Name, request.Name, exact.Count, exact.Capacity, exact.Selectors))
		}
		for _, sub := range request.FirstAvailable {
			options = append(options, lanesOf(request.Name, request.Name+"/"+sub.Name, sub.Count, sub.Capacity, sub.Selectors))
		}
		var longer [][]wanted
		for _, before := range all {
			for _, option := range options {
				longer = append(longer, append(slices.Clone(before), option...))
			}
		}
		all = longer
	}
	return all
}

func lanesOf(request, result string, count int64, capacity *resourceapi.CapacityRequirements,
	selectors []resourceapi.DeviceSelector) []wanted {
	asked := ask{selectors: selectors}
	if capacity != nil {
		asked.amounts = capacity.Requests
	}
	return slices.Repeat([]wanted{{request, result, asked}}, int(count))
}

func eachWay(rest []wanted, lanes []placed, devices []resourceapi.Device, use func([]placed)) {
	if len(rest) == 0 {
		use(lanes)
		return
	}
	for i := range devices {
		device := &devices[i]
		// One request never gets a device twice.
		taken := slices.ContainsFunc(lanes, func(lane placed) bool {
			return lane.result == rest[0].result && lane.device == device
		})
		if taken || !rest[0].ask.fits(device) {
			continue
		}
		eachWay(rest[1:], append(lanes, placed{rest[0], device, rest[0].ask.bandwidthOn(device)}), devices, use)
	}
}

// fits says whether the device has what is asked for at all, in whatever amount.
func (a ask) fits(device *resourceapi.Device) bool {
	for name := range a.amounts {
		if _, has := device.Capacity[name]; !has {
			return false
		}
	}
	if count, asked := a.amounts[vfs]; asked && count.CmpInt64(1) > 0 {
		return false // A share is a lane.
	}
	return len(a.selectors) == 0 || a.selectors[0].CEL.Expression == selectorOf(*device.Attributes["driver"].StringValue)
}

// bandwidthOn rounds as the device's policy says, but knows no maximum: the ledger is to say what is too much.
func (a ask) bandwidthOn(device *resourceapi.Device) *int64 {
	capacity, keepsFloors := device.Capacity[bandwidth]
	if !keepsFloors {
		return nil
	}
	policy := capacity.RequestPolicy
	amount, asked := a.amounts[bandwidth]
	if !asked {
		return new(policy.Default.Value())
	}
	least := policy.ValidRange.Min.Value()
	value := max(amount.Value(), least)
	if step := policy.ValidRange.Step; step != nil {
		steps := (value - least + step.Value() - 1) / step.Value()
		value = least + steps*step.Value()
	}
	return &value
}

// meets says whether the lanes are on one port, and on different ones, where they have to be.
func meets(constraints []resourceapi.DeviceConstraint, lanes []placed) bool {
	for _, constraint := range constraints {
		on := map[*resourceapi.Device]int{}
		for _, lane := range lanes {
			if len(constraint.Requests) == 0 || slices.Contains(constraint.Requests, lane.request) {
				on[lane.device]++
			}
		}
		if constraint.MatchAttribute != nil && len(on) > 1 {
			return false
		}
		for _, count := range on {
			if constraint.DistinctAttribute != nil && count > 1 {
				return false
			}
		}
	}
	return true
}

func judge(lanes []placed, books map[string]left) *way {
	w := &way{lanes: slices.Clone(lanes)}
	after := map[string]left{}
	for _, lane := range lanes {
		name := lane.device.Name
		if _, known := after[name]; !known {
			after[name] = books[name]
		}
		now := after[name]
		now.Vfs--
		if lane.bandwidth != nil {
			now.Bandwidth -= *lane.bandwidth
		}
		after[name] = now
	}
	for _, now := range after {
		w.lacksVfs += max(0, -now.Vfs)
		w.lacksBandwidth += max(0, -now.Bandwidth)
	}
	return w
}

func (w *way) allocation() *resourceapi.AllocationResult {
	allocation := &resourceapi.AllocationResult{}
	for i, lane := range w.lanes {
		consumed := map[resourceapi.QualifiedName]resource.Quantity{vfs: resource.MustParse("1")}
		if lane.bandwidth != nil {
			consumed[bandwidth] = *resource.NewQuantity(*lane.bandwidth, resource.DecimalSI)
		}
		allocation.Devices.Results = append(allocation.Devices.Results, resourceapi.DeviceRequestAllocationResult{
			Request: lane.result, Driver: domain, Pool: theNode.Name, Device: lane.device.Name,
			ShareID: new(types.UID(fmt.Sprintf("share-%d", i))), ConsumedCapacity: consumed})
	}
	return allocation
}
