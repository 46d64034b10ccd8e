#!/usr/bin/env python3
"""Two orgs on one server: every endpoint, asked with the keys of one about what is the other's, tells
and changes nothing of it.

usage: tenants_test.py CONNTRAILD
"""
import http.client
import json
import pathlib
import secrets
import sys
import tempfile
import threading
import unittest
import urllib.parse
import uuid

from server import Server, connection_body

ENDPOINTS = (pathlib.Path(__file__).parent / "endpoints.txt").read_text().split("\n")[:-1]
CONNECTIONS = "/api/v2/actions/connections"
FIRST_PAGE = "/api/v2/audit/events?filter%5Bfrom%5D=0&page%5Blimit%5D=1"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Org:
    """An org, the keys of its administrator, and ids of what is its own."""

    def __init__(self, server, name):
        self.server = server
        status, answer = server.json("POST", "/api/v2/orgs", {
            "data": {"type": "orgs", "attributes": {"name": name}}})
        assert status == 201, answer
        told = answer["data"]["attributes"]
        self.keys = {"DD-API-KEY": told["api_key"], "DD-APPLICATION-KEY": told["application_key"]}
        self.ids = {"org": answer["data"]["id"], "user": told["user"], "key": told["api_key_id"],
                    "application_key": told["application_key_id"]}
        self.name = name

    def ask(self, method, path, body=None, headers=None):
        return self.server.ask(method, path, body, {**self.keys, **(headers or {})})

    def made(self, method, path, body, headers=None):
        status, _, text = self.ask(method, path, body, headers)
        assert status in (200, 201), text
        answer = json.loads(text)
        return answer.get("data", answer)

    def fill(self):
        """One of each, all with the org's name in theirs."""
        name, ids = self.name, self.ids
        ids["connection"] = self.made("POST", CONNECTIONS, connection_body(name + " connection"))["id"]
        self.made("POST", "/api/v2/restriction_policy/connection:" + ids["connection"], {
            "data": {"type": "restriction_policy", "id": "connection:" + ids["connection"],
                     "attributes": {"bindings": [{"relation": "editor",
                                                  "principals": ["user:" + ids["user"]]}]}}})
        ids["workflow"] = str(uuid.uuid4())
        self.made("PUT", "/api/v2/workflows/" + ids["workflow"], workflow(name, ids))
        ids["integration"] = self.made("POST", "/api/v2/integrations", {
            "data": {"type": "integration", "attributes": {"type": "Slack", "account": name}}})["id"]
        ids["other_key"] = self.made("POST", "/api/v2/access_keys", key(name))["id"]
        ids["origin"] = self.server.json("GET", "/api/v2/evidence", headers=self.keys)[1][
            "data"]["attributes"]["origin"]
        ids["member"] = self.made("POST", "/scim/v2/Users", user(name))["id"]
        ids["group"] = self.made("POST", "/scim/v2/Groups", group(name, ids))["id"]
        outcome = self.made("POST", "/api/v2/connection_events", [event(self)])
        assert "applied" in json.dumps(outcome), outcome
        ids["cursor"] = json.loads(self.ask("GET", FIRST_PAGE)[2])["meta"]["page"]["after"]
        trail = [item["attributes"]["attributes"] for item in
                 json.loads(self.ask("GET", "/api/v2/audit/events?filter%5Bfrom%5D=0")[2])["data"]]
        ids["event"] = next(record["uuid"] for record in trail
                            if record["conntrail"]["authority"] == "intent")
        return self

    def last_index(self):
        _, headers, _ = self.ask("GET", CONNECTIONS)
        return int(headers["X-Conntrail-Index"])


def workflow(name, ids):
    return {"data": {"type": "workflow", "attributes": {"name": name + " workflow", "steps": [
        {"step": "one", "action": "send", "connection_id": ids["connection"]}]}}}


def key(name, **more):
    return {"data": {"type": "access_keys", "attributes": {
        "kind": "application", "name": name + " key", "scopes": ["connections_read"], **more}}}


def user(name):
    return {"schemas": [USER], "userName": name + "-user", "displayName": name + " user"}


def group(name, ids):
    return {"schemas": [GROUP], "displayName": name + " group", "members": [{"value": ids["member"]}]}


