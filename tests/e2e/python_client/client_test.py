"""The published Python client against a running conntraild: CONNTRAIL_READY names its ready file.

It checks types, required members and enumerations of every answer; what does not fit is an error or
an UnparsedObject, and there may be none.
"""
import datetime
import json
import os
import unittest

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.model_utils import UnparsedObject
from datadog_api_client.v2.api.action_connection_api import ActionConnectionApi
from datadog_api_client.v2.api.audit_api import AuditApi
from datadog_api_client.v2.api.restriction_policies_api import RestrictionPoliciesApi

with open(os.environ["CONNTRAIL_READY"], encoding="utf-8") as file:
    READY = json.load(file)

# integration, credentials, members that are echoed, members that are secret
VARIANTS = [
    ("AWS", "AWSAssumeRole", {"account_id": "123456789123", "role": "MyRole"}, []),
    ("Anthropic", "AnthropicAPIKey", {}, ["api_token"]),
    ("Asana", "AsanaAccessToken", {}, ["access_token"]),
    ("Azure", "AzureTenant", {"tenant_id": "t", "app_client_id": "c", "custom_scopes": "s"},
     ["client_secret"]),
    ("CircleCI", "CircleCIAPIKey", {}, ["api_token"]),
    ("Clickup", "ClickupAPIKey", {}, ["api_token"]),
    ("Cloudflare", "CloudflareAPIToken", {}, ["api_token"]),
    ("Cloudflare", "CloudflareGlobalAPIToken", {"auth_email": "a@example.com"},
     ["global_api_key"]),
    ("ConfigCat", "ConfigCatSDKKey", {"api_username": "u"}, ["api_password", "sdk_key"]),
    ("Datadog", "DatadogAPIKey", {"datacenter": "us1", "subdomain": "sub"}, ["api_key", "app_key"]),
    ("Fastly", "FastlyAPIKey", {}, ["api_key"]),
    ("Freshservice", "FreshserviceAPIKey", {"domain": "d"}, ["api_key"]),
    ("GCP", "GCPServiceAccount", {"service_account_email": "x@example.com"}, ["private_key"]),
    ("Gemini", "GeminiAPIKey", {}, ["api_key"]),
    ("Gitlab", "GitlabAPIKey", {}, ["api_token"]),
    ("GreyNoise", "GreyNoiseAPIKey", {}, ["api_key"]),
    ("HTTP", "HTTPTokenAuth", {}, []),
    ("LaunchDarkly", "LaunchDarklyAPIKey", {}, ["api_token"]),
    ("Notion", "NotionAPIKey", {}, ["api_token"]),
    ("Okta", "OktaAPIToken", {"domain": "d"}, ["api_token"]),
    ("OpenAI", "OpenAIAPIKey", {}, ["api_token"]),
    ("ServiceNow", "ServiceNowBasicAuth", {"instance": "i", "username": "u"}, ["password"]),
    ("Split", "SplitAPIKey", {}, ["api_key"]),
    ("Statsig", "StatsigAPIKey", {}, ["api_key"]),
    ("VirusTotal", "VirusTotalAPIKey", {}, ["api_key"]),
]


