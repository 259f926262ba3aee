//go:build kubernetes1.36

package main

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/kubelet/cm/devicemanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/dra"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
)

// Whether two instances of a plugin may serve one resource at the same time.
const instancesOverlap = false

// Whether a pod that ends twice leaves a claim alone that has got the name of its own; else the kubelet unprepares that one.
const sparesOthersClaims = false

func newManager(klog.Logger) (*devicemanager.ManagerImpl, error) {
	return devicemanager.NewManagerImpl(nil, topologymanager.NewFakeManager())
}

func allocate(manager *devicemanager.ManagerImpl, pod *v1.Pod, container *v1.Container) error {
	return manager.Allocate(pod, container)
}

func capacity(manager *devicemanager.ManagerImpl) (v1.ResourceList, v1.ResourceList) {
	capacity, allocatable, _ := manager.GetCapacity()
	return capacity, allocatable
}

func updateHealth(manager *dra.Manager, pod *v1.Pod, status *v1.PodStatus) {
	manager.UpdateAllocatedResourcesStatus(pod, status)
}
