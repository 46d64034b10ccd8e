// The published client against a running conntraild: CONNTRAIL_READY names its ready file. Every
// operation that the client has for connections, application keys, restriction policies and audit
// events, with all of its credential variants. A response that does not fit the client's models is
// kept by it as "unparsed"; none may be.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import pkg from "@datadog/datadog-api-client";

const { client, v2 } = pkg;
const ready = JSON.parse(readFileSync(process.env.CONNTRAIL_READY, "utf8"));

function configurationFor(applicationKey) {
  const [protocol, name] = ready.url.split("://");
  const configuration = client.createConfiguration({
    serverIndex: 1,
    authMethods: { apiKeyAuth: ready.api_key, appKeyAuth: applicationKey },
  });
  configuration.setServerVariables({ protocol, name });
  return configuration;
}
const configuration = configurationFor(ready.application_key);
const connections = new v2.ActionConnectionApi(configuration);
const policies = new v2.RestrictionPoliciesApi(configuration);
const audit = new v2.AuditApi(configuration);

function assertParsed(value, where = "answer") {
  if (value === null || typeof value !== "object" || value instanceof Date) return;
  assert.notEqual(value.unparsedObject !== undefined && value.constructor?.name !== "Object", true,
    `${where} does not fit the client's model: ${JSON.stringify(value.unparsedObject)}`);
  assert.ok(!value._unparsed, `${where} does not fit the client's model: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${where}.${key}`);
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("should have been refused");
}

// integration type, credentials type, fields that are echoed, fields that are secret, own fields
const variants = [
  ["AWS", "AWSAssumeRole", { accountId: "123456789123", role: "MyRole" }, []],
  ["Anthropic", "AnthropicAPIKey", {}, ["apiToken"]],
  ["Asana", "AsanaAccessToken", {}, ["accessToken"]],
  ["Azure", "AzureTenant", { tenantId: "t", appClientId: "c", customScopes: "s" }, ["clientSecret"]],
  ["CircleCI", "CircleCIAPIKey", {}, ["apiToken"]],
  ["Clickup", "ClickupAPIKey", {}, ["apiToken"]],
  ["Cloudflare", "CloudflareAPIToken", {}, ["apiToken"]],
  ["Cloudflare", "CloudflareGlobalAPIToken", { authEmail: "a@example.com" }, ["globalApiKey"]],
  ["ConfigCat", "ConfigCatSDKKey", { apiUsername: "u" }, ["apiPassword", "sdkKey"]],
  ["Datadog", "DatadogAPIKey", { datacenter: "us1", subdomain: "sub" }, ["apiKey", "appKey"]],
  ["Fastly", "FastlyAPIKey", {}, ["apiKey"]],
  ["Freshservice", "FreshserviceAPIKey", { domain: "d" }, ["apiKey"]],
  ["GCP", "GCPServiceAccount", { serviceAccountEmail: "x@example.com" }, ["privateKey"]],
  ["Gemini", "GeminiAPIKey", {}, ["apiKey"]],
  ["Gitlab", "GitlabAPIKey", {}, ["apiToken"]],
  ["GreyNoise", "GreyNoiseAPIKey", {}, ["apiKey"]],
  ["LaunchDarkly", "LaunchDarklyAPIKey", {}, ["apiToken"]],
  ["Notion", "NotionAPIKey", {}, ["apiToken"]],
  ["Okta", "OktaAPIToken", { domain: "d" }, ["apiToken"]],
  ["OpenAI", "OpenAIAPIKey", {}, ["apiToken"]],
  ["ServiceNow", "ServiceNowBasicAuth", { instance: "i", username: "u" }, ["password"]],
  ["Split", "SplitAPIKey", {}, ["apiKey"]],
  ["Statsig", "StatsigAPIKey", {}, ["apiKey"]],
  ["VirusTotal", "VirusTotalAPIKey", {}, ["apiKey"]],
];

const newConnection = (name, integration, more = {}) => ({
  body: { data: { type: "action_connection", attributes: { name, integration, ...more } } },
});

