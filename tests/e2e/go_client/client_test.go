// The published Go client against a running conntraild, in the way of an infrastructure tool:
// create, read back, change, plan nothing, delete. CONNTRAIL_READY names the ready file.
package client

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/DataDog/datadog-api-client-go/v2/api/datadog"
	"github.com/DataDog/datadog-api-client-go/v2/api/datadogV2"
)

type readyFile struct {
	URL              string `json:"url"`
	Org              string `json:"org"`
	User             string `json:"user"`
	APIKey           string `json:"api_key"`
	ApplicationKey   string `json:"application_key"`
	ApplicationKeyID string `json:"application_key_id"`
}

func connect(t *testing.T) (context.Context, *datadog.APIClient, readyFile) {
	t.Helper()
	content, err := os.ReadFile(os.Getenv("CONNTRAIL_READY"))
	if err != nil {
		t.Fatal(err)
	}
	var ready readyFile
	if err := json.Unmarshal(content, &ready); err != nil {
		t.Fatal(err)
	}
	protocol, name, _ := strings.Cut(ready.URL, "://")
	ctx := context.WithValue(context.Background(), datadog.ContextAPIKeys, map[string]datadog.APIKey{
		"apiKeyAuth": {Key: ready.APIKey}, "appKeyAuth": {Key: ready.ApplicationKey}})
	ctx = context.WithValue(ctx, datadog.ContextServerIndex, 1)
	ctx = context.WithValue(ctx, datadog.ContextServerVariables,
		map[string]string{"protocol": protocol, "name": name})
	configuration := datadog.NewConfiguration()
	configuration.UserAgent = "terraform-provider-datadog/test (terraform 1.11.4)"
	return ctx, datadog.NewAPIClient(configuration), ready
}

// A response that does not fit the client's models is kept as "unparsed".
func parsed(t *testing.T, unparsed bool, response *http.Response, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v: %v", response, err)
	}
	if unparsed {
		t.Fatal("the answer does not fit the client's model")
	}
}

func anthropic(secret string) datadogV2.ActionConnectionIntegration {
	return datadogV2.AnthropicIntegrationAsActionConnectionIntegration(
		datadogV2.NewAnthropicIntegration(
			datadogV2.AnthropicAPIKeyAsAnthropicCredentials(datadogV2.NewAnthropicAPIKey(
				secret, datadogV2.ANTHROPICAPIKEYTYPE_ANTHROPICAPIKEY)),
			datadogV2.ANTHROPICINTEGRATIONTYPE_ANTHROPIC))
}

func TestAConnectionLivesAsAnInfrastructureToolWantsIt(t *testing.T) {
	ctx, client, ready := connect(t)
	api := datadogV2.NewActionConnectionApi(client)
	_, response, err := api.RegisterAppKey(ctx, ready.ApplicationKeyID)
	parsed(t, false, response, err)

	created, response, err := api.CreateActionConnection(ctx,
		*datadogV2.NewCreateActionConnectionRequest(*datadogV2.NewActionConnectionData(
			*datadogV2.NewActionConnectionAttributes(anthropic("made up"), "from code"),
			datadogV2.ACTIONCONNECTIONDATATYPE_ACTION_CONNECTION)))
	parsed(t, created.UnparsedObject != nil || created.Data.UnparsedObject != nil, response, err)
	id := *created.Data.Id

	read, response, err := api.GetActionConnection(ctx, id)
	parsed(t, read.UnparsedObject != nil || read.Data.UnparsedObject != nil, response, err)
	if got := read.Data.Attributes.Integration.AnthropicIntegration; got == nil ||
		got.Credentials.AnthropicAPIKey.ApiToken != "" {
		t.Fatalf("the secret is told, or the integration is another: %+v", got)
	}

	attributes := datadogV2.NewActionConnectionAttributesUpdate()
	attributes.SetName("from code, renamed")
	update := *datadogV2.NewUpdateActionConnectionRequest(*datadogV2.NewActionConnectionDataUpdate(
		*attributes, datadogV2.ACTIONCONNECTIONDATATYPE_ACTION_CONNECTION))
	updated, response, err := api.UpdateActionConnection(ctx, id, update)
	parsed(t, updated.UnparsedObject != nil || updated.Data.UnparsedObject != nil, response, err)
	if updated.Data.Attributes.Name != "from code, renamed" {
		t.Fatalf("name %q", updated.Data.Attributes.Name)
	}
	// Applied once more, nothing changes.
	again, response, err := api.UpdateActionConnection(ctx, id, update)
	parsed(t, again.Data.UnparsedObject != nil, response, err)

	policies := datadogV2.NewRestrictionPoliciesApi(client)
	resource := "connection:" + id
	bindings := []datadogV2.RestrictionPolicyBinding{
		*datadogV2.NewRestrictionPolicyBinding([]string{"user:" + ready.User}, "editor"),
		*datadogV2.NewRestrictionPolicyBinding([]string{"org:" + ready.Org}, "viewer"),
	}
	set, response, err := policies.UpdateRestrictionPolicy(ctx, resource,
		*datadogV2.NewRestrictionPolicyUpdateRequest(*datadogV2.NewRestrictionPolicy(
			*datadogV2.NewRestrictionPolicyAttributes(bindings), resource,
			datadogV2.RESTRICTIONPOLICYTYPE_RESTRICTION_POLICY)))
	parsed(t, set.UnparsedObject != nil, response, err)
	got, response, err := policies.GetRestrictionPolicy(ctx, resource)
	parsed(t, got.UnparsedObject != nil, response, err)
	if len(got.Data.Attributes.Bindings) != 2 {
		t.Fatalf("bindings %+v", got.Data.Attributes.Bindings)
	}
	if response, err := policies.DeleteRestrictionPolicy(ctx, resource); err != nil {
		t.Fatalf("%v: %v", response, err)
	}

	audit := datadogV2.NewAuditApi(client)
	events, _ := audit.ListAuditLogsWithPagination(ctx, *datadogV2.NewListAuditLogsOptionalParameters().
		WithFilterFrom(time.Now().Add(-time.Hour)).WithPageLimit(2).
		WithFilterQuery("@asset.id:"+id))
	count := 0
	for event := range events {
		parsed(t, event.Item.UnparsedObject != nil, nil, event.Error)
		count++
	}
	if count != 5 { // created, updated twice, policy set and restored
		t.Fatalf("%d events", count)
	}

	if response, err := api.DeleteActionConnection(ctx, id); err != nil {
		t.Fatalf("%v: %v", response, err)
	}
	// How a tool learns that something is to be made again.
	if _, response, err := api.GetActionConnection(ctx, id); err == nil || response.StatusCode != 404 {
		t.Fatalf("%v: %v", response, err)
	}
}
