package main

import (
	"context"
	"path/filepath"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

// loadConfig as kube-scheduler does with --config.
func loadConfig(name string) (*config.KubeSchedulerConfiguration, error) {
	loaded, err := options.LoadConfigFromFile(klog.Background(), filepath.Join(repo, "deploy/scheduler", name))
	if err != nil {
		return nil, err
	}
	return loaded, validation.ValidateKubeSchedulerConfiguration(loaded)
}

// configFor is the repository's own, with the test's address and certificates.
func (w scratch) configFor(name string, s *service) *config.KubeSchedulerConfiguration {
	loaded, err := loadConfig(name)
	must(err)
	for i := range loaded.Extenders {
		extender := &loaded.Extenders[i]
		extender.URLPrefix = "https://" + s.address + "/scheduler"
		extender.TLSConfig = &config.ExtenderTLSConfig{CAFile: w.file("ca.crt"), CertFile: w.file("client.crt"),
			KeyFile: w.file("client.key"), ServerName: "sluice-scheduler.sluice-system.svc"}
	}
	return loaded
}

// startScheduler runs a whole kube-scheduler with it, as cmd/kube-scheduler does, until it is told to stop.
func startScheduler(a *api, loaded *config.KubeSchedulerConfiguration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	// The defaults of 50 requests a second would be what a benchmark measures.
	client := kubernetes.NewForConfigOrDie(&rest.Config{Host: a.url, QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
	factory := informers.NewSharedInformerFactory(client, 0)
	factory.Core().V1().Pods().Informer()
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	broadcaster.StartRecordingToSink(ctx.Done())
	running, err := scheduler.New(ctx, client, factory, nil, profile.NewRecorderFactory(broadcaster),
		scheduler.WithProfiles(loaded.Profiles...), scheduler.WithExtenders(loaded.Extenders...),
		scheduler.WithPercentageOfNodesToScore(loaded.PercentageOfNodesToScore),
		scheduler.WithPodInitialBackoffSeconds(loaded.PodInitialBackoffSeconds), scheduler.WithPodMaxBackoffSeconds(loaded.PodMaxBackoffSeconds),
		scheduler.WithPodMaxInUnschedulablePodsDuration(5*time.Second))
	must(err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	must(running.WaitForHandlersSync(ctx))
	ended := make(chan struct{})
	go func() {
		running.Run(ctx)
		close(ended)
	}()
	return func() {
		cancel()
		<-ended
		broadcaster.Shutdown()
	}
}

// lanePod is what kube-scheduler tells the extender of.
func lanePod(a *api, name string) *v1.Pod {
	decoded := &v1.Pod{}
	convert(a.pod(name), decoded)
	return decoded
}
