package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"
	plugin "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	"k8s.io/kubernetes/pkg/kubelet/cm/containermap"
	"k8s.io/kubernetes/pkg/kubelet/cm/devicemanager"
	"k8s.io/kubernetes/pkg/kubelet/pluginmanager"
)

// Where the device manager works: the place is a constant of Kubernetes.
const (
	kubeletDir    = "/var/lib/kubelet"
	registryDir   = kubeletDir + "/plugins_registry"
	devicePlugins = kubeletDir + "/device-plugins"
)

// The part of a kubelet that device plugins meet, of Kubernetes' own packages: the device manager and, where plugins_registry
// is watched, the plugin manager.
type kubelet struct {
	manager *devicemanager.ManagerImpl
	stop    context.CancelFunc
	mutex   sync.Mutex // Guards the pods.
	pods    []*v1.Pod
}

func (k *kubelet) running() []*v1.Pod {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.pods
}

// Pods are known from the first moment.
type ready struct{}

func (ready) AddSource(string) {}
func (ready) AllReady() bool   { return true }

// What it keeps over a restart is on the disk, and the pods.
func startKubelet(watchesRegistry bool, pods []*v1.Pod) *kubelet {
	must(os.MkdirAll(devicePlugins, 0o755))
	manager, err := newManager(klog.Background())
	must(err)
	k := &kubelet{manager: manager, pods: pods}
	var ctx context.Context
	ctx, k.stop = context.WithCancel(context.Background())
	must(manager.Start(klog.Background(), k.running, ready{}, containermap.NewContainerMap(),
		sets.New[string]()))
	k.servePodResources(ctx)
	if watchesRegistry {
		plugins := pluginmanager.NewPluginManager(registryDir, nil)
		plugins.AddHandler(registration.DevicePlugin, manager.GetWatcherHandler())
		go plugins.Run(ctx, ready{}, ctx.Done())
	}
	return k
}

func (k *kubelet) end() {
	k.stop()
	must(k.manager.Stop(klog.Background()))
}

// What it would write into its node's status: how many devices there are, and how many of them are healthy.
func (k *kubelet) devices(resource string) (int64, int64) {
	capacity, allocatable := capacity(k.manager)
	all, healthy := capacity[v1.ResourceName(resource)], allocatable[v1.ResourceName(resource)]
	return all.Value(), healthy.Value()
}

func (k *kubelet) has(resource string, healthy int64) func() error {
	return func() error {
		if all, now := k.devices(resource); now != healthy {
			return fmt.Errorf("%d of %d devices of %s are healthy, not %d", now, all, resource, healthy)
		}
		return nil
	}
}

// admit gives a pod one device, as at its admission.
func (k *kubelet) admit(name, resourceName string) error {
	limits := v1.ResourceList{v1.ResourceName(resourceName): resource.MustParse("1")}
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)},
		Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "main", Resources: v1.ResourceRequirements{Limits: limits}}}},
	}
	k.mutex.Lock()
	k.pods = append(k.pods, pod)
	k.mutex.Unlock()
	return allocate(k.manager, pod, &pod.Spec.Containers[0])
}

// remove ends a pod: what it held can be given again.
func (k *kubelet) remove(name string) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.pods = slices.DeleteFunc(slices.Clone(k.pods), func(pod *v1.Pod) bool { return pod.Name == name })
}

// startContainer asks, as before each start of a container, what the last pod's is started with.
func (k *kubelet) startContainer() error {
	pods := k.running()
	pod := pods[len(pods)-1]
	_, err := k.manager.GetDeviceRunContainerOptions(context.Background(), pod, &pod.Spec.Containers[0])
	return err
}

// held is the ID of the device that the pod got.
func (k *kubelet) held(pod, resource string) string {
	for id := range k.manager.GetDevices(pod, "main")[resource] {
		return id
	}
	return ""
}

// register calls Register as a plugin does, for a socket of device-plugins.
func register(resource, socket string) error {
	connection := dial(devicePlugins + "/kubelet.sock")
	defer connection.Close()
	_, err := plugin.NewRegistrationClient(connection).Register(context.Background(),
		&plugin.RegisterRequest{Version: plugin.Version, Endpoint: socket, ResourceName: resource})
	return err
}
