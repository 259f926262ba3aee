package main

import (
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
)

const placementKey = "sluice.dev/placement"

// judgePlacements shows that the placement of a pod comes from the scheduler's binding alone, and stays as it is.
func judgePlacements() {
	const scheduler = "system:serviceaccount:sluice-system:sluice-scheduler"
	const (
		othersBinding = "only sluice-scheduler may bind a pod with the annotation sluice.dev/placement, not "
		setOtherwise  = "the annotation sluice.dev/placement comes with the pod's binding by sluice-scheduler, and stays as it is"
	)
	kind := core.SchemeGroupVersion.WithKind("")
	placements := loadPolicy("deploy/scheduler/placement-policy.yaml")
	with := func(placement string) meta.ObjectMeta {
		return meta.ObjectMeta{Name: "trainer", Annotations: map[string]string{"rdma_interfaces_required": "[{}]", placementKey: placement}}
	}
	placed := func(placement string) *core.Pod { return &core.Pod{ObjectMeta: with(placement)} }
	plain := &core.Pod{ObjectMeta: meta.ObjectMeta{Name: "trainer"}}
	binding := &core.Binding{ObjectMeta: with("here")}
	for _, c := range []struct {
		name        string
		resource    string
		subresource string
		object, old runtime.Object
		by          string
		want        string
	}{
		{"the scheduler binds a pod with its placement", "pods", "binding", binding, nil, scheduler, ""},
		{"by the older way, too", "bindings", "", binding, nil, scheduler, ""},
		{"others do not", "pods", "binding", binding, nil, "system:kube-scheduler", othersBinding + "system:kube-scheduler"},
		{"by the older way neither", "bindings", "", binding, nil, "admin", othersBinding + "admin"},
		{"others bind pods without one", "pods", "binding", &core.Binding{}, nil, "system:kube-scheduler", ""},
		{"no pod is made with a placement", "pods", "", placed("here"), nil, "admin", setOtherwise},
		{"not by the scheduler either", "pods", "", placed("here"), nil, scheduler, setOtherwise},
		{"pods without one are made", "pods", "", plain, nil, "admin", ""},
		{"a placement is not added later", "pods", "", placed("here"), plain, "admin", setOtherwise},
		{"not with a pod's status", "pods", "status", placed("here"), plain, "system:node:a", setOtherwise},
		{"it is not changed", "pods", "", placed("there"), placed("here"), scheduler, setOtherwise},
		{"and not removed", "pods", "", plain, placed("here"), "admin", setOtherwise},
		{"a pod that has one can be changed otherwise", "pods", "status", placed("here"), placed("here"), "system:node:a", ""},
	} {
		request := request{of: &kind, resource: c.resource, subresource: c.subresource, object: c.object, old: c.old,
			by: &user.DefaultInfo{Name: c.by}}
		check("placements: "+c.name, difference(c.want, placements.refusal(request)))
	}
}
