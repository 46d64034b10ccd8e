#!/usr/bin/env python3
"""What a directory does to keep an org in step: users and groups over SCIM 2.0, as Okta and Entra
ask for it.

usage: directory_test.py CONNTRAILD
"""
import json
import sys
import tempfile
import threading
import unittest
import urllib.parse

from server import Server, connection_body

USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
NOBODY = "00000000-0000-4000-8000-000000000000"


def user(name, **more):
    return {"schemas": [USER], "userName": name, "displayName": name.title(),
            "emails": [{"primary": True, "value": f"{name}@acme.example", "type": "work"}],
            "active": True, **more}


def patch(*operations):
    return {"schemas": [PATCH], "Operations": list(operations)}


class DirectoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="conntrail_directory.")
        cls.server = Server(PROGRAM, cls.scratch.name).start()
        cls.counter = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.scratch.cleanup()

    def ask(self, status, method, path, body=None, headers=None):
        """The answer as (JSON or None, headers); its status must be that one."""
        got, answer_headers, text = self.server.ask(
            method, path, body, {"Content-Type": "application/scim+json", **(headers or {})})
        self.assertEqual(got, status, f"{method} {path}: {text}")
        if text and path.startswith("/scim/"):
            self.assertEqual(answer_headers["Content-Type"], "application/scim+json")
        return (json.loads(text) if text else None), answer_headers

    def fault(self, status, scim_type, method, path, body=None, headers=None):
        answer, _ = self.ask(status, method, path, body, headers)
        self.assertEqual(answer["schemas"], [ERROR])
        self.assertEqual(answer["status"], str(status))
        self.assertEqual(answer.get("scimType"), scim_type, answer)
        return answer

    def name(self, prefix="ann"):
        DirectoryTest.counter += 1
        return f"{prefix}{DirectoryTest.counter}"

    def added(self, name=None, **more):
        return self.ask(201, "POST", USERS, user(name or self.name(), **more))[0]

    def found(self, path, query, **more):
        return self.ask(200, "GET", path + "?" +
                        urllib.parse.urlencode({"filter": query, **more}))[0]

    def last_index(self):
        _, headers = self.ask(200, "GET", "/api/v2/actions/connections")
        return int(headers["X-Conntrail-Index"])

    # ---- users

    def test_okta_looks_for_a_user_name_adds_it_and_finds_it_then(self):
        name = self.name()
        self.assertEqual(self.found(USERS, f'userName eq "{name}"')["totalResults"], 0)
        made, headers = self.ask(201, "POST", USERS, user(name, externalId="00u" + name))
        self.assertEqual(headers["Location"], f"{USERS}/{made['id']}")
        self.assertEqual(headers["ETag"], made["meta"]["version"])
        for query in (f'userName eq "{name.upper()}"', f'externalId eq "00u{name}"',
                      f'id eq "{made["id"]}"', f'emails.value eq "{name}@acme.example"',
                      f'userName sw "{name}" and active eq true'):
            answer = self.found(USERS, query)
            self.assertEqual([item["id"] for item in answer["Resources"]], [made["id"]], query)
        self.assertEqual(self.ask(200, "GET", f"{USERS}/{made['id']}")[0], made)

    def test_a_user_name_is_given_once_whatever_its_case(self):
        made = self.added()
        self.fault(409, "uniqueness", "POST", USERS, user(made["userName"].upper()))
        other = self.added()
        self.fault(409, "uniqueness", "PATCH", f"{USERS}/{other['id']}",
                   patch({"op": "replace", "path": "userName", "value": made["userName"]}))
        self.fault(409, "uniqueness", "PUT", f"{USERS}/{other['id']}", user(made["userName"]))
        self.assertEqual(self.ask(200, "GET", f"{USERS}/{other['id']}")[0], other)
        self.ask(204, "DELETE", f"{USERS}/{made['id']}")
        self.assertNotEqual(self.added(made["userName"])["id"], made["id"])

    def test_two_requests_at_a_time_do_not_both_get_a_name(self):
        name, answers = self.name(), []
        threads = [threading.Thread(target=lambda: answers.append(
            self.server.ask("POST", USERS, user(name))[0])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [201] + [409] * 7)

    def test_a_request_that_is_repeated_with_its_key_adds_one_user(self):
        body, key = user(self.name(), active=False), {"Idempotency-Key": "add " + self.name()}
        first, _ = self.ask(201, "POST", USERS, body, key)
        self.assertFalse(first["active"])
        self.assertEqual(self.ask(201, "POST", USERS, body, key)[0], first)

    def test_entra_changes_names_with_operations_in_its_own_case(self):
        made = self.added()
        changed, _ = self.ask(200, "PATCH", f"{USERS}/{made['id']}", patch(
            {"op": "Replace", "path": "displayName", "value": "Ann Other"},
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "other@acme.example"}))
        self.assertEqual(changed["displayName"], "Ann Other")
        self.assertEqual(changed["emails"][0]["value"], "other@acme.example")
        self.assertEqual(changed["userName"], made["userName"])

    def test_an_entity_tag_weak_or_strong_guards_a_change(self):
        made = self.added()
        path, tag = f"{USERS}/{made['id']}", made["meta"]["version"]
        first, _ = self.ask(200, "PATCH", path, patch(
            {"op": "replace", "path": "displayName", "value": "One"}), {"If-Match": "W/" + tag})
        for body in ({"op": "replace", "path": "displayName", "value": "Two"},
                     {"op": "replace", "path": "displayName", "value": "One"}):
            self.fault(412, None, "PATCH", path, patch(body), {"If-Match": tag})
        self.fault(412, None, "DELETE", path, None, {"If-Match": tag})
        self.assertEqual(self.ask(200, "GET", path)[0], first)

    def test_nothing_is_recorded_of_a_replacement_that_changes_nothing(self):
        made = self.added()
        before = self.last_index()
        for _ in range(3):
            self.assertEqual(self.ask(200, "PUT", f"{USERS}/{made['id']}", made)[0], made)
        self.assertEqual(self.last_index(), before)

    def test_a_removed_user_is_gone(self):
        made = self.added()
        path = f"{USERS}/{made['id']}"
        self.ask(204, "DELETE", path)
        self.fault(404, None, "GET", path)
        self.fault(404, None, "DELETE", path)
        self.fault(404, None, "PATCH", path, patch({"op": "replace", "path": "active",
                                                    "value": True}))
        self.assertEqual(self.found(USERS, f'userName eq "{made["userName"]}"')["Resources"], [])

    def test_who_is_deactivated_is_not_let_in_any_more(self):
        made = self.added()
        key, _ = self.ask(201, "POST", "/api/v2/access_keys", {"data": {
            "type": "access_keys", "attributes": {
                "kind": "application", "name": "ann's", "owner": "user:" + made["id"],
                "scopes": ["connections_read", "connections_write", "actions_api"]}}})
        theirs = {"DD-APPLICATION-KEY": key["data"]["attributes"]["key"]}
        self.ask(201, "POST", "/api/v2/actions/connections", connection_body("of ann"), theirs)
        active = {"op": "Replace", "path": "active", "value": "False"}  # Entra sends a text
        self.assertFalse(
            self.ask(200, "PATCH", f"{USERS}/{made['id']}", patch(active))[0]["active"])
        self.ask(401, "GET", "/api/v2/actions/connections", None, theirs)
        active = {"op": "replace", "value": {"active": True}}           # Okta without a path
        self.ask(200, "PATCH", f"{USERS}/{made['id']}", patch(active))
        self.ask(200, "GET", "/api/v2/actions/connections", None, theirs)
        self.ask(204, "DELETE", f"{USERS}/{made['id']}")
        self.ask(401, "GET", "/api/v2/actions/connections", None, theirs)

    def test_pages_of_a_list_hold_everybody_once(self):
        names = sorted(self.added(self.name("page"))["id"] for _ in range(7))
        seen, start = [], 1
        while True:
            page = self.found(USERS, 'userName sw "page"', startIndex=start, count=3)
            self.assertEqual((page["totalResults"], page["startIndex"]), (7, start))
            self.assertEqual(page["itemsPerPage"], len(page["Resources"]))
            if not page["Resources"]:
                break
            self.assertLessEqual(len(page["Resources"]), 3)
            seen += [item["id"] for item in page["Resources"]]
            start += 3
        self.assertEqual(sorted(seen), names)
        only = self.found(USERS, 'userName sw "page"', count=0)
        self.assertEqual((only["totalResults"], only["Resources"]), (7, []))
        few = self.found(USERS, 'userName sw "page"', count=1, attributes="userName")
        self.assertEqual(set(few["Resources"][0]), {"id", "schemas", "meta", "userName"})

    # ---- groups

    def test_members_come_and_go(self):
        first, second = self.added(), self.added()
        made, _ = self.ask(201, "POST", GROUPS, {
            "schemas": [GROUP], "displayName": "Platform", "externalId": "g-1",
            "members": [{"value": first["id"]}]})
        path = f"{GROUPS}/{made['id']}"
        add = {"op": "Add", "path": "members", "value": [{"value": second["id"]}]}
        both = {item["value"] for item in self.ask(200, "PATCH", path, patch(add))[0]["members"]}
        self.assertEqual(both, {first["id"], second["id"]})
        remove = {"op": "remove", "path": f'members[value eq "{first["id"]}"]'}
        left, _ = self.ask(200, "PATCH", path, patch(remove))
        self.assertEqual([item["value"] for item in left["members"]], [second["id"]])
        found = self.found(GROUPS, 'displayName eq "platform"', excludedAttributes="members")
        self.assertEqual([item["id"] for item in found["Resources"]], [made["id"]])
        self.assertNotIn("members", found["Resources"][0])
        # Entra names whom it removes in a value; then nobody is left.
        remove = {"op": "Remove", "path": "members", "value": [{"value": second["id"]}]}
        empty, _ = self.ask(200, "PATCH", path, patch(remove))
        self.assertEqual(empty.get("members", []), [])
        self.ask(204, "DELETE", path)
        self.fault(404, None, "GET", path)

    def test_a_group_of_a_thousand_is_replaced_in_one_request(self):
        members = [{"value": self.added()["id"]} for _ in range(1001)]
        made, _ = self.ask(201, "POST", GROUPS, {"schemas": [GROUP], "displayName": "All",
                                                 "members": members})
        self.assertEqual(len(made["members"]), 1001)
        path = f"{GROUPS}/{made['id']}"
        some = {"schemas": [GROUP], "displayName": "Few", "members": members[:2]}
        self.fault(412, None, "PUT", path, some, {"If-Match": '"1"'})
        self.assertEqual(self.ask(200, "GET", path)[0], made)
        few, _ = self.ask(200, "PUT", path, some, {"If-Match": made["meta"]["version"]})
        self.assertEqual((few["displayName"], len(few["members"])), ("Few", 2))

    def test_a_member_that_is_no_user_is_refused(self):
        answer = self.fault(400, "invalidValue", "POST", GROUPS,
                            {"schemas": [GROUP], "displayName": "X", "members": [{"value": NOBODY}]})
        self.assertIn("members", answer["detail"])

    def test_who_is_removed_stays_a_member_until_the_directory_says_otherwise(self):
        made = self.added()
        group, _ = self.ask(201, "POST", GROUPS, {"schemas": [GROUP], "displayName": "Kept",
                                                  "members": [{"value": made["id"]}]})
        self.ask(204, "DELETE", f"{USERS}/{made['id']}")
        changed, _ = self.ask(200, "PATCH", f"{GROUPS}/{group['id']}", patch(
            {"op": "replace", "path": "displayName", "value": "Kept still"}))
        self.assertEqual(len(changed["members"]), 1)

    # ---- the door

    def test_directories_that_send_one_header_only_are_let_in_here_and_nowhere_else(self):
        keys, self.server.keys = self.server.keys, {}
        bearer = {"Authorization": "Bearer " + keys["DD-APPLICATION-KEY"]}
        try:
            self.ask(200, "GET", USERS, None, bearer)
            self.ask(401, "GET", "/api/v2/access_keys", None, bearer)
            self.ask(200, "GET", USERS, None, bearer)  # and was not forgotten meanwhile
            api = {"Authorization": "Bearer " + keys["DD-API-KEY"]}
            self.fault(401, None, "GET", USERS, None, api)
            self.fault(401, None, "GET", USERS)
            self.fault(401, None, "GET", USERS,
                       None, {"DD-APPLICATION-KEY": keys["DD-APPLICATION-KEY"]})
        finally:
            self.server.keys = keys

    def test_a_key_without_the_right_learns_and_changes_nothing(self):
        made = self.added()
        key, _ = self.ask(201, "POST", "/api/v2/access_keys", {"data": {
            "type": "access_keys", "attributes": {
                "kind": "application", "name": "small", "scopes": ["connections_read"]}}})
        small = {"DD-APPLICATION-KEY": key["data"]["attributes"]["key"]}
        for path in (USERS, f"{USERS}/{made['id']}", GROUPS, "/scim/v2/Schemas"):
            self.fault(403, None, "GET", path, None, small)
        for method, path, body in (
                ("POST", USERS, user(made["userName"])), ("POST", USERS, user(self.name())),
                ("PATCH", f"{USERS}/{made['id']}", patch()), ("DELETE", f"{USERS}/{made['id']}", None),
                ("PUT", f"{USERS}/{NOBODY}", user("nobody")), ("POST", GROUPS, {"broken": 1}),
                ("DELETE", f"{GROUPS}/{NOBODY}", None)):
            self.fault(403, None, method, path, body, small)
        self.assertEqual(self.ask(200, "GET", f"{USERS}/{made['id']}")[0], made)

    def test_faults_have_the_form_of_scim(self):
        self.fault(400, "invalidFilter", "GET", USERS + "?filter=userName%20is%20x")
        self.fault(400, "invalidSyntax", "POST", USERS, "{")
        self.fault(400, "invalidValue", "POST", USERS, {"schemas": [USER]})
        self.fault(404, None, "GET", "/scim/v2/Nothing")
        self.fault(404, None, "GET", USERS + "/not-an-id")
        self.fault(405, None, "DELETE", USERS)
        self.fault(413, None, "POST", USERS, json.dumps(user("x" * 300_000)))

    def test_what_there_is_can_be_discovered(self):
        config, _ = self.ask(200, "GET", "/scim/v2/ServiceProviderConfig")
        self.assertTrue(config["patch"]["supported"] and config["etag"]["supported"])
        types, _ = self.ask(200, "GET", "/scim/v2/ResourceTypes")
        self.assertEqual([item["id"] for item in types["Resources"]], ["User", "Group"])
        schemas, _ = self.ask(200, "GET", "/scim/v2/Schemas")
        self.assertIn(USER, [item["id"] for item in schemas["Resources"]])
        self.assertEqual(self.ask(200, "GET", f"/scim/v2/Schemas/{USER}")[0]["id"], USER)
        self.fault(404, None, "GET", "/scim/v2/ResourceTypes/Device")

    def test_users_outlive_the_server(self):
        made = self.added()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.ask(200, "GET", f"{USERS}/{made['id']}")[0], made)
        self.fault(409, "uniqueness", "POST", USERS, user(made["userName"]))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
