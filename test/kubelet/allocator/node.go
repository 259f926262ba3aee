package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"

	resourceapi "k8s.io/api/resource/v1"
)

// A node, by its line protocol.
type node struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// What the ledger has left of a device.
type left struct {
	Bandwidth int64 `json:"bandwidth"`
	Vfs       int64 `json:"vfs"`
}

type answer struct {
	Error  string                      `json:"error"`
	Slices []resourceapi.ResourceSlice `json:"slices"`
	Floors []int64                     `json:"floors"` // By result of the allocation.
	Books  map[string]left             `json:"books"`
}

func startNode() *node {
	n := &node{command: exec.Command(*claimNode)}
	n.command.Stderr = os.Stderr
	var err error
	n.in, err = n.command.StdinPipe()
	must(err)
	out, err := n.command.StdoutPipe()
	must(err)
	n.out = bufio.NewReaderSize(out, 1<<20)
	must(n.command.Start())
	return n
}

func (n *node) end() {
	n.in.Close()
	n.command.Wait()
}

func (n *node) ask(verb string, what any) (*answer, error) {
	line, err := json.Marshal(map[string]any{verb: what})
	must(err)
	_, err = n.in.Write(append(line, '\n'))
	must(err)
	line, err = n.out.ReadBytes('\n')
	must(err)
	a := &answer{}
	must(json.Unmarshal(line, a))
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a, nil
}

func (n *node) become(ports []port) (*answer, error) {
	return n.ask("node", map[string]any{"ports": ports})
}

func (n *node) prepare(claim *resourceapi.ResourceClaim) (*answer, error) {
	return n.ask("prepare", claim)
}

func (n *node) unprepare(claim *resourceapi.ResourceClaim) (*answer, error) {
	return n.ask("unprepare", claim.UID)
}
