#!/usr/bin/env python3
"""The topic of outcomes, read with an ordinary client: nothing is missing, whatever dies when.

usage: with_broker 1 outcomes_test.py CONNTRAILD CONNTRAIL WORK_DIRECTORY
Installs requirements.txt into WORK_DIRECTORY once. Exit status 77: skipped, because the client cannot
be had.
"""
import csv
import http.client
import io
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "e2e" / "service")]
from server import Server, connection_body  # noqa: E402

try:
    import confluent_kafka
except ImportError:
    if "--again" in sys.argv:
        raise
    from python_packages import install
    python = install(pathlib.Path(sys.argv[3]).resolve(), HERE / "requirements.txt") / "python"
    os.execv(python, [python, "-B", *sys.argv[:4], "--again", *sys.argv[4:]])

CONNTRAILD, CONNTRAIL = sys.argv[1:3]
BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
CONNECTIONS = "/api/v2/actions/connections"
# As projections/outcomes/outcome_record.h has it; the event's bytes follow.
HEAD = struct.Struct(">BBH16sQQ" "BBHIQQI")
VERDICTS = ["", "applied", "duplicate", "denied", "rejected", "conflict", "invalid", "unsupported",
            "malformed", "misrouted"]


def kafka(*arguments):
    subprocess.run([os.environ["KAFKA_LOCAL"], *arguments], check=True, stdout=subprocess.DEVNULL)


def conntrail(*arguments):
    return subprocess.run([CONNTRAIL, *arguments], capture_output=True, text=True, timeout=120)


class Outcome:
    def __init__(self, message):
        self.value, self.key, self.headers = message.value(), message.key(), message.headers()
        self.partition = message.partition()
        (self.layout, _, self.marks, org, self.index, _, self.leaf, verdict, _, self.rules,
         self.time_ms, self.revision, _) = HEAD.unpack_from(self.value)
        self.org = uuid.UUID(bytes=org)
        self.verdict = VERDICTS[verdict]
        self.event = self.value[HEAD.size:]


