package main

import (
	"context"
	"path/filepath"
	"strings"

	"k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// What an expression may use where the oldest release that has claims, 1.34, judges it: it lets policies have what the one before had.
var oldest = version.MajorMinor(1, 33)

type policy struct{ validator validating.Validator }

// loadPolicy compiles a policy as the API server does (compilePolicy of k8s.io/apiserver/pkg/admission/plugin/policy/validating).
func loadPolicy(path string) policy {
	var loaded v1.ValidatingAdmissionPolicy
	must(yaml.UnmarshalStrict(objectsOf(filepath.Join(repo, path))[0].text, &loaded))
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(oldest))
	must(err)
	options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	for _, variable := range loaded.Spec.Variables {
		compiled := compiler.CompileAndStoreVariable(
			&validating.Variable{Name: variable.Name, Expression: variable.Expression}, options, environment.NewExpressions)
		wrong := ""
		if compiled.Error != nil {
			wrong = compiled.Error.Error()
		}
		check(path+": variable "+variable.Name+" compiles", wrong)
	}
	var validations, messages, conditions []cel.ExpressionAccessor
	for _, validation := range loaded.Spec.Validations {
		validations = append(validations, &validating.ValidationCondition{Expression: validation.Expression, Message: validation.Message})
		var message cel.ExpressionAccessor
		if validation.MessageExpression != "" {
			message = &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}
		}
		messages = append(messages, message)
	}
	for i := range loaded.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&loaded.Spec.MatchConditions[i]))
	}
	compile := func(expressions []cel.ExpressionAccessor, options cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
		return compiler.CompileCondition(expressions, options, environment.NewExpressions)
	}
	matcher := matchconditions.NewMatcher(compile(conditions, options), loaded.Spec.FailurePolicy, "policy", "validate", loaded.Name)
	return policy{validating.NewValidator(compile(validations, options), matcher, compile(nil, options),
		compile(messages, cel.OptionalVariableDeclarations{}), loaded.Spec.FailurePolicy, nil)}
}

// request is what somebody asks of the API server: without an old object to create, without a new one to delete.
type request struct {
	of          *schema.GroupVersionKind // nil: of claims and slices.
	resource    string
	subresource string
	object      runtime.Object
	old         runtime.Object
	by          user.Info
}

// refusal is empty where the request is let through. Its cost is bounded as the API server bounds it.
func (p policy) refusal(r request) string {
	operation := admission.Update
	if r.old == nil {
		operation = admission.Create
	} else if r.object == nil {
		operation = admission.Delete
	}
	kind := schema.GroupVersionKind{Group: "resource.k8s.io", Version: "v1"}
	if r.of != nil {
		kind = *r.of
	}
	resource := kind.GroupVersion().WithResource(r.resource)
	attributes := admission.NewAttributesRecord(r.object, r.old, kind, "", "x", resource, r.subresource, operation, nil, false, r.by)
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind,
		VersionedObject: admission.NewLazyObject(r.object), VersionedOldObject: admission.NewLazyObject(r.old)}
	result := p.validator.Validate(context.Background(), resource, versioned, nil, nil, celconfig.RuntimeCELCostBudget, nil)
	var refusals []string
	for _, decision := range result.Decisions {
		if decision.Evaluation == validating.EvalError {
			return "ERROR " + decision.Message
		}
		if decision.Action == validating.ActionDeny {
			refusals = append(refusals, decision.Message)
		}
	}
	return strings.Join(refusals, "; ")
}
