package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const marker = "sluice.dev/annotated"

// annotatedPod has two containers, of which the first has resources already.
func annotatedPod(annotation, value string) *corev1.Pod {
	amounts := corev1.ResourceList{"cpu": resource.MustParse("2")}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "ml", Annotations: map[string]string{annotation: value}},
		Spec: corev1.PodSpec{SchedulerName: corev1.DefaultSchedulerName, Containers: []corev1.Container{
			{Name: "main", Image: "a", Resources: corev1.ResourceRequirements{Limits: amounts, Requests: amounts}},
			{Name: "other", Image: "b"}}}}
}

// judgeByAnnotation shows which pods the two ways to the extender take.
func judgeByAnnotation() {
	own := loadMutation("deploy/scheduler/second/by-annotation.yaml")
	shared := loadMutation("deploy/scheduler/default/by-annotation.yaml")
	for _, annotation := range []string{"rdma_interfaces_required", "sluice.dev/lanes"} {
		check("a pod with "+annotation+" goes to the scheduler sluice",
			wrongPod(own, annotatedPod(annotation, "[{}]"), "sluice", ""))
		check("or is marked for the cluster's scheduler", wrongPod(shared, annotatedPod(annotation, "[{}]"), "default-scheduler", "1"))
	}
	for name, way := range map[string]mutation{"its own scheduler": own, "the cluster's": shared} {
		check("by "+name+" a pod with an empty annotation stays as it is",
			wrongPod(way, annotatedPod("sluice.dev/lanes", ""), "default-scheduler", ""))
		check("by "+name+" so does one with none", wrongPod(way, &corev1.Pod{Spec: annotatedPod("", "").Spec}, "default-scheduler", ""))
		other := annotatedPod("sluice.dev/lanes", "[{}]")
		other.Spec.SchedulerName = "another"
		check("by "+name+" so does one that names another scheduler", wrongPod(way, other, "another", ""))
		bound := annotatedPod("sluice.dev/lanes", "[{}]")
		bound.Spec.NodeName = "node-a"
		check("by "+name+" so does one that is bound", wrongPod(way, bound, "default-scheduler", ""))
	}
}

// wrongPod wants that scheduler, and so much of the marker in the first container alone ("": none).
func wrongPod(way mutation, pod *corev1.Pod, scheduler, marks string) string {
	after, err := way.becomes(pod)
	if err != nil {
		return err.Error()
	}
	marksOf := func(list corev1.ResourceList) string {
		if amount, has := list[marker]; has {
			return amount.String()
		}
		return ""
	}
	first, second := after.Spec.Containers[0], after.Spec.Containers[1]
	cpu := first.Resources.Limits["cpu"]
	if after.Spec.SchedulerName != scheduler || marksOf(first.Resources.Limits) != marks || marksOf(first.Resources.Requests) != marks ||
		marksOf(second.Resources.Limits) != "" || cpu.String() != "2" {
		return fmt.Sprintf("%+v", after.Spec)
	}
	return ""
}
