package main

import (
	"slices"

	resourceapi "k8s.io/api/resource/v1"
)

// shrink leaves steps, ports, requests and constraints out of the case as long as the node disagrees in the same way.
func shrink(c testCase, n *node, why *disagreement) (testCase, *disagreement) {
	for again := true; again; {
		again = false
		for _, smaller := range smallerOnes(c) {
			found := disagreementOf(play(smaller, n, &seen{}))
			if found != nil && found.kind == why.kind {
				c, why, again = smaller, found, true
				break
			}
		}
	}
	return c, why
}

// smallerOnes each lack one thing of the case.
func smallerOnes(c testCase) []testCase {
	var all []testCase
	for i := range c.Steps {
		without := c
		without.Steps = slices.Delete(slices.Clone(c.Steps), i, i+1)
		all = append(all, without)
	}
	for i := range c.Ports {
		without := c
		without.Ports = slices.Delete(slices.Clone(c.Ports), i, i+1)
		all = append(all, without)
	}
	for i, each := range c.Steps {
		if each.Claim == nil {
			continue
		}
		for _, claim := range smallerClaims(each.Claim) {
			with := c
			with.Steps = slices.Clone(c.Steps)
			with.Steps[i] = step{Claim: claim}
			all = append(all, with)
		}
	}
	return all
}

func smallerClaims(claim *resourceapi.ResourceClaimSpec) []*resourceapi.ResourceClaimSpec {
	var all []*resourceapi.ResourceClaimSpec
	if len(claim.Devices.Constraints) > 0 {
		without := claim.DeepCopy()
		without.Devices.Constraints = nil
		return append(all, without)
	}
	for i := range claim.Devices.Requests {
		if len(claim.Devices.Requests) > 1 {
			without := claim.DeepCopy()
			without.Devices.Requests = slices.Delete(without.Devices.Requests, i, i+1)
			all = append(all, without)
		}
	}
	return all
}
