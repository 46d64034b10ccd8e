#!/usr/bin/env python3
"""Bearer tokens of an issuer: its keys are found by its discovery document, changed keys are fetched
when a token names one, and an issuer that is away is told and asked again.

usage: oidc_test.py CONNTRAILD
"""
import base64
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from server import Server, connection_body

CONNECTIONS = "/api/v2/actions/connections"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    def __init__(self, scratch, name):
        self.name = name
        self.file = pathlib.Path(scratch) / (name + ".pem")
        subprocess.run(["openssl", "genrsa", "-out", self.file, "2048"], check=True,
                       stderr=subprocess.DEVNULL)

    def jwk(self):
        told = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        modulus = bytes.fromhex(re.search("=([0-9A-F]+)", told).group(1))
        return {"kty": "RSA", "kid": self.name, "alg": "RS256", "use": "sig",
                "n": base64url(modulus), "e": "AQAB"}

    def sign(self, claims):
        head = {"alg": "RS256", "typ": "JWT", "kid": self.name}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], check=True,
                                   input=text.encode(), stdout=subprocess.PIPE).stdout
        return text + "." + base64url(signature)


class Issuer:
    """Serves a discovery document and the keys of `keys`; away while `keys` is None."""

    def __init__(self):
        self.keys = None
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                known = {"/.well-known/openid-configuration":
                         {"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"},
                         "/keys": {"keys": [key.jwk() for key in issuer.keys or []]}}
                status = 404 if self.path not in known else 500 if issuer.keys is None else 200
                body = json.dumps(known.get(self.path, {})).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class OidcTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="conntrail_oidc.")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name
        self.issuer = Issuer()
        self.addCleanup(self.issuer.server.shutdown)
        self.first = SigningKey(self.scratch, "first")

    def start(self):
        self.server = Server(PROGRAM, self.scratch, [
            "--oidc-issuer", self.issuer.url, "--oidc-audience", "conntrail"]).start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.kill())
        status, made = self.server.json("POST", "/scim/v2/Users", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "alice",
            "externalId": "00u1"})
        self.assertEqual(status, 201, made)
        self.alice = "user:" + made["id"]

    def token(self, key, **more):
        return key.sign({"iss": self.issuer.url, "aud": "conntrail", "sub": "00u1",
                         "org": self.server.ready["org"], "exp": int(time.time()) + 600,
                         "scope": "connections_read connections_write actions_api", **more})

    def ask(self, token, method="GET", path=CONNECTIONS, body=None):
        keys, self.server.keys = self.server.keys, {}
        try:
            return self.server.ask(method, path, body, {"Authorization": "Bearer " + token})
        finally:
            self.server.keys = keys

    def await_status(self, wanted, token):
        for _ in range(300):
            status, _, text = self.ask(token)
            if status == wanted:
                return
            time.sleep(0.1)
        self.fail(f"{status} and not {wanted}: {text}\n{self.server.diagnostics.read_text()}")

    def test_tokens_of_discovered_and_of_changed_keys(self):
        self.issuer.keys = [self.first]
        self.start()
        self.await_status(200, self.token(self.first))
        status, _, text = self.ask(self.token(self.first), "POST", CONNECTIONS,
                                   connection_body("by token"))
        self.assertEqual(status, 201, text)
        status, trail = self.server.json("GET", "/api/v2/audit/events?filter%5Bquery%5D="
                                         "%40action%3Acreated%20by%20token")
        self.assertEqual(trail["data"][0]["attributes"]["attributes"]["usr"]["id"], self.alice)
        for wrong in (self.token(self.first, aud="another"), self.token(self.first, exp=1),
                      self.token(self.first, sub="nobody"),
                      self.token(SigningKey(self.scratch, "first2"), sub="00u1"),
                      self.token(self.first)[:-4] + "AAAA"):
            self.assertEqual(self.ask(wrong)[0], 401)
        # The issuer changes its keys; nobody tells the server.
        second = SigningKey(self.scratch, "second")
        self.issuer.keys = [second]
        self.await_status(200, self.token(second))
        self.assertEqual(self.server.stop(), 0)

    def test_an_issuer_that_is_away_is_told_and_keeps_nobody_else_out(self):
        self.start()
        self.assertEqual(self.ask(self.token(self.first))[0], 401)
        self.assertEqual(self.server.ask("GET", CONNECTIONS)[0], 200)
        for _ in range(100):
            if "the issuer's keys: " in self.server.diagnostics.read_text():
                break
            time.sleep(0.1)
        self.assertIn("answers 500", self.server.diagnostics.read_text())
        self.issuer.keys = [self.first]
        self.await_status(200, self.token(self.first))
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
