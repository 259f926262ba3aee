package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	v1 "k8s.io/api/core/v1"
	resourceapi "k8s.io/api/resource/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	nodeName  = "n"
	nameSpace = "ml"
)

// pod makes one of three containers: "main" has all of the claims, "other" request vf1 of the first, "none" nothing.
func (c *cluster) pod(name string, claims ...string) *v1.Pod {
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: nameSpace},
		Spec: v1.PodSpec{NodeName: nodeName, Containers: []v1.Container{{Name: "main"}, {Name: "other"}, {Name: "none"}}}}
	main, other := &pod.Spec.Containers[0].Resources, &pod.Spec.Containers[1].Resources
	for i, claim := range claims {
		pod.Spec.ResourceClaims = append(pod.Spec.ResourceClaims, v1.PodResourceClaim{Name: claim, ResourceClaimName: &claim})
		main.Claims = append(main.Claims, v1.ResourceClaim{Name: claim})
		if i == 0 {
			other.Claims = append(other.Claims, v1.ResourceClaim{Name: claim, Request: "vf1"})
		}
	}
	made, err := c.CoreV1().Pods(nameSpace).Create(context.Background(), pod, metav1.CreateOptions{})
	must(err)
	return made
}

// A lane as it was allocated.
type lane struct{ request, amount string }

// claim makes one of lanes of these amounts, two at most: vf0, and vf1, of which a subrequest was chosen.
func (c *cluster) claim(name string, pods []*v1.Pod, amounts ...string) *resourceapi.ResourceClaim {
	requests := []string{"vf0", "vf1/large"}
	var lanes []lane
	for i, amount := range amounts {
		lanes = append(lanes, lane{requests[i], amount})
	}
	return c.claimOf(name, pods, lanes...)
}

// claimOf makes a claim as the scheduler leaves it: its lanes are allocated on the port, and it is reserved for the pods.
func (c *cluster) claimOf(name string, pods []*v1.Pod, lanes ...lane) *resourceapi.ResourceClaim {
	allocation := &resourceapi.AllocationResult{}
	for i, each := range lanes {
		allocation.Devices.Results = append(allocation.Devices.Results, resourceapi.DeviceRequestAllocationResult{
			Request: each.request, Driver: domain, Pool: nodeName, Device: "port-0000-3b-00-0",
			ShareID: new(types.UID(fmt.Sprintf("%s-share-%d", name, i))),
			ConsumedCapacity: map[resourceapi.QualifiedName]resource.Quantity{
				"bandwidth": resource.MustParse(each.amount), "vfs": resource.MustParse("1")}})
	}
	made, err := c.ResourceV1().ResourceClaims(nameSpace).Create(context.Background(), &resourceapi.ResourceClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: nameSpace},
		Status:     resourceapi.ResourceClaimStatus{Allocation: allocation, ReservedFor: consumers(pods)}}, metav1.CreateOptions{})
	must(err)
	return made
}

func consumers(pods []*v1.Pod) []resourceapi.ResourceClaimConsumerReference {
	var all []resourceapi.ResourceClaimConsumerReference
	for _, pod := range pods {
		all = append(all, resourceapi.ResourceClaimConsumerReference{Resource: "pods", Name: pod.Name, UID: pod.UID})
	}
	return all
}

func (c *cluster) reserve(claim *resourceapi.ResourceClaim, pods ...*v1.Pod) {
	claim.Status.ReservedFor = consumers(pods)
	changed, err := c.ResourceV1().ResourceClaims(nameSpace).UpdateStatus(context.Background(), claim, metav1.UpdateOptions{})
	must(err)
	*claim = *changed
}

func (c *cluster) removeClaim(name string) {
	must(c.ResourceV1().ResourceClaims(nameSpace).Delete(context.Background(), name, metav1.DeleteOptions{}))
}

// podWithClaim makes both, of one name.
func (c *cluster) podWithClaim(name string, amounts ...string) (*v1.Pod, *resourceapi.ResourceClaim) {
	pod := c.pod(name, name)
	return pod, c.claim(name, []*v1.Pod{pod}, amounts...)
}

// slice is the node's; nil when there is none.
func (c *cluster) slice() *resourceapi.ResourceSlice {
	name := fmt.Sprintf("00000-%s-%s", domain, nodeName)
	slice, err := c.ResourceV1().ResourceSlices().Get(context.Background(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	must(err)
	return slice
}

// fileOf is the agent's on the node of claims; nil when it is not there.
func fileOf(path string) []byte {
	text, err := os.ReadFile(filepath.Join(work, claimsNode, path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	must(err)
	return text
}

// cdiOf are the devices in the CDI file of the claim, as runtimes are asked for them.
func cdiOf(claim *resourceapi.ResourceClaim) []string {
	var spec struct {
		Kind    string
		Devices []struct{ Name string }
	}
	text := fileOf(fmt.Sprintf("cdi/%s-claim_%s.json", domain, claim.UID))
	if text == nil {
		return nil
	}
	must(json.Unmarshal(text, &spec))
	var ids []string
	for _, device := range spec.Devices {
		ids = append(ids, spec.Kind+"="+device.Name)
	}
	slices.Sort(ids)
	return ids
}

// granted are the VFs that the ledger has for the claim.
func granted(claim *resourceapi.ResourceClaim) []string {
	var all struct {
		Grants []struct {
			UID types.UID
			Vfs []struct{ Vf string }
		}
	}
	if text := fileOf("state/grants.json"); text != nil {
		must(json.Unmarshal(text, &all))
	}
	var vfs []string
	for _, grant := range all.Grants {
		for _, vf := range grant.Vfs {
			if grant.UID == claim.UID {
				vfs = append(vfs, vf.Vf)
			}
		}
	}
	return vfs
}