test("an application key is registered, listed and unregistered", async () => {
  const appKeyId = ready.application_key_id;
  const registered = await connections.registerAppKey({ appKeyId });
  assertParsed(registered);
  assert.equal(registered.data.id, appKeyId);
  assert.equal((await connections.getAppKeyRegistration({ appKeyId })).data.type, "app_key_registration");
  const all = await connections.listAppKeyRegistrations({ pageSize: 10, pageNumber: 0 });
  assert.ok(all.data.some((key) => key.id === appKeyId));
  assert.equal(all.meta.total, all.data.length);
  await connections.unregisterAppKey({ appKeyId });
  const gone = await refusal(connections.getAppKeyRegistration({ appKeyId }));
  assert.equal(gone.code, 404);
  assert.equal(gone.body.errors[0].detail, "app key not found");
  const unregistered = await refusal(connections.getActionConnection({ connectionId: appKeyId }));
  assert.equal(unregistered.code, 403, "an unregistered key does not work with connections");
  await connections.registerAppKey({ appKeyId });
  const wrong = await refusal(connections.getAppKeyRegistration({ appKeyId: "not-a-uuid" }));
  assert.equal(wrong.code, 400);
});

for (const [type, credentialsType, fields, secrets] of variants) {
  test(`${type} ${credentialsType} is created, read, updated and deleted`, async () => {
    const secretFields = Object.fromEntries(secrets.map((name) => [name, `made-up ${name}`]));
    const integration = { type, credentials: { type: credentialsType, ...fields, ...secretFields } };
    const created = await connections.createActionConnection(
      newConnection(`${type} connection`, integration, { tags: ["team:payments"] }));
    assertParsed(created);
    const id = created.data.id;
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

    const check = (answer, name) => {
      assertParsed(answer);
      const { attributes } = answer.data;
      assert.equal(attributes.name, name);
      assert.equal(attributes.integration.type, type);
      assert.equal(attributes.integration.credentials.type, credentialsType);
      for (const [field, value] of Object.entries(fields)) {
        assert.equal(attributes.integration.credentials[field], value);
      }
      for (const field of secrets) assert.equal(attributes.integration.credentials[field], "");
    };
    check(created, `${type} connection`);
    const read = await connections.getActionConnection({ connectionId: id });
    check(read, `${type} connection`);
    if (type === "AWS") {
      assert.match(read.data.attributes.integration.credentials.externalId, /^[0-9a-f]{32}$/);
      assert.match(read.data.attributes.integration.credentials.principalId, /^\d{12}$/);
    }
    const updated = await connections.updateActionConnection({
      connectionId: id,
      body: { data: { type: "action_connection", attributes: { name: "renamed", integration } } },
    });
    check(updated, "renamed");
    await connections.deleteActionConnection({ connectionId: id });
    assert.equal((await refusal(connections.getActionConnection({ connectionId: id }))).code, 404);
  });
}

test("HTTP token auth merges its lists by name", async () => {
  const created = await connections.createActionConnection(newConnection("http", {
    type: "HTTP",
    baseUrl: "https://api.example.com",
    credentials: {
      type: "HTTPTokenAuth",
      tokens: [{ name: "token1", type: "SECRET", value: "made up" }],
      headers: [{ name: "header-name", value: "{{ token1 }}" }],
      urlParameters: [{ name: "param1", value: "{{ token1 }}" }],
      body: { contentType: "application/json", content: "{}" },
    },
  }));
  assertParsed(created);
  const credentials = created.data.attributes.integration.credentials;
  assert.deepEqual(credentials.tokens.map((t) => [t.name, t.type, t.value]), [["token1", "SECRET", ""]]);
  assert.equal(credentials.headers[0].value, "{{ token1 }}");
  const updated = await connections.updateActionConnection({
    connectionId: created.data.id,
    body: {
      data: {
        type: "action_connection",
        attributes: {
          integration: {
            type: "HTTP",
            credentials: {
              type: "HTTPTokenAuth",
              tokens: [{ name: "token1", type: "SECRET", value: "", deleted: true },
                { name: "token2", type: "SECRET", value: "made up too" }],
              headers: [{ name: "second", value: "2" }],
            },
          },
        },
      },
    },
  });
  assertParsed(updated);
  const after = updated.data.attributes.integration;
  assert.equal(after.baseUrl, "https://api.example.com");
  assert.deepEqual(after.credentials.tokens.map((t) => t.name), ["token2"]);
  assert.deepEqual(after.credentials.headers.map((h) => h.name).sort(), ["header-name", "second"]);
  assert.equal(after.credentials.urlParameters.length, 1);
  await connections.deleteActionConnection({ connectionId: created.data.id });
});