def read_all(topic):
    """Every message of a topic up to its end of now, in the order of each partition."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "a reader",
                                         "enable.auto.commit": False})
    messages = []
    try:
        for partition in consumer.list_topics(topic, timeout=20).topics[topic].partitions:
            place = confluent_kafka.TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING)
            _, end = consumer.get_watermark_offsets(place, timeout=20)
            consumer.assign([place])
            at = 0
            while at < end:
                message = consumer.poll(20)
                assert message is not None and message.error() is None, message
                messages.append(message)
                at = message.offset() + 1
    finally:
        consumer.close()
    return messages


class Writer(threading.Thread):
    """Makes connections, renames some and asks for what cannot be, until the server is gone."""

    def __init__(self, server, name):
        super().__init__()
        self.server, self.name_prefix, self.random = server, name, random.Random(name)

    def run(self):
        connection = self.server.connect(timeout=10)
        try:
            for i in range(100_000):
                status, _, text = self.server.ask("POST", CONNECTIONS,
                                                  connection_body(f"{self.name_prefix}-{i}"),
                                                  connection=connection)
                if status != 201:
                    continue
                path = CONNECTIONS + "/" + json.loads(text)["data"]["id"]
                for _ in range(self.random.randrange(3)):  # the second time there is none
                    self.server.ask("DELETE", path, connection=connection)
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()


class Outcomes(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="conntrail_outcomes.")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.data = self.scratch / "data"
        self.topic = f"audit-{self._testMethodName}"
        self.log = f"kafka:{BOOTSTRAP}/{self.topic}"
        self.init()

    def init(self, *options):
        made = conntrail("kafka", "init", "--log", self.log, *options)
        self.assertEqual(made.returncode, 0, made.stderr)

    def server(self, *options):
        server = Server(CONNTRAILD, self.scratch,
                        ["--unsafe", "replication", "--decision-wait-ms", "4000", *options])
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        return server

    def create(self, server, name):
        status, _, text = server.ask("POST", CONNECTIONS, connection_body(name))
        return status, text

    def on_directory(self, *arguments):
        done = conntrail(*arguments, "--data", str(self.data), "--unsafe", "replication")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def outcomes(self):
        return [Outcome(message) for message in read_all(self.topic + ".outcomes")]

    def check(self, outcomes):
        """Each index of each org is there; again the same bytes; as the trail has it; as the log."""
        records, trails = {}, {}
        for one in outcomes:
            place = (one.org, one.index)
            first = records.setdefault(place, one)
            self.assertEqual((first.value, first.key, first.headers),
                             (one.value, one.key, one.headers), f"{place} is told in two ways")
            trail = trails.setdefault(one.org, [])
            if one.index == len(trail):  # all that a reader has to do
                trail.append(one)
        self.assertEqual(sum(len(trail) for trail in trails.values()), len(records), "in order")
        for org, trail in trails.items():
            self.assertEqual([one.index for one in trail], list(range(len(trail))), org)

        for org in json.loads(self.on_directory("orgs", "list", "--output", "json"))["orgs"]:
            rows = list(csv.DictReader(io.StringIO(self.on_directory(
                "trail", "search", "--org", org["id"], "--oldest-first", "--limit", "1000000",
                "--output", "csv"))))
            told = trails[uuid.UUID(org["id"])]
            self.assertEqual(len(told), len(rows))
            for one, row in zip(told, rows):
                headers = {name: value.decode() for name, value in one.headers}
                self.assertEqual((one.layout, one.leaf, one.key), (1, 1, one.org.bytes))
                self.assertEqual((str(one.index), one.verdict), (row["index"], row["outcome"]))
                self.assertEqual(headers["ce_verdict"], row["outcome"])
                self.assertEqual(headers.get("ce_reason", ""), row["reason"])
                self.assertEqual(headers["ce_eventtype"], row["type"])
                self.assertEqual(headers["ce_time"], row["time"])
                self.assertEqual(headers["ce_id"], f"{one.org}/{one.index}")
                self.assertEqual(headers["ce_source"], f"/conntrail/{self.topic}/{one.partition}")
                self.assertEqual(headers["content-type"], "application/vnd.conntrail.outcome")
        on_the_log = sorted(m.value() for m in read_all(self.topic) if m.offset() > 0)
        self.assertEqual(sorted(one.event for one in records.values()), on_the_log)
        return records

    def test_kills_tell_some_again_and_leave_none_out(self):
        self.init("--outcomes")
        for round_number in range(5):
            # Later rounds do not say it: the directory remembers.
            server = self.server(*(["--log", self.log, "--outcomes"] if round_number == 0 else []))
            keys = getattr(self, "keys", {})
            server.keys = keys
            server.start()
            self.keys = server.keys
            writers = [Writer(server, f"r{round_number}-w{n}") for n in range(4)]
            for writer in writers:
                writer.start()
            time.sleep(random.Random(round_number).uniform(0.8, 2.5))
            server.kill()
            for writer in writers:
                writer.join()
        server = self.server()
        server.keys = self.keys
        server.start()
        self.assertEqual(self.create(server, "after all")[0], 201)
        metrics = server.ask("GET", "/metrics")[2]
        self.assertIn("conntrail_outcomes_published_total", metrics)
        self.assertIn("conntrail_outcomes_waiting_seconds 0\n", metrics)
        self.assertEqual(server.stop(), 0)

        outcomes = self.outcomes()
        records = self.check(outcomes)
        print(f"{len(records)} records, {len(outcomes) - len(records)} told again")
        self.assertGreater(len(records), 100, "hardly anything was written")
        self.assertGreater(len(outcomes), len(records), "no kill came at a moment that matters")
        self.assertGreater(len({one.verdict for one in records.values()}), 1)

        self.assertEqual(json.loads(self.on_directory("rebuild", "--output", "json"))["equal"], True)
        self.assertEqual(len(self.outcomes()), len(outcomes), "a rebuild tells nothing")
        told = json.loads(self.on_directory("outcomes", "publish", "--output", "json"))
        self.assertEqual(told, {"records": len(records), "topic": self.topic + ".outcomes"})
        again = self.outcomes()
        self.assertEqual(len(again), len(outcomes) + len(records))
        self.assertEqual(len(self.check(again)), len(records), "the same bytes from the trail")

    def refused(self, *options):
        done = subprocess.run([CONNTRAILD, "--data", self.data, "--listen", "127.0.0.1:0",
                               "--unsafe", "replication", *options],
                              capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_a_topic_that_cannot_take_outcomes_is_refused_at_the_start(self):
        self.assertIn("outcomes are published beside a log on Kafka", self.refused("--outcomes"))
        why = self.refused("--log", self.log, "--outcomes")
        self.assertIn(f"there is no topic {self.topic}.outcomes", why)
        self.assertIn("conntrail kafka init --outcomes", why)
        kafka("tool", "topics", "--create", "--topic", self.topic + ".outcomes", "--partitions", "2",
              "--config", "cleanup.policy=compact")
        why = self.refused("--log", self.log, "--outcomes")
        self.assertIn("it has 2 partitions, and the log has 1", why)
        self.assertIn("compaction would keep the last record", why)
        self.assertIn("neither true nor false", self.refused("--outcomes", "maybe"))
        done = conntrail("kafka", "init", "--log", self.log, "--outcomes")
        self.assertEqual(done.returncode, 4, done.stderr)

    def test_turned_on_later_the_past_can_be_told(self):
        server = self.server("--log", self.log).start()
        self.assertEqual(self.create(server, "before")[0], 201)
        self.assertEqual(server.stop(), 0)
        none = conntrail("outcomes", "publish", "--data", str(self.data), "--unsafe", "replication")
        self.assertEqual(none.returncode, 4, none.stderr)

        self.init("--outcomes")
        later = self.server("--outcomes")
        later.keys = server.keys
        later.start()
        self.assertIn("conntrail outcomes publish", later.diagnostics.read_text())
        self.assertEqual(self.create(later, "after")[0], 201)
        self.assertEqual(later.stop(), 0)
        self.assertGreater(min(one.index for one in self.outcomes()), 0)
        # Whoever folds publishes: also the command line.
        self.on_directory("outcomes", "publish")
        records = self.check(self.outcomes())

        off = self.server("--outcomes", "false")
        off.keys = server.keys
        off.start()
        self.assertEqual(self.create(off, "silent")[0], 201)
        self.assertEqual(off.stop(), 0)
        self.assertEqual(len({(o.org, o.index) for o in self.outcomes()}), len(records))

    def await_status(self, server, path, wanted, seconds=60):
        for _ in range(seconds * 10):
            status, _, text = server.ask("GET", path)
            if status == wanted:
                return text
            time.sleep(0.1)
        self.fail(f"{path} is {status} {text}, not {wanted}")

    def test_while_the_topic_is_away_decisions_wait(self):
        self.init("--outcomes")
        server = self.server("--log", self.log, "--outcomes").start()
        self.assertEqual(self.create(server, "before")[0], 201)
        kafka("tool", "topics", "--delete", "--topic", self.topic + ".outcomes")
        time.sleep(1)
        status, text = self.create(server, "waits")
        self.assertEqual(status, 504, text)
        why = self.await_status(server, "/readyz", 503)
        self.assertIn(f"decisions wait for the topic {self.topic}.outcomes", why)
        self.assertEqual(why.count("\n"), 1, "one line")
        status, answer = server.json("GET", CONNECTIONS)
        self.assertEqual([c["attributes"]["name"] for c in answer["data"]], ["before"])

        self.init("--outcomes")
        self.await_status(server, "/readyz", 200, 120)
        self.assertEqual(self.create(server, "after")[0], 201)
        status, answer = server.json("GET", CONNECTIONS)
        self.assertEqual(sorted(c["attributes"]["name"] for c in answer["data"]),
                         ["after", "before", "waits"])
        self.assertIn("was made again", server.diagnostics.read_text())
        self.assertEqual(server.stop(), 0)
        self.on_directory("outcomes", "publish")  # what was in the topic before
        self.check(self.outcomes())

    def test_a_killed_broker_delays_decisions_and_loses_none(self):
        self.init("--outcomes")
        server = self.server("--log", self.log, "--outcomes").start()
        for i in range(30):
            if i in (10, 20):
                kafka("kill", "1")
                kafka("restart", "1")
            self.assertIn(self.create(server, f"c{i:02}")[0], (201, 503, 504))
        self.await_status(server, "/readyz", 200)
        self.assertEqual(server.stop(), 0)
        self.check(self.outcomes())


if __name__ == "__main__":
    rest = [a for a in sys.argv[4:] if a != "--again"]
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
