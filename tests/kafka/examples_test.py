#!/usr/bin/env python3
"""The examples of tools/examples against a broker and a conntraild: what they send is in the trail,
once, however often they are run.

usage: with_broker 1 examples_test.py CONNTRAILD CONNTRAIL FLATC WORK_DIRECTORY [TEST...]
Exit status 77: one was skipped, because its language or its packages cannot be had.
"""
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import uuid

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "e2e" / "service")]
import python_packages  # noqa: E402
from server import Server, connection_body  # noqa: E402

CONNTRAILD, CONNTRAIL, FLATC = sys.argv[1:4]
WORK = pathlib.Path(sys.argv[4]).resolve()
BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
EXAMPLES = SOURCE / "tools" / "examples"
TYPES = ["connection.created", "connection.edited", "connection.used", "credential.rotated"]

# Prints partition 0 of a topic, as an ordinary consumer sees it.
READ_ALL = """
import json, sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "none", "enable.auto.commit": False,
                     "enable.partition.eof": True})
consumer.assign([TopicPartition(sys.argv[2], 0, 0)])
while True:
    message = consumer.poll(20)
    if message is None or message.error():
        break
    print(json.dumps({"key": message.key().hex(), "headers": [(n, v.decode()) for n, v in
                                                              message.headers() or []]}))
"""


def skip(why):
    raise unittest.SkipTest("SKIPPED: " + why)


def prepare(name, language):
    """A copy of the example with the code that flatc makes for it."""
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in (EXAMPLES / name).iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    subprocess.run([FLATC, language, "--gen-object-api", "-o", folder,
                    SOURCE / "schemas" / "event.fbs"], check=True)
    return folder


def python_of_examples():
    try:
        programs = python_packages.install(WORK / "python",
                                           EXAMPLES / "producer_python" / "requirements.txt")
    except SystemExit:  # it has said why
        skip("the packages of the Python example cannot be had")
    return programs / "python"


def python_example():
    return [python_of_examples(), "-B", prepare("producer_python", "--python") / "producer.py"]


def go_example():
    if not shutil.which("go"):
        skip("there is no Go toolchain")
    folder = prepare("producer_go", "--go")
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly")
    done = subprocess.run(["go", "mod", "download"], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        skip("the modules of the Go example cannot be had: " + done.stdout[-400:])
    subprocess.run(["go", "build", "-o", folder / "producer", "."], cwd=folder, env=environment,
                   check=True)
    return [folder / "producer"]


class ExamplesOfProducers(unittest.TestCase):
    def start(self, *options):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.topic = f"audit-{self._testMethodName}"
        log = f"kafka:{BOOTSTRAP}/{self.topic}"
        subprocess.run([CONNTRAIL, "kafka", "init", "--log", log], check=True,
                       stdout=subprocess.DEVNULL)
        self.server = Server(CONNTRAILD, self.scratch,
                             ["--log", log, "--unsafe", "replication", *options]).start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.kill())
        self.org = self.server.ready["org"]

    def send(self, command, producer, key_file):
        done = subprocess.run(
            [*command, "--bootstrap", BOOTSTRAP, "--topic", self.topic, "--org", self.org,
             "--partition", "0", "--producer", producer, "--journal", self.scratch / "journal",
             "--fingerprint-key", key_file], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("4 events are in the log", done.stdout)

    def conntrail(self, *arguments):
        environment = dict(os.environ, CONNTRAIL_API_KEY=self.server.ready["api_key"],
                           CONNTRAIL_APPLICATION_KEY=self.server.ready["application_key"])
        done = subprocess.run([CONNTRAIL, *arguments, "--server", self.server.ready["url"],
                               "--output", "json"], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def records_of(self, producer, count):
        """What the trail has of it, oldest first, once there are so many."""
        for _ in range(200):
            answer = self.conntrail("trail", "search", "--full", "--oldest-first", "--limit", "500")
            found = [r for r in answer["records"] if r.get("full", {}).get("producer") == producer]
            if len(found) >= count:
                return found
            time.sleep(0.1)
        self.fail(f"{len(found)} records of {producer}, not {count}")

    def read_topic(self):
        printed = subprocess.run([python_of_examples(), "-c", READ_ALL, BOOTSTRAP, self.topic],
                                 check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in printed.splitlines()]

    def check(self, command, producer):
        self.start()
        key_file = self.server.data / "keys" / "fingerprint.key"
        self.send(command, producer, key_file)
        records = self.records_of(producer, 4)
        self.assertEqual([r["outcome"] for r in records], ["applied"] * 4)
        self.assertEqual([r["type"] for r in records], TYPES)
        self.assertEqual([r["full"]["producer_sequence"] for r in records], [1, 2, 3, 4])
        self.assertEqual([r.get("marks") for r in records], [None] * 4)
        self.assertEqual(len({r["subject"] for r in records}), 1)
        digest = hmac.new(bytes.fromhex(key_file.read_text().strip()), b"not a real one",
                          hashlib.sha256).hexdigest()
        self.assertEqual(records[3]["full"]["action"]["secrets"],
                         [{"digest": digest, "field": "api_token"}])

        self.send(command, producer, key_file)
        again = self.records_of(producer, 8)
        self.assertEqual([r["outcome"] for r in again], ["applied"] * 4 + ["duplicate"] * 4)
        self.assertEqual([r["full"] for r in again[4:]], [r["full"] for r in again[:4]])
        shown = self.conntrail("connections", "show", records[0]["subject"].split(":")[1])
        self.assertIn(f'"pager ({"Go" if "go" in producer else "Python"})"', json.dumps(shown))
        self.check_headers([r["full"] for r in again])

    def check_headers(self, events):
        sent = [m for m in self.read_topic() if m["headers"]]
        self.assertEqual(len(sent), len(events), "what conntraild writes has none")
        for message, event in zip(sent, events):
            self.assertEqual(message["key"], uuid.UUID(self.org).hex)
            producer = urllib.parse.quote(event["producer"], safe="")
            self.assertEqual(message["headers"], [
                ["content-type", "application/vnd.conntrail.event"], ["ce_specversion", "1.0"],
                ["ce_id", event["id"]], ["ce_source", f"/orgs/{self.org}/producers/{producer}"],
                ["ce_type", "conntrail." + event["type"]], ["ce_time", event["occurred_at"]]])

    def test_python(self):
        self.check(python_example(), "back end (python)/1")

    def test_go(self):
        self.check(go_example(), "back end (go)/1")

    def test_what_conntraild_writes_has_headers_if_it_is_told_so(self):
        python_of_examples()
        self.start("--kafka-headers", "true")
        status, answer = self.server.json("POST", "/api/v2/actions/connections",
                                          connection_body("pager"))
        self.assertEqual(status, 201, answer)
        # The origin has none, and is no event.
        headers = [dict(message["headers"]) for message in self.read_topic()]
        self.assertEqual(headers[0], {})
        types = [one["ce_type"] for one in headers[1:]]
        self.assertIn("conntrail.org.opened", types)
        self.assertEqual(types[-1], "conntrail.connection.created")
        self.assertEqual(headers[-1]["ce_source"], f"/orgs/{self.org}")


if __name__ == "__main__":
    result = unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2, exit=False).result
    for _, why in result.skipped:
        print(why)
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