test("bad requests are told in the dialect of the endpoint", async () => {
  const bad = await refusal(connections.createActionConnection(newConnection("x", {
    type: "AWS", credentials: { type: "AWSAssumeRole", accountId: "12", role: "r" },
  })));
  assert.equal(bad.code, 400);
  assert.match(bad.body.errors[0].detail, /value does not match regex pattern/);
  const noUuid = await refusal(connections.getActionConnection({ connectionId: "aws" }));
  assert.equal(noUuid.code, 400);
  assert.match(noUuid.body.errors[0].detail, /connectionId not a valid UUID/);
  const unknown = "11111111-1111-4111-8111-111111111111";
  const patch = await refusal(connections.updateActionConnection({
    connectionId: unknown, body: { data: { type: "action_connection", attributes: { name: "n" } } },
  }));
  assert.equal(patch.code, 404);
  const gone = await refusal(connections.deleteActionConnection({ connectionId: unknown }));
  assert.equal(gone.code, 404);
  const stranger = new v2.ActionConnectionApi(configurationFor("0".repeat(40)));
  assert.equal((await refusal(stranger.getActionConnection({ connectionId: unknown }))).code, 401);
});

test("a restriction policy is read, replaced and deleted", async () => {
  const created = await connections.createActionConnection(newConnection("shared", {
    type: "OpenAI", credentials: { type: "OpenAIAPIKey", apiToken: "made up" },
  }));
  const resourceId = `connection:${created.data.id}`;
  const before = await policies.getRestrictionPolicy({ resourceId });
  assertParsed(before);
  assert.deepEqual(before.data.attributes.bindings, []);

  const body = (bindings) => ({
    data: { type: "restriction_policy", id: resourceId, attributes: { bindings } },
  });
  const me = `user:${ready.user}`;
  const replaced = await policies.updateRestrictionPolicy({
    resourceId,
    body: body([{ relation: "editor", principals: [me] }, { relation: "viewer", principals: [`org:${ready.org}`] }]),
  });
  assertParsed(replaced);
  assert.deepEqual(
    replaced.data.attributes.bindings.map((b) => [b.relation, b.principals]).sort(),
    [["editor", [me]], ["viewer", [`org:${ready.org}`]]]);
  const lockout = await refusal(policies.updateRestrictionPolicy({
    resourceId, body: body([{ relation: "viewer", principals: [me] }]),
  }));
  assert.equal(lockout.code, 400);
  assert.equal(typeof lockout.body.errors[0], "string");
  const wrong = await refusal(policies.updateRestrictionPolicy({
    resourceId, body: body([{ relation: "editor", principals: ["foo:" + ready.user] }]),
  }));
  assert.equal(wrong.code, 400);
  assert.match(wrong.body.errors[0], /PrincipalTypeInvalidForRelation/);
  await policies.deleteRestrictionPolicy({ resourceId });
  assert.deepEqual((await policies.getRestrictionPolicy({ resourceId })).data.attributes.bindings, []);
  await connections.deleteActionConnection({ connectionId: created.data.id });
});

test("the trail tells what was done, newest first or oldest first, page by page", async () => {
  const page = await audit.searchAuditLogs({
    body: {
      filter: { query: '@evt.name:"Custom Connections" @action:created', from: "now-1h", to: "now" },
      options: { timezone: "GMT", timeOffset: 0 },
      page: { limit: 5 },
      sort: "timestamp",
    },
  });
  assertParsed(page);
  assert.equal(page.data.length, 5);
  assert.equal(page.data[0].type, "audit");
  assert.ok(page.data[0].attributes.timestamp instanceof Date);
  assert.equal(page.data[0].attributes.attributes.asset.type, "custom_connection");
  assert.equal(page.meta.status, "done");

  const seen = new Set();
  for await (const event of audit.searchAuditLogsWithPagination({
    body: {
      filter: { query: "*", from: "now-1h", to: "now" }, page: { limit: 7 }, sort: "-timestamp",
    },
  })) {
    assert.ok(!seen.has(event.id), "no event comes twice");
    seen.add(event.id);
  }
  const listed = [];
  // The client cuts times to whole seconds.
  const soon = new Date(Date.now() + 60_000);
  for await (const event of audit.listAuditLogsWithPagination({
    filterFrom: new Date(Date.now() - 3600_000), filterTo: soon, pageLimit: 100, sort: "timestamp",
  })) {
    listed.push(event.id);
  }
  assert.ok(listed.length >= seen.size, `${listed.length} listed, ${seen.size} searched: reading the trail is on the trail too`);
  for (const id of seen) assert.ok(listed.includes(id));
  const wrong = await refusal(audit.listAuditLogs({ filterQuery: "@action:(created" }));
  assert.equal(wrong.code, 400);
  assert.equal(typeof wrong.body.errors[0], "string");
});
