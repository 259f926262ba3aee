//go:build !kubernetes1.36

package main

import (
	"context"

	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/kubelet/cm/devicemanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/dra"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
)

// Whether two instances of a plugin may serve one resource at the same time.
const instancesOverlap = true

// Whether a pod that ends twice leaves a claim alone that has got the name of its own; else the kubelet unprepares that one.
const sparesOthersClaims = true

func newManager(logger klog.Logger) (*devicemanager.ManagerImpl, error) {
	return devicemanager.NewManagerImpl(logger, nil, topologymanager.NewFakeManager(logger))
}

func allocate(manager *devicemanager.ManagerImpl, pod *v1.Pod, container *v1.Container) error {
	return manager.Allocate(context.Background(), pod, container, lifecycle.AddOperation)
}

func capacity(manager *devicemanager.ManagerImpl) (v1.ResourceList, v1.ResourceList) {
	capacity, allocatable, _ := manager.GetCapacity(klog.Background())
	return capacity, allocatable
}

func updateHealth(manager *dra.Manager, pod *v1.Pod, status *v1.PodStatus) {
	manager.UpdateAllocatedResourcesStatus(klog.Background(), pod, status)
}
