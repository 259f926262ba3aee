package main

import (
	"fmt"
	"slices"
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// extendedResource is a claim that the scheduler made for a container's limits. Its pod names no claim.
func (w *claimWorld) extendedResource() {
	const name, request = domain + "/lane", "container-0-request-0"
	amounts := v1.ResourceList{name: resource.MustParse("1")}
	pod := w.pod("extended")
	pod.Spec.Containers[0].Resources = v1.ResourceRequirements{Limits: amounts, Requests: amounts}
	claim := w.claimOf("extended", []*v1.Pod{pod}, lane{request, "1G"})
	pod.Status.ExtendedResourceClaimStatus = &v1.PodExtendedResourceClaimStatus{ResourceClaimName: claim.Name,
		RequestMappings: []v1.ContainerExtendedResourceRequest{{ContainerName: "main", ResourceName: name, RequestName: request}}}
	check("P12: a claim of an extended resource is prepared", w.kubelet.prepare(pod))
	check("P12: and its container gets the CDI device", w.gets(pod, "main", cdiOf(claim), 1))
	check("P12: and another container nothing", w.gets(pod, "other", nil, 0))
	check("P12: and it is unprepared", w.kubelet.unprepare(pod))
	check("P12: and nothing is left of it", isGone(claim))
}

// sameName is a claim that replaces one whose pod was deleted by force.
func (w *claimWorld) sameName() {
	old, oldClaim := w.podWithClaim("same", "1G")
	check("U9: a claim is prepared", w.kubelet.prepare(old))
	w.removeClaim("same")
	pod := w.pod("another", "same")
	claim := w.claim("same", []*v1.Pod{pod}, "2G")
	check("U9: another one of its name waits", fails(w.kubelet.prepare(pod), "old ResourceClaim with same name"))
	check("U9: until the first one is unprepared", w.kubelet.unprepare(old))
	check("U9: of which nothing is left", isGone(oldClaim))
	check("U9: then it is prepared", w.kubelet.prepare(pod))
	if sparesOthersClaims {
		check("U9: and stays when the first one's pod ends again", w.kubelet.unprepare(old))
	}
	check("U9: with its CDI device", w.gets(pod, "main", cdiOf(claim), 1))
	check("U9: and ends", w.kubelet.unprepare(pod))
	check("U9: and nothing is left of it", isGone(claim))
}

// manyAtOnce are more pods than the port has bandwidth for: of 40 Gbit/s, 10 have gone.
func (w *claimWorld) manyAtOnce() {
	const pods, fitting = 6, 2
	var all [pods]*v1.Pod
	var errors [pods]error
	for i := range all {
		all[i], _ = w.podWithClaim(fmt.Sprintf("burst-%d", i), "12G")
	}
	var group sync.WaitGroup
	for i, pod := range all {
		group.Go(func() { errors[i] = w.kubelet.prepare(pod) })
	}
	group.Wait()
	prepared, refused := 0, error(nil)
	for _, err := range errors {
		if err == nil {
			prepared++
		} else {
			refused = err
		}
	}
	check("E19: of pods that come at once those that fit are prepared", expect(prepared == fitting, "%d: %v", prepared, errors))
	check("E19: and the others refused with the numbers", fails(refused, "6 Gbit/s of 40 Gbit/s free, 12 Gbit/s asked"))
	ends := slices.ContainsFunc(all[:], func(pod *v1.Pod) bool { return w.kubelet.unprepare(pod) != nil })
	check("E19: and all can end", expect(!ends, "one cannot"))
}