def assert_parsed(case, value):
    case.assertNotIsInstance(value, UnparsedObject)
    case.assertFalse(getattr(value, "_unparsed", False), value)
    if isinstance(value, (list, tuple)):
        for item in value:
            assert_parsed(case, item)
    elif hasattr(value, "_data_store"):
        for item in value._data_store.values():
            assert_parsed(case, item)


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        configuration = Configuration()
        protocol, name = READY["url"].split("://")
        configuration.server_index = 1
        configuration.server_variables.update(protocol=protocol, name=name)
        configuration.api_key.update(apiKeyAuth=READY["api_key"], appKeyAuth=READY["application_key"])
        configuration.check_input_type = True
        cls.api = ApiClient(configuration)
        cls.connections = ActionConnectionApi(cls.api)
        cls.policies = RestrictionPoliciesApi(cls.api)
        cls.audit = AuditApi(cls.api)
        cls.connections.register_app_key(app_key_id=READY["application_key_id"])

    def parsed(self, value):
        assert_parsed(self, value)
        return value

    def create(self, name, integration):
        return self.parsed(self.connections.create_action_connection(body={"data": {
            "type": "action_connection", "attributes": {"name": name, "integration": integration}}}))

    def test_every_variant_is_created_read_changed_and_deleted(self):
        for integration_type, credentials_type, echoed, secret in VARIANTS:
            with self.subTest(credentials_type):
                credentials = {"type": credentials_type, **echoed,
                               **{name: "made up" for name in secret}}
                integration = {"type": integration_type, "credentials": credentials}
                if integration_type == "HTTP":
                    integration["base_url"] = "https://api.example.com"
                    credentials["tokens"] = [{"name": "first", "type": "SECRET", "value": "made up"}]
                created = self.create(credentials_type, integration)
                identity = created.data.id
                for answer in (created, self.connections.get_action_connection(identity),
                               self.connections.update_action_connection(identity, body={
                                   "data": {"type": "action_connection",
                                            "attributes": {"name": "renamed"}}})):
                    self.parsed(answer)
                    told = answer.data.attributes.integration.credentials
                    self.assertEqual(str(told.type), credentials_type)
                    for name, value in echoed.items():
                        self.assertEqual(getattr(told, name), value)
                    for name in secret:
                        self.assertEqual(getattr(told, name), "")
                self.assertEqual(answer.data.attributes.name, "renamed")
                self.connections.delete_action_connection(identity)
                with self.assertRaises(ApiException) as gone:
                    self.connections.get_action_connection(identity)
                self.assertEqual(gone.exception.status, 404)

    def test_application_keys_are_registered_listed_and_unregistered(self):
        key = READY["application_key_id"]
        self.parsed(self.connections.register_app_key(app_key_id=key))
        self.parsed(self.connections.get_app_key_registration(app_key_id=key))
        listed = self.parsed(self.connections.list_app_key_registrations())
        self.assertIn(key, [str(one.id) for one in listed.data])
        self.connections.unregister_app_key(app_key_id=key)
        with self.assertRaises(ApiException):
            self.connections.get_app_key_registration(app_key_id=key)
        self.connections.register_app_key(app_key_id=key)

    def test_policies_are_set_read_and_deleted(self):
        identity = self.create("shared", {"type": "OpenAI", "credentials": {
            "type": "OpenAIAPIKey", "api_token": "made up"}}).data.id
        resource = "connection:" + identity
        mine = "user:" + READY["user"]
        body = {"data": {"id": resource, "type": "restriction_policy", "attributes": {"bindings": [
            {"relation": "editor", "principals": [mine]},
            {"relation": "viewer", "principals": ["org:" + READY["org"]]}]}}}
        self.parsed(self.policies.update_restriction_policy(resource, body=body))
        read = self.parsed(self.policies.get_restriction_policy(resource))
        self.assertEqual({b.relation: list(b.principals) for b in read.data.attributes.bindings},
                         {"editor": [mine], "viewer": ["org:" + READY["org"]]})
        self.policies.delete_restriction_policy(resource)
        self.assertEqual(self.policies.get_restriction_policy(resource).data.attributes.bindings, [])

    def test_audit_events_are_listed_and_searched_page_by_page(self):
        for number in range(5):
            self.create(f"audited {number}", {"type": "OpenAI", "credentials": {
                "type": "OpenAIAPIKey", "api_token": "made up"}})
        begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        listed = list(self.audit.list_audit_logs_with_pagination(
            filter_query="@action:created", filter_from=begin, page_limit=2))
        for event in listed:
            self.parsed(event)
        self.assertGreaterEqual(len(listed), 5)
        self.assertEqual(len({event.id for event in listed}), len(listed))
        found = list(self.audit.search_audit_logs_with_pagination(body={
            "filter": {"query": "@action:created", "from": "now-1h", "to": "now"},
            "page": {"limit": 2}, "sort": "-timestamp"}))
        self.assertEqual({event.id for event in found}, {event.id for event in listed})


if __name__ == "__main__":
    unittest.main()
