#!/usr/bin/env python3
"""The programs at a broker with TLS, passwords and rights, from outside.

usage: KAFKA_LOCAL_WITH=secure with_broker 1 secure_service_test.py CONNTRAILD CONNTRAIL
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e" / "service"))
from server import Server, connection_body  # noqa: E402

CONNTRAILD, CONNTRAIL = sys.argv[1:3]
SECURE = pathlib.Path(os.environ["KAFKA_LOCAL_DIR"]) / "secure"
CONNECTIONS = "/api/v2/actions/connections"


def kafka(*arguments):
    return subprocess.run([os.environ["KAFKA_LOCAL"], *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def allow(user, topic, *operations):
    flags = [word for operation in operations for word in ("--operation", operation)]
    kafka("tool", "acls", "--add", "--allow-principal", f"User:{user}", "--topic", topic, *flags)


class ServiceAtASecureBroker(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.topic = self._testMethodName
        made = subprocess.run([CONNTRAIL, "kafka", "init", "--log",
                               f"kafka:{kafka('bootstrap')}/{self.topic}"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(made.returncode, 0, made.stderr)

    def properties(self, text):
        path = self.scratch / "client.properties"
        path.write_text(text)
        path.chmod(0o600)
        return path

    def server(self, listener, properties):
        server = Server(CONNTRAILD, self.scratch,
                        ["--log", f"kafka:{kafka('bootstrap', listener)}/{self.topic}",
                         "--kafka-properties", properties, "--unsafe", "replication"])
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        return server

    def serves(self, server):
        status, _, text = server.start().ask("POST", CONNECTIONS, connection_body("one"))
        self.assertEqual(status, 201, text)
        status, answer = server.json("GET", CONNECTIONS)
        self.assertEqual([c["attributes"]["name"] for c in answer["data"]], ["one"])
        self.assertEqual(server.stop(), 0)

    def test_tls(self):
        allow("conntrail", self.topic, "Read", "Write", "Describe", "DescribeConfigs")
        self.serves(self.server("tls", SECURE / "tls.properties"))

    def test_password(self):
        allow("writer", self.topic, "Read", "Write", "Describe", "DescribeConfigs")
        text = (SECURE / "writer.properties").read_text().replace("SCRAM-SHA-512", "PLAIN")
        password = text.split("sasl.password=")[1].split()[0]
        server = self.server("sasl", self.properties(text))
        self.serves(server)
        for path in self.scratch.rglob("*"):  # the store, the diagnostics, what it remembers
            if path.is_file() and path.name != "client.properties":
                self.assertNotIn(password.encode(), path.read_bytes(), path)

    def test_who_is_refused_is_told_in_one_line_and_without_the_password(self):
        text = (SECURE / "writer.properties").read_text().replace("SCRAM-SHA-512", "PLAIN")
        wrong = "wrong" + text.split("sasl.password=")[1].split()[0]
        text = text.replace("sasl.password=", "sasl.password=wrong")
        log = f"kafka:{kafka('bootstrap', 'sasl')}/{self.topic}"
        options = ["--log", log, "--kafka-properties", self.properties(text)]
        for command in ([CONNTRAIL, "kafka", "check", *options],
                        [CONNTRAILD, "--data", self.scratch / "data", "--listen", "127.0.0.1:0",
                         *options]):
            refused = subprocess.run(command, capture_output=True, text=True, timeout=30)
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)
            self.assertIn("check sasl.username and sasl.password", refused.stderr)
            self.assertNotIn(wrong, refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
