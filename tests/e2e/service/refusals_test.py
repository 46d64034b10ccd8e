#!/usr/bin/env python3
"""What is refused changes nothing; what is refused past the door stands in the trail, with who asked
and why.

usage: refusals_test.py CONNTRAILD
"""
import json
import sys
import tempfile
import unittest

from server import Server, connection_body

CONNECTIONS = "/api/v2/actions/connections"
NOBODY = "00000000-0000-4000-8000-000000000000"


def edit(**attributes):
    return {"data": {"type": "action_connection", "attributes": attributes}}


def policy(connection, *bindings):
    return {"data": {"type": "restriction_policy", "id": "connection:" + connection, "attributes": {
        "bindings": [{"relation": relation, "principals": [who]} for relation, who in bindings]}}}


class RefusalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="conntrail_refusals.")
        cls.server = Server(PROGRAM, cls.scratch.name).start()
        cls.admin = "user:" + cls.server.ready["user"]
        status, made = cls.server.json("POST", "/scim/v2/Users", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob"})
        assert status == 201, made
        cls.bob = "user:" + made["id"]
        cls.requests = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.scratch.cleanup()

    def setUp(self):
        self.connection = self.made(CONNECTIONS, connection_body(self.id()))

    def made(self, path, body):
        status, answer = self.server.json("POST", path, body)
        self.assertEqual(status, 201, answer)
        return answer["data"]["id"]

    def key(self, *scopes, owner=None):
        """The header of a new application key, and its id."""
        status, answer = self.server.json("POST", "/api/v2/access_keys", {"data": {
            "type": "access_keys", "attributes": {"kind": "application", "name": "k",
                                                  "scopes": scopes, "owner": owner or self.admin}}})
        self.assertEqual(status, 201, answer)
        return {"DD-APPLICATION-KEY": answer["data"]["attributes"]["key"]}, answer["data"]["id"]

    def trail(self):
        status, answer = self.server.json(
            "GET", "/api/v2/audit/events?filter%5Bfrom%5D=now-1h&page%5Blimit%5D=1000&sort=timestamp")
        self.assertEqual(status, 200, answer)
        return [item["attributes"]["attributes"] for item in answer["data"]]

    def state(self, connection=None):
        path = f"{CONNECTIONS}/{connection or self.connection}"
        status, headers, text = self.server.ask("GET", path)
        self.assertEqual(status, 200, text)
        policies, _, bindings = self.server.ask(
            "GET", f"/api/v2/restriction_policy/connection:{connection or self.connection}")
        self.assertEqual(policies, 200, bindings)
        return headers["ETag"], json.loads(text), json.loads(bindings)

    def attempt(self, status, method, path, body=None, headers=None):
        """Refused with that status; returns the id of the request."""
        RefusalsTest.requests += 1
        request = f"refusal-{RefusalsTest.requests}"
        got, _, text = self.server.ask(method, path, body,
                                       {"X-Request-Id": request, **(headers or {})})
        self.assertEqual(got, status, f"{method} {path}: {text}")
        self.assertTrue(json.loads(text).get("errors") or json.loads(text).get("detail"), text)
        return request

    def refused(self, status, verdict, reason, method, path, body=None, headers=None, actor=None,
                key=None):
        """Refused at the fold: the state is as before, and the trail says who and why."""
        before = self.state()
        request = self.attempt(status, method, path, body, headers)
        self.assertEqual(self.state(), before)
        records = [r for r in self.trail() if r["conntrail"].get("request_id") == request]
        self.assertEqual(len(records), 1, records)
        own = records[0]["conntrail"]
        self.assertEqual((own["verdict"], own.get("reason")), (verdict, reason), own)
        self.assertEqual(records[0]["usr"]["id"], actor or self.admin)
        self.assertEqual(records[0]["metadata"]["application_key"]["id"],
                         key or self.server.ready["application_key_id"])
        self.assertEqual(records[0]["network"]["client"]["ip"], "127.0.0.1")
        return records[0]

    def turned_away(self, status, method, path, body=None, headers=None):
        """Refused at the door: the state is as before, and nothing is recorded."""
        before = self.state()
        request = self.attempt(status, method, path, body, headers)
        self.assertEqual(self.state(), before)
        self.assertEqual([r for r in self.trail() if r["conntrail"].get("request_id") == request], [])

    @property
    def path(self):
        return f"{CONNECTIONS}/{self.connection}"

    # ---- at the door

    def test_401_without_keys_with_wrong_ones_and_with_revoked_ones(self):
        mine, key = self.key("connections_write", "actions_api")
        status, _, text = self.server.ask("DELETE", f"/api/v2/access_keys/{key}")
        self.assertEqual(status, 204, text)
        for headers in (mine, {"DD-API-KEY": "0" * 32}, {"DD-APPLICATION-KEY": "0" * 40},
                        {"DD-API-KEY": ""}):
            for method in ("PATCH", "DELETE", "GET"):
                self.turned_away(401, method, self.path, edit(name="x"), headers)

    def test_403_of_a_key_that_is_not_registered(self):
        mine, _ = self.key("connections_read", "connections_write")
        self.turned_away(403, "PATCH", self.path, edit(name="x"), mine)
        self.turned_away(403, "GET", self.path, None, mine)

    def test_400_of_what_is_not_well_formed(self):
        for body in ("{", "[]", "null", edit(name=""), edit(name=7), edit(nothing=1),
                     '{"data":{},"data":{}}', edit(integration={"type": "Nothing"})):
            self.turned_away(400, "PATCH", self.path, body)
        self.turned_away(400, "PATCH", self.path, edit(name="x"), {"If-Match": "3"})
        self.turned_away(400, "PATCH", self.path, edit(name="x"), {"Idempotency-Key": "x" * 256})
        self.turned_away(400, "PATCH", CONNECTIONS + "/no-id", edit(name="x"))

    def test_404_of_what_is_no_endpoint(self):
        self.turned_away(404, "GET", "/api/v2/nothing")

    # ---- past the door

    def test_403_without_the_right(self):
        mine, key = self.key("connections_read", "actions_api")
        for method, path, body in (
                ("POST", CONNECTIONS, connection_body("x")), ("PATCH", self.path, edit(name="x")),
                ("DELETE", self.path, None), ("PUT", self.path + "/suspension", None)):
            self.refused(403, "denied", "right_required", method, path, body, mine, key=key)

    def test_403_of_keys_scopes_and_people_without_the_right_to_manage_access(self):
        mine, key = self.key("connections_write", "actions_api")
        _, other = self.key("connections_read")
        for method, path, body in (
                ("DELETE", f"/api/v2/access_keys/{other}", None),
                ("DELETE", "/scim/v2/Users/" + self.bob.removeprefix("user:"), None),
                ("PUT", f"/api/v2/actions/app_key_registrations/{other}", None)):
            self.refused(403, "denied", "right_required", method, path, body, mine, key=key)

    def test_403_of_more_rights_than_ones_own(self):
        mine, key = self.key("user_access_manage", "connections_read")
        body = {"data": {"type": "access_keys", "attributes": {
            "kind": "application", "name": "k", "scopes": ["operator"]}}}
        self.refused(403, "denied", "rights_beyond_own", "POST", "/api/v2/access_keys", body, mine, key=key)

    def test_403_of_somebody_who_may_view_only(self):
        status, _, text = self.server.ask(
            "POST", f"/api/v2/restriction_policy/connection:{self.connection}",
            policy(self.connection, ("editor", self.admin), ("viewer", self.bob)))
        self.assertEqual(status, 200, text)
        mine, key = self.key("connections_read", "connections_write", "actions_api", owner=self.bob)
        for method, path, body in (
                ("PATCH", self.path, edit(name="x")), ("DELETE", self.path, None),
                ("POST", f"/api/v2/restriction_policy/connection:{self.connection}",
                 policy(self.connection, ("editor", self.bob)))):
            self.refused(403, "denied", "editor_relation_required", method, path, body, mine,
                         actor=self.bob, key=key)

    def test_403_of_the_past_to_whoever_has_lost_access(self):
        restriction = f"/api/v2/restriction_policy/connection:{self.connection}"
        shared = policy(self.connection, ("editor", self.admin), ("viewer", self.bob))
        self.assertEqual(self.server.ask("POST", restriction, shared)[0], 200)
        _, headers, _ = self.server.ask("GET", self.path)
        then = f"?as_of=index:{int(headers['X-Conntrail-Index']) - 1}"
        mine, _ = self.key("connections_read", "actions_api", owner=self.bob)
        for path in (self.path, restriction, self.path + then, restriction + then):
            self.assertEqual(self.server.ask("GET", path, None, mine)[0], 200, path)
        _, _, text = self.server.ask("GET", CONNECTIONS + then, None, mine)
        self.assertIn(self.connection, text)
        self.assertEqual(self.server.ask(
            "POST", restriction, policy(self.connection, ("editor", self.admin)))[0], 200)
        for path in (self.path, restriction, self.path + then, restriction + then):
            self.turned_away(403, "GET", path, None, mine)
        for moment in ("", then):
            _, _, text = self.server.ask("GET", CONNECTIONS + moment, None, mine)
            self.assertNotIn(self.connection, text)
            self.assertEqual(json.loads(text)["meta"]["page"]["total"], len(json.loads(text)["data"]))
        _, _, text = self.server.ask("GET", restriction + then)
        self.assertIn(self.bob, text)

    def test_404_of_what_is_not_there(self):
        nowhere = f"{CONNECTIONS}/{NOBODY}"
        for method, path, body in (
                ("PATCH", nowhere, edit(name="x")), ("DELETE", nowhere, None),
                ("PUT", nowhere + "/suspension", None),
                ("POST", f"/api/v2/restriction_policy/connection:{NOBODY}",
                 policy(NOBODY, ("editor", self.admin)))):
            self.refused(404, "rejected", "connection_not_found", method, path, body)
        for method, path in (("DELETE", f"/api/v2/access_keys/{NOBODY}"),
                             ("DELETE", f"/api/v2/workflows/{NOBODY}"),
                             ("DELETE", f"/api/v2/integrations/{NOBODY}"),
                             ("DELETE", f"/scim/v2/Users/{NOBODY}"),
                             ("DELETE", f"/scim/v2/Groups/{NOBODY}")):
            self.refused(404, "rejected", "not_found", method, path)

    def test_409_of_what_is_so_already(self):
        self.assertEqual(self.server.ask("PUT", self.path + "/suspension")[0], 204)
        self.refused(409, "rejected", "connection_suspended", "PUT", self.path + "/suspension")
        self.assertEqual(self.server.ask("DELETE", self.path + "/suspension")[0], 204)
        self.refused(409, "rejected", "connection_not_suspended", "DELETE",
                     self.path + "/suspension")
        self.refused(409, "rejected", "exists", "POST", "/scim/v2/Users", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "BOB"})

    def test_409_of_a_key_of_another_request(self):
        headers = {"Idempotency-Key": "rename " + self.connection}
        self.assertEqual(self.server.ask("PATCH", self.path, edit(name="one"), headers)[0], 200)
        self.refused(409, "conflict", "request_differs", "PATCH", self.path, edit(name="two"),
                     headers)

    def test_412_of_what_has_changed_meanwhile(self):
        stale, _, _ = self.state()
        self.assertEqual(self.server.ask("PATCH", self.path, edit(name="newer"))[0], 200)
        for method, path, body in (
                ("PATCH", self.path, edit(name="x")), ("DELETE", self.path, None),
                ("PUT", self.path + "/suspension", None),
                ("POST", f"/api/v2/restriction_policy/connection:{self.connection}",
                 policy(self.connection, ("editor", self.admin)))):
            record = self.refused(412, "conflict", "revision_differs", method, path, body,
                                  {"If-Match": stale})
            self.assertEqual(record["conntrail"]["expected_revision"], 1)

    def test_400_of_what_would_lock_the_asker_out(self):
        self.refused(400, "rejected", "self_lockout", "POST",
                     f"/api/v2/restriction_policy/connection:{self.connection}",
                     policy(self.connection, ("viewer", self.admin)))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