def patch(*operations):
    return {"schemas": [PATCH], "Operations": list(operations)}


def event(org, of=None):
    ids = (of or org).ids
    return {"type": "connection.used", "id": str(uuid.uuid4()), "org": ids["org"],
            "authority": "observation", "actor": {"kind": "person", "principal": "user:" + ids["user"]},
            "producer": org.name + "-producer", "producer_sequence": 1,
            "action": {"connection": ids["connection"], "mode": "manual"}}


def cases(a):
    """What B asks of each endpoint, about what is A's: (path, body, statuses, says)."""
    i = a.ids
    policy = {"data": {"type": "restriction_policy", "id": "connection:" + i["connection"],
                       "attributes": {"bindings": [{"relation": "editor",
                                                    "principals": ["user:" + i["user"]]}]}}}
    edit = {"data": {"type": "action_connection", "attributes": {"name": "taken"}}}
    credential = {"data": {"type": "credential", "attributes": {"cause": "leak"}}}
    scopes = {"data": {"type": "access_keys", "attributes": {"scopes": []}}}
    rename = {"op": "replace", "path": "displayName", "value": "taken"}
    connection, access = CONNECTIONS + "/" + i["connection"], "/api/v2/access/"
    about = "filter%5Bquery%5D=" + urllib.parse.quote("@asset.id:" + i["connection"])
    window = "filter%5Bfrom%5D=0"
    search = {"filter": {"query": "*", "from": "now-1d"}, "page": {"limit": 1000}}
    registration = "/api/v2/actions/app_key_registrations/" + i["application_key"]
    policies = "/api/v2/restriction_policy/connection:" + i["connection"]
    users, groups = "/scim/v2/Users/", "/scim/v2/Groups/"
    return {
        "GET /api/v2/access/connections/{connection_id}":
            [(access + "connections/" + i["connection"], None, {404})],
        "GET /api/v2/access/principals/{principal}":
            [(access + f"principals/{who}", None, {200, 404}) for who in (
                "user:" + i["user"], "user:" + i["member"], "team:" + i["group"],
                "org:" + i["org"])],
        "GET /api/v2/access_keys": [("/api/v2/access_keys", None, {200})],
        "POST /api/v2/access_keys":
            [("/api/v2/access_keys", key("b", owner="user:" + i["user"]), {201, 404}),
             ("/api/v2/access_keys", key("b", scopes=["operator"]), {403})],
        "DELETE /api/v2/access_keys/{key_id}":
            [("/api/v2/access_keys/" + i[k], None, {404}) for k in ("key", "application_key",
                                                                  "other_key")],
        "PATCH /api/v2/access_keys/{key_id}":
            [("/api/v2/access_keys/" + i["application_key"], scopes, {404})],
        "GET /api/v2/actions/app_key_registrations":
            [("/api/v2/actions/app_key_registrations?page%5Bsize%5D=1000", None, {200})],
        "DELETE /api/v2/actions/app_key_registrations/{app_key_id}": [(registration, None, {404})],
        "GET /api/v2/actions/app_key_registrations/{app_key_id}": [(registration, None, {404})],
        "PUT /api/v2/actions/app_key_registrations/{app_key_id}": [(registration, None, {404})],
        "GET /api/v2/actions/connections":
            [(CONNECTIONS + query, None, {200, 400}) for query in (
                "", "?filter%5Bname%5D=" + a.name, "?filter%5Bdeleted%5D=true&page%5Blimit%5D=1000",
                "?filter%5Bprincipal%5D=user:" + i["user"])],
        "POST /api/v2/actions/connections": [(CONNECTIONS, connection_body("of b"), {201})],
        "DELETE /api/v2/actions/connections/{connection_id}": [(connection, None, {404})],
        "GET /api/v2/actions/connections/{connection_id}":
            [(connection, None, {404}), (connection + "?as_of=now", None, {404})],
        "PATCH /api/v2/actions/connections/{connection_id}": [(connection, edit, {404})],
        "DELETE /api/v2/actions/connections/{connection_id}/credential":
            [(connection + "/credential", None, {404})],
        "POST /api/v2/actions/connections/{connection_id}/credential":
            [(connection + "/credential", credential, {404})],
        "GET /api/v2/actions/connections/{connection_id}/history":
            [(connection + "/history", None, {200, 404})],  # at most B's own attempts
        "DELETE /api/v2/actions/connections/{connection_id}/suspension":
            [(connection + "/suspension", None, {404})],
        "PUT /api/v2/actions/connections/{connection_id}/suspension":
            [(connection + "/suspension", None, {404})],
        "GET /api/v2/audit/events":
            [(f"/api/v2/audit/events?{window}&{about}", None, {200}),
             (f"/api/v2/audit/events?{window}&page%5Blimit%5D=1000", None, {200}),
             (FIRST_PAGE + "&page%5Bcursor%5D=" + i["cursor"], None, {200, 400})],
        "GET /api/v2/audit/events/export":
            [(f"/api/v2/audit/events/export?format={form}", None, {200})
             for form in ("ndjson", "csv", "ocsf", "archive")],
        "POST /api/v2/audit/events/search": [("/api/v2/audit/events/search", search, {200})],
        "GET /api/v2/audit/records":
            [("/api/v2/audit/records?events=true&page%5Blimit%5D=1000", None, {200}),
             ("/api/v2/audit/records?filter%5Bsubject%5D=connection:" + i["connection"], None, {200}),
             ("/api/v2/audit/records?filter%5Bactor%5D=user:" + i["user"], None, {200})],
        "GET /api/v2/states/connections":
            [("/api/v2/states/connections?filter%5Bdeleted%5D=true", None, {200}),
             ("/api/v2/states/connections?filter%5Bprincipal%5D=user:" + i["user"], None, {200})],
        "GET /api/v2/states/connections/{connection_id}":
            [("/api/v2/states/connections/" + i["connection"], None, {404})],
        "GET /api/v2/audit/events/stream": [],  # a test of its own
        "POST /api/v2/connection_events":
            [("/api/v2/connection_events", [event(a)], {200})],
        "GET /api/v2/connection_events/{event_id}":
            [("/api/v2/connection_events/" + i["event"], None, {404})],
        "GET /api/v2/counts": [("/api/v2/counts", None, {200})],
        # By its own place in the log; what is not sealed yet is not there yet.
        "GET /api/v2/evidence": [("/api/v2/evidence", None, {200})],
        "GET /api/v2/evidence/consistency":
            [("/api/v2/evidence/consistency?from=1", None, {200, 404})],
        "GET /api/v2/evidence/proofs/{index}":
            [("/api/v2/evidence/proofs/0", None, {200, 404})],
        "GET /tlog/{path...}":
            [(f"/tlog/{i['origin']}/{file}", None, {404})
             for file in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1")],
        "GET /api/v2/integrations": [("/api/v2/integrations", None, {200})],
        "POST /api/v2/integrations": [("/api/v2/integrations", {
            "data": {"type": "integration", "attributes": {"type": "Slack", "account": "b"}}}, {201})],
        "DELETE /api/v2/integrations/{integration_id}":
            [("/api/v2/integrations/" + i["integration"], None, {404})],
        "POST /api/v2/orgs": [("/api/v2/orgs", {
            "data": {"type": "orgs", "attributes": {"name": "third"}}}, {403})],
        "GET /api/v2/producers": [("/api/v2/producers", None, {200})],
        "DELETE /api/v2/restriction_policy/{resource_id}": [(policies, None, {404})],
        "GET /api/v2/restriction_policy/{resource_id}": [(policies, None, {404})],
        "POST /api/v2/restriction_policy/{resource_id}": [(policies, policy, {404})],
        "GET /api/v2/workflows": [("/api/v2/workflows", None, {200})],
        "DELETE /api/v2/workflows/{workflow_id}":
            [("/api/v2/workflows/" + i["workflow"], None, {404})],
        "GET /api/v2/workflows/{workflow_id}":
            [("/api/v2/workflows/" + i["workflow"], None, {404})],
        "POST /api/v2/workflows/{workflow_id}/steps/{step}/connection":
            [(f"/api/v2/workflows/{i['workflow']}/steps/one/connection", {"data": {
                "type": "workflow_step", "attributes": {"connection_id": None}}}, {404})],
        # An id is a client's to choose; B then has a workflow of that id, and A still its own.
        "PUT /api/v2/workflows/{workflow_id}":
            [("/api/v2/workflows/" + i["workflow"], workflow("b", i), {200, 201, 404})],
        "GET /scim/v2/Groups":
            [("/scim/v2/Groups", None, {200}),
             ("/scim/v2/Groups?filter=" + urllib.parse.quote(f'members eq "{i["member"]}"'), None,
              {200})],
        "POST /scim/v2/Groups": [("/scim/v2/Groups", group("b", i), {400})],
        "DELETE /scim/v2/Groups/{id}": [(groups + i["group"], None, {404})],
        "GET /scim/v2/Groups/{id}": [(groups + i["group"], None, {404})],
        "PATCH /scim/v2/Groups/{id}": [(groups + i["group"], patch(rename), {404})],
        "PUT /scim/v2/Groups/{id}": [(groups + i["group"], group("b", i), {404})],
        "GET /scim/v2/ResourceTypes": [("/scim/v2/ResourceTypes", None, {200})],
        "GET /scim/v2/ResourceTypes/{id}": [("/scim/v2/ResourceTypes/User", None, {200})],
        "GET /scim/v2/Schemas": [("/scim/v2/Schemas", None, {200})],
        "GET /scim/v2/Schemas/{id}": [("/scim/v2/Schemas/" + USER, None, {200})],
        "GET /scim/v2/ServiceProviderConfig": [("/scim/v2/ServiceProviderConfig", None, {200})],
        "GET /scim/v2/Users":
            [("/scim/v2/Users", None, {200}),
             ("/scim/v2/Users?filter=" + urllib.parse.quote(f'userName eq "{a.name}-user"'), None,
              {200}),
             ("/scim/v2/Users?filter=" + urllib.parse.quote(f'id eq "{i["member"]}"'), None, {200})],
        # A name that A has is free in B.
        "POST /scim/v2/Users": [("/scim/v2/Users", user("b"), {201})],
        "DELETE /scim/v2/Users/{id}": [(users + i["member"], None, {404})],
        "GET /scim/v2/Users/{id}": [(users + i["member"], None, {404})],
        "PATCH /scim/v2/Users/{id}": [(users + i["member"], patch(rename), {404})],
        "PUT /scim/v2/Users/{id}": [(users + i["member"], user("b"), {404})],
    }


class TenantsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="conntrail_tenants.")
        self.addCleanup(scratch.cleanup)
        self.server = Server(PROGRAM, scratch.name).start()
        self.addCleanup(self.server.stop)
        # Nothing that B asks says this name, so that whatever says it is A's.
        self.a = Org(self.server, "acme" + secrets.token_hex(8)).fill()
        self.b = Org(self.server, "zenith").fill()

    def without_the_sent(self, path, body):
        sent = path + json.dumps(body)
        return {name: value for name, value in self.a.ids.items() if value not in sent}

    def tells_nothing(self, text, ids, what):
        sent_name = self.a.name in what
        if not sent_name:
            self.assertNotIn(self.a.name, text, what)
        for name, value in ids.items():
            self.assertNotIn(value, text, f"{what}: A's {name}")

    def state_of_a(self):
        state = {}
        for line in ENDPOINTS:
            method, path = line.split()
            if method != "GET" or "/audit/" in path or "Schema" in path:
                continue
            for asked, _, _ in cases(self.a)[line]:
                status, headers, text = self.a.ask("GET", asked)
                answer = json.loads(text)
                state[asked] = (status, headers.get("ETag"), answer.get("data", answer))
        return state

    def test_every_endpoint_has_its_case(self):
        self.assertEqual(sorted(cases(self.a)), sorted(ENDPOINTS))

    def test_the_cases_are_about_what_a_has(self):
        """Asked by A itself, what B must not be told is told: else the tests below prove nothing."""
        told = 0
        for line in ENDPOINTS:
            method, path = line.split()
            if method != "GET" or "Resource" in path or "Schema" in path or path.endswith("Config"):
                continue
            for asked, _, _ in cases(self.a)[line]:
                status, _, text = self.a.ask("GET", asked)
                self.assertEqual(status, 200, f"{asked}: {text}")
                told += self.a.name in text or any(v in text for v in self.a.ids.values())
        self.assertGreaterEqual(told, 25)

    def test_every_endpoint_tells_and_changes_nothing_of_another_org(self):
        before, index = self.state_of_a(), self.a.last_index()
        reads = [line for line in ENDPOINTS if line.startswith("GET") or line.endswith("/search")]
        writes = [line for line in ENDPOINTS if line not in reads]
        # What B has sent stands in B's own trail later on: reads come first, with all ids looked
        # for; then, after the writes, whether anything that only A knows is told.
        for line in reads + writes:
            for path, body, statuses in cases(self.a)[line]:
                status, headers, text = self.b.ask(line.split()[0], path, body)
                self.assertIn(status, statuses, f"{line} {path}: {text}")
                ids = self.without_the_sent(path, body)
                self.tells_nothing(text + str(headers), ids, f"{line} {path}")
                if line == "POST /api/v2/connection_events":
                    self.assertIn("org is not that of the key", text)
                    self.assertNotIn("applied", text)
        self.assertEqual(self.a.last_index(), index)
        self.assertEqual(self.state_of_a(), before)
        for line in reads:
            for path, body, _ in cases(self.a)[line]:
                _, _, text = self.b.ask(line.split()[0], path, body)
                self.tells_nothing(text, {}, f"afterwards {line} {path}")
        self.assertEqual(self.state_of_a(), before)

    def test_what_is_reported_about_anothers_connection_stays_in_ones_own_trail(self):
        before, index = self.state_of_a(), self.a.last_index()
        status, _, text = self.b.ask("POST", "/api/v2/connection_events",
                                     [{**event(self.b, of=self.a), "org": self.b.ids["org"],
                                       "producer_sequence": 2}])
        self.assertEqual(status, 200, text)
        self.assertEqual((self.state_of_a(), self.a.last_index()), (before, index))

    def test_keys_of_two_orgs_do_not_go_together(self):
        for api, application in ((self.a, self.b), (self.b, self.a)):
            for line in ENDPOINTS:
                method, path = line.split()
                status, _, text = self.server.ask(
                    method, path.replace("{", "").replace("}", ""), None,
                    {"DD-API-KEY": api.keys["DD-API-KEY"],
                     "DD-APPLICATION-KEY": application.keys["DD-APPLICATION-KEY"]})
                self.assertEqual(status, 401, f"{line}: {text}")

    def test_a_live_stream_is_of_ones_own_org_only(self):
        received, begun = [], threading.Event()
        connection = self.server.connect(timeout=20)
        connection.request("GET", "/api/v2/audit/events/stream", None,
                           {**self.b.keys, "Last-Event-ID": "0"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)

        def read():
            try:
                while chunk := answer.read1(65536):
                    received.append(chunk.decode())
                    begun.set()
                    if "b is done" in "".join(received[-3:]):
                        return
            except (OSError, http.client.HTTPException):
                pass
        reader = threading.Thread(target=read)
        reader.start()
        self.assertTrue(begun.wait(10))
        for i in range(20):
            self.a.made("POST", CONNECTIONS, connection_body(f"{self.a.name} {i}"))
            self.b.made("POST", CONNECTIONS, connection_body(f"zenith {i}"))
        self.b.made("POST", CONNECTIONS, connection_body("b is done"))
        reader.join(timeout=20)
        connection.close()
        text = "".join(received)
        self.assertIn("b is done", text)
        self.assertIn("zenith 19", text)
        self.tells_nothing(text, self.a.ids, "stream")

    def test_an_org_is_opened_once_and_by_operators_only(self):
        body = {"data": {"type": "orgs", "attributes": {"name": self.a.name}}}
        status, _, text = self.server.ask("POST", "/api/v2/orgs", body)
        self.assertEqual(status, 409, text)
        for wrong in ({"name": "_x"}, {"name": ""}, {}, {"name": "x", "id": "y"}):
            status, _, text = self.server.ask("POST", "/api/v2/orgs", {
                "data": {"type": "orgs", "attributes": wrong}})
            self.assertEqual(status, 400, text)
        # The operator is let into no org that they have opened.
        status, _, text = self.server.ask("GET", CONNECTIONS + "/" + self.a.ids["connection"])
        self.assertEqual(status, 404, text)
        # Keys outlive the server.
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        status, _, text = self.a.ask("GET", CONNECTIONS + "/" + self.a.ids["connection"])
        self.assertEqual(status, 200, text)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
