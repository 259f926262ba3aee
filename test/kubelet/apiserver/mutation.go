package main

import (
	"context"
	"path/filepath"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// A MutatingAdmissionPolicy, whose mutations are apply configurations.
type mutation struct {
	matcher  matchconditions.Matcher
	patchers []patch.Patcher
}

// loadMutation compiles a policy as the API server does (compilePolicy of k8s.io/apiserver/pkg/admission/plugin/policy/mutating).
func loadMutation(path string) mutation {
	var loaded admissionv1.MutatingAdmissionPolicy
	must(yaml.UnmarshalStrict(documentsOf(filepath.Join(repo, path))[0], &loaded))
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	must(err)
	options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	var conditions []cel.ExpressionAccessor
	for i := range loaded.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&loaded.Spec.MatchConditions[i]))
	}
	m := mutation{matcher: matchconditions.NewMatcher(compiler.CompileCondition(conditions, options, environment.NewExpressions),
		loaded.Spec.FailurePolicy, "policy", "validate", loaded.Name)}
	options.HasPatchTypes = true
	for _, each := range loaded.Spec.Mutations {
		compiled := compiler.CompileMutatingEvaluator(&patch.ApplyConfigurationCondition{Expression: each.ApplyConfiguration.Expression},
			options, environment.NewExpressions)
		m.patchers = append(m.patchers, patch.NewApplyConfigurationPatcher(compiled))
	}
	return m
}

// becomes has what is stored of a pod that is created.
func (m mutation) becomes(pod *corev1.Pod) (*corev1.Pod, error) {
	kind := corev1.SchemeGroupVersion.WithKind("Pod")
	pod.GetObjectKind().SetGroupVersionKind(kind)
	resource := corev1.SchemeGroupVersion.WithResource("pods")
	attributes := admission.NewAttributesRecord(pod, nil, kind, pod.Namespace, pod.Name, resource, "", admission.Create,
		&metav1.CreateOptions{}, false, &user.DefaultInfo{Name: "anyone"})
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind,
		VersionedObject: admission.NewLazyObject(pod), VersionedOldObject: admission.NewLazyObject(nil)}
	match := m.matcher.Match(context.Background(), versioned, nil, nil)
	if match.Error != nil || !match.Matches {
		return pod, match.Error
	}
	for _, patcher := range m.patchers {
		patched, err := patcher.Patch(context.Background(), patch.Request{MatchedResource: resource, VersionedAttributes: versioned,
			TypeConverter: applyconfigurations.NewTypeConverter(scheme.Scheme)}, celconfig.RuntimeCELCostBudget)
		if err != nil {
			return nil, err
		}
		pod = &corev1.Pod{}
		must(runtime.DefaultUnstructuredConverter.FromUnstructured(patched.(*unstructured.Unstructured).Object, pod))
		versioned.VersionedObject = admission.NewLazyObject(pod)
	}
	return pod, nil
}
