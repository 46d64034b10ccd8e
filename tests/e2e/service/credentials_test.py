#!/usr/bin/env python3
"""The life of an OAuth credential over HTTP: consent, refresh, expiry, revocation; each is an event
of the trail, and what was consented to is seen in every answer about the connection.

usage: credentials_test.py CONNTRAILD
"""
import sys
import tempfile
import unittest

from server import Server, connection_body

CONNECTIONS = "/api/v2/actions/connections"


def credential(**attributes):
    return {"data": {"type": "credential", "attributes": attributes}}


class CredentialsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="conntrail_credentials.")
        cls.server = Server(PROGRAM, cls.scratch.name).start()
        cls.admin = "user:" + cls.server.ready["user"]

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.scratch.cleanup()

    def ask(self, expected, method, path, body=None):
        status, answer = self.server.json(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def connect(self, body):
        return f"{CONNECTIONS}/{self.ask(201, 'POST', CONNECTIONS, body)['data']['id']}"

    def kept(self, path, as_of=""):
        return self.ask(200, "GET", path + as_of)["data"]["attributes"]

    def test_consent_refresh_expiry_and_revocation(self):
        path = self.connect({"data": {"type": "action_connection", "attributes": {
            "name": "oauth", "integration": {"type": "HTTP", "base_url": "https://api.example.com",
                                             "credentials": {
                "type": "HTTPOAuth2AuthorizationCode", "client_id": "app-1",
                "client_secret": "made up", "authorization_url": "https://id.example.com/authorize",
                "token_url": "https://id.example.com/token"}}}}})
        consent = {"client_id": "app-1", "scopes": ["read", "write"], "provider": "example.com"}
        given = self.ask(200, "POST", path + "/credential", credential(
            cause="consent", consent=consent, expires_at="2027-01-01T00:00:00Z"))
        attributes = given["data"]["attributes"]
        self.assertEqual(attributes["credential"]["version"], 2)
        self.assertEqual(attributes["credential"]["expires_at"], "2027-01-01T00:00:00.000Z")
        self.assertEqual(attributes["credential"]["consent"], {**consent, "given_by": self.admin})
        self.assertEqual(attributes["scopes"], ["read", "write"])
        refreshed = self.ask(200, "POST", path + "/credential", credential(
            cause="refresh", expires_at="2027-02-01T00:00:00Z"))["data"]["attributes"]
        self.assertEqual(refreshed["credential"]["version"], 3)
        self.assertEqual(refreshed["credential"]["consent"], attributes["credential"]["consent"])
        _, headers, _ = self.server.ask("GET", path)
        then = f"?as_of=index:{int(headers['X-Conntrail-Index']) - 1}"

        self.assertEqual(self.server.ask("DELETE", path + "/credential?cause=expiry")[0], 204)
        self.assertFalse(self.kept(path)["credential"]["present"])
        self.assertTrue(self.kept(path, then)["credential"]["present"])
        self.ask(409, "DELETE", path + "/credential?cause=revocation")
        issued = self.ask(200, "POST", path + "/credential", credential(
            cause="consent", consent={"client_id": "app-1", "scopes": ["read"]},
            secrets={"client_secret": "made up"}))["data"]["attributes"]
        self.assertTrue(issued["credential"]["present"])
        self.assertEqual(issued["scopes"], ["read"])
        self.assertEqual(issued["credential"]["consent"]["provider"], "HTTP")
        self.assertEqual(self.server.ask("DELETE", path + "/credential?cause=revocation")[0], 204)

        trail = self.ask(200, "GET", "/api/v2/audit/events?filter%5Bfrom%5D=now-1h&sort=timestamp"
                         "&filter%5Bquery%5D=%40asset.id%3A" + path.rsplit("/", 1)[1])
        records = [item["attributes"]["attributes"] for item in trail["data"]]
        self.assertEqual(
            [(record["conntrail"]["event_type"], record["conntrail"]["verdict"]) for record in records],
            [("connection.created", "applied"), ("credential.rotated", "applied"),
             ("credential.rotated", "applied"), ("credential.withdrawn", "applied"),
             ("credential.withdrawn", "rejected"), ("credential.issued", "applied"),
             ("credential.withdrawn", "applied")])
        self.assertEqual([record["metadata"].get("cause") for record in records],
                         [None, "consent", "refresh", "expiry", "revocation", "consent",
                          "revocation"])
        self.assertEqual(records[1]["metadata"]["consent"], {**consent, "given_by": self.admin})

    def test_a_rotated_secret_has_another_fingerprint(self):
        path = self.connect(connection_body("rotated"))
        before = self.kept(path)["credential"]
        after = self.ask(200, "POST", path + "/credential", credential(
            secrets={"api_token": "made up anew"}))["data"]["attributes"]["credential"]
        self.assertEqual(after["version"], before["version"] + 1)
        self.assertEqual(before["fingerprints"].keys(), after["fingerprints"].keys())
        self.assertNotEqual(before["fingerprints"], after["fingerprints"])

    def test_what_is_wrong_is_refused_where_it_stands(self):
        path = self.connect(connection_body("wrong"))
        for pointer, attributes in (
                ("/data/attributes", {"cause": "consent"}),
                ("/data/attributes/cause", {"cause": "expiry"}),
                ("/data/attributes/expires_at", {"expires_at": "tomorrow"}),
                ("/data/attributes/secrets", {"secrets": {"password": "x"}}),
                ("/data/attributes/secrets/api_token", {"secrets": {"api_token": ""}}),
                ("/data/attributes/consent", {"consent": {"scopes": ["a"]}}),
                ("/data/attributes/access_token", {"access_token": "x"})):
            answer = self.ask(400, "POST", path + "/credential", credential(**attributes))
            self.assertEqual(answer["errors"][0]["source"]["pointer"], pointer, answer)
        self.ask(400, "DELETE", path + "/credential?cause=refresh")
        self.ask(404, "POST", f"{CONNECTIONS}/00000000-0000-4000-8000-000000000000/credential",
                 credential())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
