package main

import (
	resource "k8s.io/api/resource/v1"
	"k8s.io/apiserver/pkg/authentication/user"
)

const agent = "system:serviceaccount:sluice-system:sluiced"

// by is who asks, with a token of a pod on that node.
func by(name, node string) user.Info {
	info := &user.DefaultInfo{Name: name}
	if node != "" {
		info.Extra = map[string][]string{"authentication.kubernetes.io/node-name": {node}}
	}
	return info
}

// judgeSlices shows that agents write slices of their own nodes alone.
func judgeSlices() {
	own := loadPolicy("deploy/claims/own-slices.yaml")
	slice := func(node string) *resource.ResourceSlice {
		return &resource.ResourceSlice{Spec: resource.ResourceSliceSpec{NodeName: &node}}
	}
	const other = "the agent of node a may not write slices of node b"
	for _, c := range []struct {
		name string
		request
		want string
	}{
		{"M9: an agent makes slices of its own node", request{object: slice("a"), by: by(agent, "a")}, ""},
		{"M9: and none of others", request{object: slice("b"), by: by(agent, "a")}, other},
		{"M9: changes none", request{object: slice("b"), old: slice("b"), by: by(agent, "a")}, other},
		{"M9: and deletes none", request{old: slice("b"), by: by(agent, "a")}, other},
		{"M9: but its own", request{old: slice("a"), by: by(agent, "a")}, ""},
		{"M9: a token of no node makes none", request{object: slice("a"), by: by(agent, "")},
			"the agent's token is bound to no node; the agent of node  may not write slices of node a"},
		{"M9: others are not meant", request{object: slice("b"), by: by("admin", "")}, ""},
	} {
		c.request.resource = "resourceslices"
		check(c.name, difference(c.want, own.refusal(c.request)))
	}
}

func difference(want, got string) string {
	if want == got {
		return ""
	}
	return "want '" + want + "'\ngot  '" + got + "'"
}
