package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const domain = "sluice.dev"

// A node agent, `sluiced run`, of a node whose sysfs is files.
type agent struct {
	command *exec.Cmd
	config  string
}

// startAgent starts an instance, which takes over from the one that acts on the node. `options` are more of its own.
func startAgent(node, instance, config string, options ...string) *agent {
	dir := filepath.Join(work, node)
	must(os.MkdirAll(dir, 0o755))
	a := &agent{config: filepath.Join(dir, instance+".json")}
	a.configure(config)
	log, err := os.OpenFile(fmt.Sprintf("%s/sluiced-%s-%s-%s.log", results, release, node, instance),
		os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(err)
	defer log.Close()
	a.command = exec.Command(sluiced, append([]string{"run", "--take-over", "--config", a.config, "--sysfs-root", sysfs,
		"--run-dir", dir + "/run", "--state-dir", dir + "/state", "--kubelet-dir", kubeletDir, "--cdi-dir", dir + "/cdi",
		"--device-info-dir", dir + "/devinfo", "--http-port", "0", "--log-level", "debug"}, options...)...)
	a.command.Stdout, a.command.Stderr = log, log
	must(a.command.Start())
	return a
}

// hasStarted asks as the startup probe does. It can't tell instances apart that are in no containers.
func hasStarted(node string) error {
	return exec.Command(sluiced, "started", "--run-dir", filepath.Join(work, node, "run")).Run()
}

// configure swaps the file, as a ConfigMap does.
func (a *agent) configure(config string) {
	must(os.WriteFile(a.config+".new", []byte(config), 0o644))
	must(os.Rename(a.config+".new", a.config))
}

func (a *agent) end(signal syscall.Signal) {
	must(a.command.Process.Signal(signal))
	a.command.Wait()
}

// sockets are the plugin's in the directory.
func sockets(directory string) []string {
	found, err := filepath.Glob(filepath.Join(directory, domain+"_*.sock"))
	must(err)
	return found
}

func hasSockets(directory string, count int) func() error {
	return func() error {
		if now := sockets(directory); len(now) != count {
			return fmt.Errorf("%s has the sockets %s, not %d", directory, strings.Join(now, " "), count)
		}
		return nil
	}
}

func dial(socket string) *grpc.ClientConn {
	connection, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)
	return connection
}

// makeSysfs makes the files of a port and its VFs.
func makeSysfs(root string, vfs int) {
	port := "0000:3b:00.0"
	makeFunction(root, port, map[string]string{
		"device": "0x101d", "sriov_totalvfs": fmt.Sprint(vfs), "sriov_numvfs": fmt.Sprint(vfs), "sriov_vf_device": "101e",
		"sriov_offset": "16", "sriov_stride": "1", "sriov_drivers_autoprobe": "1"})
	makeLink(root, port, "eth0", map[string]string{"speed": "100000", "carrier": "1", "type": "1", "phys_port_name": "p0"})
	for i := range vfs {
		vf := fmt.Sprintf("0000:3b:02.%d", i)
		makeFunction(root, vf, map[string]string{"device": "0x101e"})
		makeLink(root, vf, fmt.Sprintf("eth0v%d", i), nil)
		write(filepath.Join(root, "bus/pci/devices", vf, fmt.Sprintf("infiniband_verbs/uverbs%d", i)),
			map[string]string{"ibdev": fmt.Sprintf("mlx5_%d", i)})
		must(os.Symlink("../"+port, filepath.Join(root, "bus/pci/devices", vf, "physfn")))
		must(os.Symlink("../"+vf, filepath.Join(root, "bus/pci/devices", port, fmt.Sprintf("virtfn%d", i))))
	}
}

func makeFunction(root, address string, files map[string]string) {
	real := filepath.Join(root, "devices/pci0000:3a", address)
	write(real, map[string]string{"vendor": "0x15b3", "class": "0x020000", "numa_node": "0"})
	write(real, files)
	write(filepath.Join(root, "bus/pci/drivers/mlx5_core"), nil)
	must(os.Symlink("../../../bus/pci/drivers/mlx5_core", filepath.Join(real, "driver")))
	must(os.MkdirAll(filepath.Join(root, "bus/pci/devices"), 0o755))
	must(os.Symlink(real, filepath.Join(root, "bus/pci/devices", address)))
}

func makeLink(root, address, name string, files map[string]string) {
	at := filepath.Join(root, "bus/pci/devices", address, "net", name)
	write(at, map[string]string{"dev_port": "0"})
	write(at, files)
	must(os.Symlink("../../../"+address, filepath.Join(at, "device")))
	must(os.MkdirAll(filepath.Join(root, "class/net"), 0o755))
	must(os.Symlink(at, filepath.Join(root, "class/net", name)))
}

func write(directory string, files map[string]string) {
	must(os.MkdirAll(directory, 0o755))
	for name, text := range files {
		must(os.WriteFile(filepath.Join(directory, name), []byte(text+"\n"), 0o644))
	}
}
