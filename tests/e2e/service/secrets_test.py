#!/usr/bin/env python3
"""No secret stays: what is sent where secrets belong, and where they do not, is in no file, no answer,
no export and no diagnostics afterwards, neither as it was nor in hex nor in base64.

usage: secrets_test.py CONNTRAILD
"""
import base64
import http.client
import json
import os
import pathlib
import random
import secrets
import sys
import tempfile
import unittest

from server import Server, connection_body

VARIANTS = (pathlib.Path(__file__).parent / "variants.txt").read_text().split("\n")[:-1]
CONNECTIONS, KEYS = "/api/v2/actions/connections", "/api/v2/access_keys"
USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"
EVENTS = "/api/v2/connection_events"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PEM = "-----BEGIN CERTIFICATE-----\nTWFkZSB1cA==\n-----END CERTIFICATE-----\n"


def forms(secret):
    """The secret as it is, and in the codings in which it could hide; base64 at each alignment."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        middle = base64.b64encode(b"\0" * shift + raw)
        begin = 0 if shift == 0 else 4
        end = -4 if (len(raw) + shift) % 3 else len(middle)
        found |= {middle[begin:end], middle[begin:end].replace(b"+", b"-").replace(b"/", b"_")}
    return found


def envelope(kind, /, **attributes):
    return {"data": {"type": kind, "attributes": attributes}}


class Variant:
    """A line of variants.txt: documents that have all of its fields."""

    def __init__(self, line, made_up, account):
        self.integration, self.type, *fields = line.split(" ")
        self.fields = [field.split("=") for field in fields]
        self.made_up, self.account = made_up, account
        self.has_secrets = any("secret" in kind for _, kind in self.fields)

    def value(self, kind):
        kind, _, choice = kind.partition(":")
        return {"text": "plain", "digits": "123456789012", "url": "https://example.com/x",
                "choice": choice, "integer": 60, "time": "2030-01-01T00:00:00Z",
                "account": self.account, "certificate": PEM, "texts": ["read"],
                "named_texts": [{"name": "Plain", "value": "plain"}],
                "content": {"content": "plain", "content_type": "text"},
                "secret": None, "named_secrets": None}[kind] or (
            self.made_up() if kind == "secret" else
            [{"name": "one", "type": "SECRET", "value": self.made_up()},
             {"name": "two", "type": "SECRET", "value": self.made_up()}])

    def documents(self):
        """Each as (integration, credentials)."""
        for left_out, first_step in self.choices():
            integration, credentials = {"type": self.integration}, {"type": self.type}
            for name, kind in self.fields:
                if name in left_out:
                    continue
                target, _, own = name.rpartition(".")
                (integration if target else credentials)[own] = self.value(kind)
            if first_step:
                credentials["first_step"] = first_step
            integration["credentials"] = credentials
            yield integration, credentials

    def choices(self):
        if self.type != "HTTPTwoStepAuth":
            return [((), None)]
        return [(("tokens",), "basic"), (("username", "password"), "token")]


class SecretsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = secrets.randbits(32)
        print(f"seed {cls.seed}", flush=True)
        cls.random = random.Random(cls.seed)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="conntrail_secrets.")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.server = Server(PROGRAM, scratch.name, ["--access-lines", "true"]).start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.kill())
        self.account = "user:" + self.server.ready["user"]
        self.secrets, self.answers = list(self.server.keys.values()), []

    # ---- what is sent

    def made_up(self):
        self.secrets.append("s3cr3t-" + self.random.randbytes(12).hex())
        return self.secrets[-1]

    def shaped(self):
        """What looks like a vendor's token; put together here, so that it stands in no file."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        self.secrets += ["AK" + "IA" + "".join(self.random.choices(letters, k=16)),
                         "gh" + "p_" + "".join(self.random.choices(letters.lower(), k=36))]
        return self.secrets[-2:]

    def ask(self, method, path, body=None, headers=None, statuses=None):
        status, answer_headers, text = self.server.ask(method, path, body, headers)
        shown = "(a secret)" if any(secret in path for secret in self.secrets[-2:]) else path[:60]
        self.answers.append((f"{method} {shown}", str(answer_headers) + text))
        if statuses is not None:
            self.assertIn(status, statuses, f"{method} {path}: {text}")
        return status, (json.loads(text) if text.startswith("{") else text)

    def connections(self, attributes_of):
        return envelope("action_connection", **attributes_of)

    # ---- what is looked through

    def assert_nowhere(self, where, content):
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogateescape")
        for secret in self.secrets:
            for form in forms(secret):
                at = content.find(form)
                if at >= 0:
                    around = content[max(0, at - 300):at + 200]
                    self.fail(f"{secret} as {form} in {where}: ...{around}...")

    def look_through_everything(self, marker):
        """Answers, exports, metrics, then, of the stopped server, all files. `marker` is no secret and
        must be found: else nothing was looked at."""
        for form in ("ndjson", "csv", "ocsf", "archive"):
            status, _, text = self.server.ask("GET", "/api/v2/audit/events/export?format=" + form)
            self.assertEqual(status, 200)
            self.assertIn(marker, text, form)
            self.assert_nowhere(form, text)
        for path in ("/metrics", CONNECTIONS + "?page%5Blimit%5D=1000&filter%5Bdeleted%5D=true", KEYS,
                     "/api/v2/integrations", "/api/v2/workflows", USERS, GROUPS, "/api/v2/producers",
                     "/api/v2/audit/events?filter%5Bfrom%5D=0&page%5Blimit%5D=1000"):
            self.ask("GET", path, statuses={200})
        self.assert_nowhere("the live trail", self.live_trail(marker))
        self.assert_nowhere("the answers", "\n\n".join(
            f"{what}: {text}" for what, text in self.answers))
        self.assertEqual(self.server.stop(), 0)
        self.assert_nowhere("the diagnostics", self.server.diagnostics.read_bytes())
        seen = set()
        for folder, _, names in os.walk(self.server.data):
            for name in names:
                path = pathlib.Path(folder) / name
                content = path.read_bytes()
                if name in ("admin.json", "admin.headers"):  # the only places of the administrator's own keys
                    for key in self.server.keys.values():
                        content = content.replace(key.encode(), b"")
                self.assert_nowhere(path, content)
                if marker.encode() in content:
                    seen.add(path.relative_to(self.server.data).parts[0])
        self.assertLessEqual({"log", "projection"}, seen)
        # After a restart, what a rebuild and a recovery tell.
        self.server.start()
        self.ask("GET", CONNECTIONS, statuses={200})
        self.assertEqual(self.server.stop(), 0)
        self.assert_nowhere("the diagnostics", self.server.diagnostics.read_bytes())

    def live_trail(self, marker):
        connection = self.server.connect(timeout=10)
        connection.request("GET", "/api/v2/audit/events/stream", None,
                           {**self.server.keys, "Last-Event-ID": "0"})
        answer, text = connection.getresponse(), b""
        self.assertEqual(answer.status, 200)
        try:
            while marker.encode() not in text[:-1] or b"\n\n" not in text[-2:]:
                text += answer.read1(1 << 20)
        except (OSError, http.client.HTTPException) as error:
            self.fail(f"the stream has ended: {error}")
        finally:
            connection.close()
        return text

    def finish(self):
        marker = "marker-" + self.random.randbytes(8).hex()
        self.ask("POST", CONNECTIONS, connection_body(marker, self.made_up()), statuses={201})
        self.look_through_everything(marker)

    # ---- the tests

    def test_secret_fields_of_every_variant(self):
        tried = 0
        for line in VARIANTS:
            variant = Variant(line, self.made_up, self.account)
            for (integration, _), (other, credentials) in zip(variant.documents(),
                                                              variant.documents()):
                _, made = self.ask("POST", CONNECTIONS, envelope(
                    "action_connection", name=variant.type, integration=integration), statuses={201})
                path = f"{CONNECTIONS}/{made['data']['id']}"
                self.ask("PATCH", path, envelope("action_connection", integration=other),
                         statuses={200})
                self.ask("GET", path, statuses={200})
                self.ask("GET", path + "/history", statuses={200})
                if variant.has_secrets:
                    tried += 1
                    self.wrong_bodies(path, variant)
                self.ask("DELETE", path, statuses={204})
        self.assertGreaterEqual(tried, 36)
        self.assertGreater(len(self.secrets), 200)
        self.finish()

    def wrong_bodies(self, path, variant):
        """Fail after the secret was read."""
        for integration, credentials in variant.documents():
            for method, where in (("POST", CONNECTIONS), ("PATCH", path)):
                self.ask(method, where, envelope("action_connection", name="x", tags=["no tag"],
                                                 integration=integration), statuses={400})
                self.ask(method, where, envelope("action_connection", name="x", nothing=1,
                                                 integration=integration), statuses={400})
                self.ask(method, where, json.dumps(envelope("action_connection", name="x",
                                                            integration=integration))[:-3],
                         statuses={400})
            wrong = {**integration, "credentials": {**credentials, "nothing": self.made_up()}}
            self.ask("POST", CONNECTIONS, envelope("action_connection", name="x", integration=wrong),
                     statuses={400})
            wrong = {**integration, "credentials": {**credentials, "type": self.made_up()}}
            self.ask("POST", CONNECTIONS, envelope("action_connection", name="x", integration=wrong),
                     statuses={400})
            for name, kind in variant.fields:
                if "secret" not in kind or name not in credentials:
                    continue
                for value in ([self.made_up()], {"value": self.made_up()},
                              self.made_up() * 2000, [{"name": "a b", "type": "SECRET",
                                                       "value": self.made_up()}]):
                    wrong = {**integration, "credentials": {**credentials, name: value}}
                    self.ask("POST", CONNECTIONS, envelope("action_connection", name="x",
                                                           integration=wrong), statuses={400})

    def test_secrets_of_rotated_credentials(self):
        _, made = self.ask("POST", CONNECTIONS, envelope(
            "action_connection", name="OpenAI", integration={"type": "OpenAI", "credentials": {
                "type": "OpenAIAPIKey", "api_token": self.made_up()}}), statuses={201})
        path = f"{CONNECTIONS}/{made['data']['id']}/credential"
        right = {"api_token": self.made_up()}
        self.ask("POST", path, envelope("credential", secrets=right), statuses={200})
        self.ask("POST", path, envelope("credential", secrets=right, nothing=1), statuses={400})
        for wrong in ({"api_token": [self.made_up()]}, {"api_token": self.made_up() * 2000},
                      {self.made_up() + "!": "x"}, {self.made_up().replace("-", "_"): "x"},
                      {"password": self.made_up()}, self.made_up()):
            self.ask("POST", path, envelope("credential", secrets=wrong), statuses={400})
        self.ask("DELETE", path + "?cause=" + self.made_up(), statuses={400})
        self.ask("DELETE", path + "?cause=leak", statuses={204})
        self.finish()

    def test_secrets_of_connected_integrations(self):
        for kind in ("GitHub", "Jira", "PagerDuty", "Slack"):
            self.ask("POST", "/api/v2/integrations", envelope(
                "integration", type=kind, account="acme",
                consent={"client_id": "client", "scopes": ["read"]},
                secrets={"client_secret": self.made_up(), "signing": self.made_up()}),
                statuses={201})
            self.ask("POST", "/api/v2/integrations", envelope(
                "integration", type=kind, account="acme", nothing=1,
                secrets={"client_secret": self.made_up()}), statuses={400})
            self.ask("POST", "/api/v2/integrations", envelope(
                "integration", type=kind, account="acme",
                secrets={"client_secret": [self.made_up()]}), statuses={400})
            self.ask("POST", "/api/v2/integrations", envelope(
                "integration", type=kind, account="acme",
                secrets={self.made_up() + "!": "x"}), statuses={400})
        self.finish()

    def test_keys_are_told_once(self):
        for kind in ("api", "application"):
            for attempt in ({"Idempotency-Key": "make " + kind}, {"Idempotency-Key": "make " + kind}):
                status, _, text = self.server.ask("POST", KEYS, envelope(
                    "access_keys", kind=kind, name=kind, scopes=["event_intake"]), attempt)
                self.assertEqual(status, 201, text)
                told = json.loads(text)["data"]["attributes"].get("key")
                if told:
                    self.secrets.append(told)
        status, answer = self.server.json("POST", "/api/v2/orgs", envelope("orgs", name="other"))
        self.assertEqual(status, 201, answer)
        self.secrets += [answer["data"]["attributes"][name] for name in ("api_key",
                                                                         "application_key")]
        self.assertEqual(len(self.secrets), 6)
        self.finish()

    def test_what_comes_in_headers_and_paths(self):
        for path in (CONNECTIONS, USERS, KEYS, "/api/v2/audit/events", "/healthz", "/nothing"):
            for headers in ({"DD-API-KEY": self.made_up()}, {"DD-APPLICATION-KEY": self.made_up()},
                            {"DD-API-KEY": "", "DD-APPLICATION-KEY": "",
                             "Authorization": "Bearer " + self.made_up()},
                            {"DD-API-KEY": "", "DD-APPLICATION-KEY": "", "Authorization":
                             "Basic " + base64.b64encode(self.made_up().encode()).decode()},
                            {"Cookie": "session=" + self.made_up()},
                            {"X-Made-Up": self.made_up()}):
                self.ask("GET", path, None, headers)
        for method, path, body in (
                ("POST", CONNECTIONS, connection_body("x", self.made_up())),
                ("POST", USERS, {"schemas": [USER], "userName": "ann"}),
                ("POST", KEYS, envelope("access_keys", kind="nothing", name="x", scopes=[]))):
            self.ask(method, path, body, {"Idempotency-Key": self.made_up()})
            self.ask(method, path, body, {"Idempotency-Key": self.made_up() + "é"})
            self.ask(method, path, body, {"If-Match": self.made_up()})
            self.ask(method, path, body, {"Content-Type": "text/" + self.made_up()})
            for token in self.shaped():
                self.ask(method, path, body, {"User-Agent": "tool " + token})
                self.ask(method, path, body, {"X-Request-Id": token})
                self.ask(method, path, body, {"X-Forwarded-For": token})
        for place in ("/%s", CONNECTIONS + "/%s", USERS + "/%s", KEYS + "/%s",
                      "/api/v2/access/principals/%s",
                      CONNECTIONS + "?as_of=%s", CONNECTIONS + "?filter%%5Bprincipal%%5D=%s",
                      CONNECTIONS + "?page%%5Bcursor%%5D=%s", USERS + "?startIndex=%s"):
            self.ask("GET", place % self.made_up(), statuses={400, 404, 405})
        for token in self.shaped():  # of a resource's name the contract's words repeat the rest
            for resource in ("connection:" + token, token, token + ":x"):
                self.ask("GET", "/api/v2/restriction_policy/" + resource, statuses={400})
        self.ask("POST", CONNECTIONS, json.dumps(connection_body("x", self.made_up() * 20_000)),
                 statuses={413})
        self.ask("POST", CONNECTIONS, b'{"token":"' + self.made_up().encode() + b'\xff"}',
                 statuses={400})
        self.finish()

    def test_passwords_that_directories_send(self):
        for number in range(3):
            user = {"schemas": [USER], "userName": f"user{number}", "password": self.made_up()}
            _, made = self.ask("POST", USERS, user, statuses={201})
            path = f"{USERS}/{made['id']}"
            self.ask("PUT", path, {**user, "password": self.made_up()}, statuses={200})
            self.ask("PATCH", path, {"schemas": [PATCH], "Operations": [
                {"op": "replace", "path": "password", "value": self.made_up()}]})
            self.ask("PATCH", path, {"schemas": [PATCH], "Operations": [
                {"op": "replace", "value": {"password": self.made_up(), "active": "perhaps"}}]},
                statuses={400})
            self.ask("POST", USERS, {"schemas": [USER], "password": self.made_up()}, statuses={400})
            self.ask("POST", GROUPS, {"schemas": [GROUP], "displayName": "g",
                                      "members": [{"value": self.made_up()}]}, statuses={400})
        self.finish()

    def test_what_looks_like_a_token_is_refused_where_it_does_not_belong(self):
        ids = {}
        _, made = self.ask("POST", CONNECTIONS, connection_body("x", self.made_up()), statuses={201})
        ids["connection"] = made["data"]["id"]
        _, made = self.ask("POST", USERS, {"schemas": [USER], "userName": "ann"}, statuses={201})
        ids["user"] = made["id"]
        _, made = self.ask("POST", GROUPS, {"schemas": [GROUP], "displayName": "g"}, statuses={201})
        ids["group"] = made["id"]
        for token in self.shaped() + self.shaped():
            for text in (token, "it is " + token + "!"):
                self.refuses_token(text, ids)
        for line in VARIANTS:
            variant = Variant(line, self.made_up, self.account)
            for token in self.shaped():
                for integration, credentials in variant.documents():
                    for wrong in self.with_token(variant, integration, credentials, token):
                        self.ask("POST", CONNECTIONS, envelope(
                            "action_connection", name="x", integration=wrong), statuses={400})
        self.finish()

    def with_token(self, variant, integration, credentials, token):
        for name, kind in variant.fields:
            value = {"text": token, "texts": ["read", token], "url": "https://example.com/" + token,
                     "certificate": PEM + token,
                     "named_texts": [{"name": "Plain", "value": token}],
                     "content": {"content": token, "content_type": "text"}}.get(kind)
            own = name.removeprefix("integration.")
            if value is None or (name == own and own not in credentials):
                continue
            if name == own:
                yield {**integration, "credentials": {**credentials, own: value}}
            else:
                yield {**integration, own: value}

    def refuses_token(self, text, ids):
        connection, user = f"{CONNECTIONS}/{ids['connection']}", f"{USERS}/{ids['user']}"
        token = text.removeprefix("it is ").removesuffix("!")
        step = {"step": "one", "action": "send"}
        workflow = "/api/v2/workflows/" + ids["connection"]
        for method, path, body in (
                ("POST", CONNECTIONS, connection_body(text)),
                ("PATCH", connection, envelope("action_connection", name=text)),
                ("PATCH", connection, envelope("action_connection", tags=["a:" + token])),
                ("PATCH", connection, envelope("action_connection", **{token: 1})),
                ("POST", KEYS, envelope("access_keys", kind="api", name=text, scopes=[])),
                ("POST", "/api/v2/orgs", envelope("orgs", name=text)),
                ("POST", "/api/v2/integrations", envelope("integration", type="Jira", account=text)),
                ("POST", "/api/v2/integrations", envelope("integration", type="Jira", account="x",
                                                          secrets={token.replace("-", "_"): "x"})),
                ("POST", "/api/v2/integrations", envelope(
                    "integration", type="Jira", account="x", consent={"client_id": text})),
                ("PUT", workflow, envelope("workflow", name=text, steps=[])),
                ("PUT", workflow, envelope("workflow", name="x", steps=[{**step, "step": token}])),
                ("PUT", workflow, envelope("workflow", name="x", steps=[{**step, "action": token}])),
                ("POST", USERS, {"schemas": [USER], "userName": text}),
                ("POST", USERS, {"schemas": [USER], "userName": "b", "displayName": text}),
                ("POST", USERS, {"schemas": [USER], "userName": "b", "externalId": text}),
                ("POST", USERS, {"schemas": [USER], "userName": "b", "emails": [{"value": text}]}),
                ("PATCH", user, {"schemas": [PATCH], "Operations": [
                    {"op": "replace", "path": "displayName", "value": text}]}),
                ("POST", GROUPS, {"schemas": [GROUP], "displayName": text}),
                ("PATCH", f"{GROUPS}/{ids['group']}", {"schemas": [PATCH], "Operations": [
                    {"op": "replace", "path": "externalId", "value": text}]})):
            self.ask(method, path, body, statuses={400})
        # Attributes of a user that are not kept here are passed over, whatever their names.
        self.ask("PATCH", user, {"schemas": [PATCH], "Operations": [
            {"op": "replace", "path": text, "value": "x"}]}, statuses={200, 400})
        for reason in ({"reason": text}, {"source": text}, {"producer": token}, {token: "x"},
                       {"subject_name": text}, {"ticket": text}):
            event = {"type": "connection.used", "id": "0190a5c0-0000-7000-8000-00000000000f",
                     "org": self.server.ready["org"], "authority": "observation",
                     "actor": {"kind": "system"}, "action": {"connection": ids["connection"],
                                                             "mode": "manual"}, **reason}
            _, answer = self.ask("POST", EVENTS, [event], statuses={200})
            self.assertNotIn("applied", json.dumps(answer))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
