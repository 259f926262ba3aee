package main

import (
	"os"
	"time"
)

// A cluster: an API server, two replicas of sluice-scheduler, and the Service that leads to the one that leads.
type setting struct {
	*api
	scratch
	service  *service
	replicas []*replica
}

// startLimit is many times what a start takes; leadLimit also covers the Lease of a leader that was killed.
const (
	startLimit = 60 * time.Second
	leadLimit  = 120 * time.Second
)

// newSetting is ready when a replica leads. populate makes what is there before.
func newSetting(w scratch, name string, populate func(a *api)) *setting {
	s := &setting{api: startAPI(), scratch: scratch(w.file(name))}
	must(os.MkdirAll(string(s.scratch), 0o755))
	s.prepare(s.api)
	populate(s.api)
	for _, each := range []string{"first", "second"} {
		s.replicas = append(s.replicas, s.newReplica(each))
	}
	s.service = startService(s.api, s.replicas...)
	for _, each := range s.replicas {
		s.start(each)
	}
	if !within(startLimit, func() bool { return s.service.leads() != nil }) {
		panic(name + ": no replica leads")
	}
	return s
}

func (s *setting) end() {
	for _, each := range s.replicas {
		each.kill()
	}
}
