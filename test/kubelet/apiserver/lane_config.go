package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	resource "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

type members map[string]any

// property is a member of docs/lane-config.schema.json.
type property struct {
	Type                        string
	Enum, Examples              []any
	Minimum, Maximum, MaxLength *int
}

type laneSchema struct {
	Properties        map[string]property
	DependentRequired map[string][]string
}

var laneConfig policy

// judgeLaneConfigs shows that the policy refuses what the schema refuses and takes what it takes, wherever a LaneConfig can stand.
func judgeLaneConfigs() {
	laneConfig = loadPolicy("deploy/claims/lane-config.yaml")
	text, err := os.ReadFile(filepath.Join(repo, "docs/lane-config.schema.json"))
	must(err)
	var schema laneSchema
	must(json.Unmarshal(text, &schema))
	for name, property := range schema.Properties {
		beside := members{}
		for _, other := range schema.DependentRequired[name] {
			beside[other] = 3
		}
		check("a LaneConfig with a good "+name+" is taken", eachIs(name, beside, property.good(), takes))
		check("E9: one with a bad "+name+" is refused, with its path", eachIs(name, beside, property.bad(), refuses))
	}
	check("E8: quantities are taken in every spelling", eachIs("ceiling", nil, []any{"0", "+25G", "1e9", "100Mi", ".5G", "0.5Ki"}, takes))
	check("E8: and refused where no VF can have them", eachIs("ceiling", nil, []any{"-1G", "fast", "3000T", 25}, refuses))
	check("N11: names of links are as the kernel has them", eachIs("interface", nil,
		[]any{"", ".", "..", "a b", "a/b", "a:b", "a\vb", "lo", "eth0", strings.Repeat("ü", 8)}, refuses))
	check("MAC addresses are those of one link", eachIs("mac", nil, []any{"01:00:00:00:00:01", "00:00:00:00:00:00"}, refuses))
	judgeTogether()
}

func judgeTogether() {
	check("a priority needs a VLAN", refuses(members{"vlanQoS": 3}, ": vlanQoS and vlanProto need"))
	check("and a VLAN that is one", refuses(members{"vlan": 0, "vlanQoS": 3}, ".vlan: 0 is no VLAN"))
	check("E9: unknown members are named", refuses(members{"max-tx-rate": 1}, ": unknown max-tx-rate"))
	check("E9: all mistakes are told at once", refuses(members{"mtu": 1, "vlan": -1, "rdma": "yes"}, ".mtu: want"))
	check("what other drivers are told is theirs", difference("", refusalOf(claim([]resource.DeviceClaimConfiguration{
		configuration("other.example.com", members{"mtu": 1})}), nil)))
	old := claim(ours(members{"mtu": 1}))
	check("what was there before can lose its finalizers", difference("", refusalOf(old.DeepCopy(), old)))
	for name, odd := range map[string]members{
		"long texts": {"ceiling": strings.Repeat("1", 9900), "interface": "a", "network": strings.Repeat("a.", 60) + "a"},
		"members":    many(900),
	} {
		var all []resource.DeviceClaimConfiguration
		for range 32 {
			all = append(all, ours(odd)...)
		}
		got := refusalOf(claim(all), nil)
		wrong := ""
		if got == "" || strings.HasPrefix(got, "ERROR") {
			wrong = "got '" + got + "'"
		}
		check("as many configurations as can be, of many "+name+", are judged within the cost that is allowed", wrong)
	}
}

func many(count int) members {
	made := members{}
	for i := range count {
		made[fmt.Sprint("k", i)] = i
	}
	return made
}

func (p property) good() []any {
	values := append(append([]any{}, p.Examples...), p.Enum...)
	for _, bound := range []*int{p.Minimum, p.Maximum} {
		if bound != nil {
			values = append(values, *bound)
		}
	}
	if p.Type == "boolean" {
		values = append(values, true, false)
	}
	return values
}

func (p property) bad() []any {
	values := []any{nil, []any{}, members{}, 1.5}
	if p.Enum != nil {
		values = append(values, "other")
	}
	if p.Maximum != nil {
		values = append(values, *p.Maximum+1, *p.Minimum-1, fmt.Sprint(*p.Minimum))
	}
	if p.MaxLength != nil {
		values = append(values, strings.Repeat("x", *p.MaxLength+1))
	}
	if p.Type == "boolean" {
		values = append(values, "yes", 1)
	}
	return values
}

// eachIs is empty where `is` holds of each value of the member, with the others beside it.
func eachIs(name string, beside members, values []any, is func(config members, path string) string) string {
	if len(values) == 0 {
		return "no value to try"
	}
	for _, value := range values {
		config := members{}
		maps.Copy(config, beside)
		config[name] = value
		if wrong := is(config, "."+name+": want "); wrong != "" {
			return fmt.Sprintf("%v: %s", value, wrong)
		}
	}
	return ""
}

func takes(config members, _ string) string {
	for _, each := range everywhere(config) {
		if got := refusalOf(each.object, nil); got != "" {
			return got
		}
	}
	return ""
}

func refuses(config members, path string) string {
	for _, each := range everywhere(config) {
		if got, want := refusalOf(each.object, nil), each.at+"[1].opaque.parameters"+path; !strings.Contains(got, want) {
			return "want '" + want + "', got '" + got + "'"
		}
	}
	return ""
}

type holder struct {
	at     string
	object runtime.Object
}

// everywhere has an object of each kind with the LaneConfig as its second configuration.
func everywhere(config members) []holder {
	all := append([]resource.DeviceClaimConfiguration{configuration("other.example.com", members{})}, ours(config)...)
	ofClass := &resource.DeviceClass{}
	for _, each := range all {
		ofClass.Spec.Config = append(ofClass.Spec.Config, resource.DeviceClassConfiguration{DeviceConfiguration: each.DeviceConfiguration})
	}
	template := &resource.ResourceClaimTemplate{Spec: resource.ResourceClaimTemplateSpec{Spec: claim(all).Spec}}
	return []holder{{"spec.config", ofClass}, {"spec.devices.config", claim(all)}, {"spec.spec.devices.config", template}}
}

func claim(configs []resource.DeviceClaimConfiguration) *resource.ResourceClaim {
	return &resource.ResourceClaim{Spec: resource.ResourceClaimSpec{Devices: resource.DeviceClaim{Config: configs}}}
}

func ours(config members) []resource.DeviceClaimConfiguration {
	whole := members{"apiVersion": "sluice.dev/v1alpha1", "kind": "LaneConfig"}
	maps.Copy(whole, config)
	return []resource.DeviceClaimConfiguration{configuration("sluice.dev", whole)}
}

func configuration(driver string, parameters members) resource.DeviceClaimConfiguration {
	text, err := json.Marshal(parameters)
	must(err)
	return resource.DeviceClaimConfiguration{DeviceConfiguration: resource.DeviceConfiguration{
		Opaque: &resource.OpaqueDeviceConfiguration{Driver: driver, Parameters: runtime.RawExtension{Raw: text}}}}
}

func refusalOf(object, old runtime.Object) string {
	plural := map[string]string{"*v1.DeviceClass": "deviceclasses", "*v1.ResourceClaim": "resourceclaims",
		"*v1.ResourceClaimTemplate": "resourceclaimtemplates"}[fmt.Sprintf("%T", object)]
	return laneConfig.refusal(request{resource: plural, object: object, old: old})
}
