package main

import (
	"context"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	podresources "k8s.io/kubelet/pkg/apis/podresources/v1"
)

const podResourcesSocket = kubeletDir + "/pod-resources/kubelet.sock"

// podResources answers List from the device manager's book. Kubernetes' own server wants managers of CPUs, memory and claims.
type podResources struct {
	podresources.UnimplementedPodResourcesListerServer
	of *kubelet
}

// servePodResources answers until the context ends.
func (k *kubelet) servePodResources(ctx context.Context) {
	must(os.MkdirAll(filepath.Dir(podResourcesSocket), 0o755))
	must(os.RemoveAll(podResourcesSocket))
	listener, err := net.Listen("unix", podResourcesSocket)
	must(err)
	// The next kubelet's socket has the same name, and may be there before this one is closed.
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	server := grpc.NewServer()
	podresources.RegisterPodResourcesListerServer(server, podResources{of: k})
	go server.Serve(listener)
	context.AfterFunc(ctx, server.Stop)
}

func (p podResources) List(context.Context, *podresources.ListPodResourcesRequest) (*podresources.ListPodResourcesResponse,
	error) {
	all := &podresources.ListPodResourcesResponse{}
	for _, pod := range p.of.running() {
		container := &podresources.ContainerResources{Name: pod.Spec.Containers[0].Name}
		for resource, devices := range p.of.manager.GetDevices(string(pod.UID), container.Name) {
			for id := range devices {
				container.Devices = append(container.Devices,
					&podresources.ContainerDevices{ResourceName: resource, DeviceIds: []string{id}})
			}
		}
		all.PodResources = append(all.PodResources, &podresources.PodResources{
			Name: pod.Name, Namespace: pod.Namespace, Containers: []*podresources.ContainerResources{container}})
	}
	return all, nil
}
