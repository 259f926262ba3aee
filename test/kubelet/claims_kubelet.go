package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"google.golang.org/grpc"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	"k8s.io/kubernetes/pkg/kubelet/cm/dra"
	"k8s.io/kubernetes/pkg/kubelet/pluginmanager"
)

// The part of a kubelet that DRA drivers meet, of Kubernetes' own packages: the DRA manager and the plugin manager.
type claimKubelet struct {
	manager *dra.Manager
	stop    context.CancelFunc
	mutex   sync.Mutex // Guards the pods.
	pods    []*v1.Pod
}

// startClaimKubelet finds drivers in `registry`. What it keeps over a restart is in `state`, and the pods.
func startClaimKubelet(c *cluster, registry, state string, pods []*v1.Pod) *claimKubelet {
	must(os.MkdirAll(registry, 0o755))
	must(os.MkdirAll(state, 0o755))
	manager, err := dra.NewManager(klog.Background(), c, state)
	must(err)
	k := &claimKubelet{manager: manager, pods: pods}
	var ctx context.Context
	ctx, k.stop = context.WithCancel(context.Background())
	getNode := func(ctx context.Context) (*v1.Node, error) {
		return c.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
	}
	must(manager.Start(ctx, k.running, getNode, ready{}))
	plugins := pluginmanager.NewPluginManager(registry, nil)
	plugins.AddHandler(registration.DRAPlugin, manager.GetWatcherHandler())
	go plugins.Run(ctx, ready{}, ctx.Done())
	return k
}

func (k *claimKubelet) end() {
	k.stop()
	k.manager.GetWatcherHandler().(interface{ Stop() }).Stop() // It would go on to connect.
}

func (k *claimKubelet) running() []*v1.Pod {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.pods
}

// prepare is what SyncPod does before the pod's sandbox is made.
func (k *claimKubelet) prepare(pod *v1.Pod) error {
	k.mutex.Lock()
	if !slices.Contains(k.pods, pod) {
		k.pods = append(slices.Clone(k.pods), pod)
	}
	k.mutex.Unlock()
	return k.manager.PrepareResources(context.Background(), pod)
}

// unprepare is what comes once the pod's containers have ended.
func (k *claimKubelet) unprepare(pod *v1.Pod) error {
	k.mutex.Lock()
	k.pods = slices.DeleteFunc(slices.Clone(k.pods), func(each *v1.Pod) bool { return each == pod })
	k.mutex.Unlock()
	return k.manager.UnprepareResources(context.Background(), pod)
}

// cdi are the CDI devices that the runtime is told to give to the container, each once.
func (k *claimKubelet) cdi(pod *v1.Pod, container string) []string {
	var ids []string
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Name != container {
			continue
		}
		info, err := k.manager.GetResources(pod, &pod.Spec.Containers[i])
		must(err)
		for _, device := range info.CDIDevices {
			ids = append(ids, device.Name)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// shares are the IDs of the shares that the pod's first container has, as PodResources tells them.
func (k *claimKubelet) shares(pod *v1.Pod) []string {
	infos, err := k.manager.GetContainerClaimInfos(pod, &pod.Spec.Containers[0])
	must(err)
	var ids []string
	for _, info := range infos {
		for _, device := range info.DriverState[domain].Devices {
			if device.ShareID != nil {
				ids = append(ids, string(*device.ShareID))
			}
		}
	}
	return ids
}

// health is what the pod's status says of its container's devices, and why.
func (k *claimKubelet) health(pod *v1.Pod) string {
	status := &v1.PodStatus{ContainerStatuses: []v1.ContainerStatus{{Name: pod.Spec.Containers[0].Name}}}
	updateHealth(k.manager, pod, status)
	var all []string
	for _, each := range status.ContainerStatuses[0].AllocatedResourcesStatus {
		for _, device := range each.Resources {
			text := string(device.Health)
			if device.Message != nil {
				text += ": " + *device.Message
			}
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

// relay is a registration of another driver's endpoint in another registry, with other services.
type relay struct {
	registration.UnimplementedRegistrationServer
	endpoint string
	services []string
}

func (r *relay) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{Type: registration.DRAPlugin, Name: domain, Endpoint: r.endpoint, SupportedVersions: r.services}, nil
}

func (r *relay) NotifyRegistrationStatus(context.Context, *registration.RegistrationStatus) (
	*registration.RegistrationStatusResponse, error) {
	return &registration.RegistrationStatusResponse{}, nil
}

// serve ends with the function that it gives.
func (r *relay) serve(registry string) func() {
	must(os.MkdirAll(registry, 0o755))
	listener, err := net.Listen("unix", filepath.Join(registry, "relay.sock"))
	must(err)
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, r)
	go server.Serve(listener)
	return server.Stop
}

// endpoint is where the agent serves claims.
func endpoint() string {
	found, err := filepath.Glob(filepath.Join(kubeletDir, "plugins", domain, "*.sock"))
	must(err)
	must(expect(len(found) == 1, "the agent serves claims on %v", found))
	return found[0]
}

// registered says how often drivers were registered for that service, and connected to since.
func registered(service string, times int) func() error {
	return func() error {
		now := said.count("Registered DRA plugin", fmt.Sprintf("chosenService=%q", service))
		return expect(now >= times, "%d of %d registrations for %s", now, times, service)
	}
}
