package main

import (
	"fmt"
	"maps"
	"sync/atomic"
	"time"
)

const (
	nodes          = "api/v1/nodes"
	pods           = "api/v1/pods"
	nodeLanes      = "apis/sluice.dev/v1alpha1/nodelanes"
	leases         = "apis/coordination.k8s.io/v1/leases"
	endpointSlices = "apis/discovery.k8s.io/v1/endpointslices"

	askInterfaces = "rdma_interfaces_required"
	placement     = "sluice.dev/placement"
	namespace     = "default"
)

// makeNode adds a node without ports.
func (a *api) makeNode(name string) {
	amounts := object{"cpu": "1000", "memory": "1Ti", "pods": "1000", "sluice.dev/rdma": "1000"}
	_, err := a.create(nodes, "", object{"kind": "Node", "apiVersion": "v1", "metadata": object{"name": name},
		"status": object{"capacity": amounts, "allocatable": amounts,
			"conditions": []any{object{"type": "Ready", "status": "True"}}}})
	must(err)
}

// makePorts publishes a port of each bandwidth, in Gbit/s, with 60 VFs, all for pods.
func (a *api) makePorts(node string, bandwidths ...int) {
	var ports []any
	for i, bandwidth := range bandwidths {
		rate := fmt.Sprintf("%dG", bandwidth)
		none := object{"vfs": 0, "bandwidth": "0"}
		ports = append(ports, object{"name": fmt.Sprintf("0000:3b:00.%d", i), "link": fmt.Sprintf("ens1f%d", i), "linkType": "ethernet",
			"driver": "mlx5_core", "lineRate": rate, "usable": rate, "vfs": 60, "floorEnforcement": "weight",
			"ceilingEnforcement": "hardware",
			"shares":             object{"classes": none, "claims": none, "pods": object{"vfs": 60, "bandwidth": rate}}})
	}
	_, err := a.create(nodeLanes, "", object{"kind": "NodeLanes", "apiVersion": "sluice.dev/v1alpha1", "metadata": object{"name": node},
		"status": object{"schema": 1, "domain": "sluice.dev", "ports": ports, "classes": []any{}, "held": []any{}, "summary": object{}}})
	must(err)
}

// A pod to be made: with lanes where asks is not empty.
type pod struct {
	name      string
	scheduler string // "": the default one
	asks      string // Its annotation.
	limits    object // Of its container.
	priority  int
}

func (a *api) makePod(p pod) {
	metadata := object{"name": p.name}
	if p.asks != "" {
		metadata["annotations"] = object{askInterfaces: p.asks}
	}
	if p.scheduler == "" {
		p.scheduler = "default-scheduler"
	}
	limits := object{"cpu": "10m"}
	maps.Copy(limits, p.limits)
	_, err := a.create(pods, namespace, object{"kind": "Pod", "apiVersion": "v1", "metadata": metadata,
		"spec": object{"schedulerName": p.scheduler, "priority": p.priority, "preemptionPolicy": "PreemptLowerPriority",
			"containers": []any{object{"name": "main", "image": "none", "resources": object{"limits": limits, "requests": limits}}}},
		"status": object{"phase": "Pending"}})
	must(err)
}

func (a *api) pod(name string) object {
	found, err := a.get(pods, namespace+"/"+name)
	must(err)
	return found
}

func (a *api) nodeOf(name string) string { return textOf(a.pod(name), "spec", "nodeName") }

// whyNot is what kube-scheduler says of a pod that it cannot schedule.
func (a *api) whyNot(name string) string {
	status, _ := a.pod(name)["status"].(object)
	conditions, _ := status["conditions"].([]any)
	for _, each := range conditions {
		condition := each.(object)
		if condition["type"] == "PodScheduled" && condition["status"] == "False" {
			return textOf(condition, "message")
		}
	}
	return ""
}

// bound has the pods that have a node, or those that have none.
func (a *api) bound(is bool) []object {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var found []object
	for _, each := range a.objects[pods] {
		if (textOf(each.object, "spec", "nodeName") != "") == is {
			found = append(found, each.object)
		}
	}
	return found
}

// removePods deletes all.
func (a *api) removePods() {
	for _, is := range []bool{true, false} {
		for _, each := range a.bound(is) {
			// One that was bound meanwhile is there still.
			a.remove(pods, namespace+"/"+textOf(each, "metadata", "name"))
		}
	}
}

// within says whether the condition holds soon; it is asked a hundred times a second.
func within(limit time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(limit); !holds(); {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

var lastName atomic.Int64

// newName is of no pod yet, so that what is still said of an earlier one does no harm.
func newName(what string) string { return fmt.Sprintf("%s-%d", what, lastName.Add(1)) }
