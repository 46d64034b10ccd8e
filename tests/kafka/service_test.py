#!/usr/bin/env python3
"""conntraild on Kafka, from outside: what it answers while its broker hangs, dies, loses the topic.

usage: with_broker 1 service_test.py CONNTRAILD CONNTRAIL
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e" / "service"))
from server import Server, connection_body  # noqa: E402

CONNTRAILD, CONNTRAIL = sys.argv[1:3]
BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
CONNECTIONS = "/api/v2/actions/connections"


def kafka(*arguments):
    subprocess.run([os.environ["KAFKA_LOCAL"], *arguments], check=True, stdout=subprocess.DEVNULL)


def conntrail(*arguments):
    return subprocess.run([CONNTRAIL, *arguments], capture_output=True, text=True, timeout=60)


class ServiceOnKafka(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.topic = f"audit-{self._testMethodName}"
        self.log = f"kafka:{BOOTSTRAP}/{self.topic}"
        made = conntrail("kafka", "init", "--log", self.log)
        self.assertEqual(made.returncode, 0, made.stderr)

    def server(self, name="a", *options):
        (self.scratch / name).mkdir(exist_ok=True)
        server = Server(CONNTRAILD, self.scratch / name,
                        ["--unsafe", "replication", "--decision-wait-ms", "4000", *options])
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        return server

    def create(self, server, name):
        status, _, text = server.ask("POST", CONNECTIONS, connection_body(name))
        return status, text

    def names(self, server):
        status, answer = server.json("GET", CONNECTIONS)
        self.assertEqual(status, 200, answer)
        return sorted(c["attributes"]["name"] for c in answer["data"])

    def await_status(self, server, path, wanted, seconds=30):
        for _ in range(seconds * 10):
            status, _, text = server.ask("GET", path)
            if status == wanted:
                return text
            time.sleep(0.1)
        self.fail(f"{path} is {status} {text}, not {wanted}")

    def test_a_directory_keeps_its_log(self):
        server = self.server("a", "--log", self.log).start()
        self.assertEqual(self.create(server, "one")[0], 201)
        self.assertEqual(server.stop(), 0)

        again = self.server("a").start()  # nobody says which log
        again.keys = server.keys
        self.assertEqual(self.names(again), ["one"])
        self.assertEqual(self.create(again, "two")[0], 201)
        self.assertEqual(again.stop(), 0)

        data = self.scratch / "a" / "data"
        other = f"kafka:{BOOTSTRAP}/{self.topic}-other"
        self.assertEqual(conntrail("kafka", "init", "--log", other).returncode, 0)
        for log, why in (("embedded", "not to an embedded one"), (other, "belongs to the log")):
            refused = conntrail("orgs", "list", "--data", data, "--unsafe", "replication", "--log", log)
            self.assertEqual(refused.returncode, 4)
            self.assertIn(why, refused.stderr)
            self.assertIn(self.log, refused.stderr)
        weak = conntrail("orgs", "list", "--data", data)
        self.assertEqual(weak.returncode, 4)
        self.assertIn("replication: replicas", weak.stderr)
        # Another producer's bytes, more than a record of ours may have: kept, decided, never skipped.
        before = int(conntrail("verify", "--data", data, "--unsafe", "replication").stdout.split()[1])
        kafka("tool", "producer-perf", "--topic", self.topic, "--num-records", "1", "--record-size",
              "200000", "--throughput", "-1", "--producer-props", f"bootstrap.servers={BOOTSTRAP}")
        verified = conntrail("verify", "--data", data, "--unsafe", "replication")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertEqual(int(verified.stdout.split()[1]), before + 1)

    def test_an_embedded_directory_takes_no_topic(self):
        data = self.scratch / "embedded"
        self.assertEqual(conntrail("demo", "--data", data).returncode, 0)
        refused = conntrail("orgs", "list", "--data", data, "--log", self.log)
        self.assertEqual(refused.returncode, 4)
        self.assertIn("is an embedded log", refused.stderr)

    def test_check_tells_people_and_programs(self):
        checked = conntrail("kafka", "check", "--log", self.log)
        self.assertEqual(checked.returncode, 4, "one replica is not enough")
        self.assertIn("replication", checked.stdout)
        accepted = conntrail("kafka", "check", "--log", self.log, "--unsafe", "replication",
                             "--output", "json")
        self.assertEqual(accepted.returncode, 0, accepted.stdout)
        self.assertIn('"accepted":true,"name":"replication"', accepted.stdout)
        self.assertEqual(conntrail("kafka", "check", "--log", self.log + "-none").returncode, 5)
        self.assertEqual(conntrail("kafka", "check").returncode, 2)

    def test_a_hung_broker_makes_fates_unknown_and_reads_go_on(self):
        server = self.server("a", "--log", self.log).start()
        self.assertEqual(self.create(server, "before")[0], 201)
        kafka("pause", "1")
        try:
            status, text = self.create(server, "unknown")
            self.assertEqual(status, 504, text)
            self.assertEqual(self.names(server), ["before"], "reads go on")
        finally:
            kafka("resume", "1")
        for i in range(60):
            status, text = self.create(server, f"after {i}")
            if status == 201:
                break
            self.assertIn(status, (503, 504), text)
            time.sleep(0.5)
        self.assertEqual(status, 201, text)
        self.await_status(server, "/readyz", 200)
        self.assertEqual(self.names(server).count("unknown") <= 1, True)

    def test_a_killed_broker_loses_nothing_acknowledged(self):
        server = self.server("a", "--log", self.log).start()
        acknowledged = []
        for i in range(60):
            if i in (20, 40):
                kafka("kill", "1")
                kafka("restart", "1")
            status, text = self.create(server, f"c{i:02}")
            if status == 201:
                acknowledged.append(f"c{i:02}")
            else:
                self.assertIn(status, (503, 504), text)
        self.assertGreater(len(acknowledged), 30)
        self.await_status(server, "/readyz", 200)
        names = self.names_of_all(server)
        for name in acknowledged:
            self.assertEqual(names.count(name), 1, name)
        self.assertEqual(server.stop(), 0)

    def names_of_all(self, server):
        answer = server.json("GET", CONNECTIONS + "?page[limit]=100")[1]
        return [c["attributes"]["name"] for c in answer["data"]]

    def test_retention_that_is_switched_on_is_told_while_it_goes_on(self):
        server = self.server("a", "--log", self.log).start()
        self.assertEqual(self.create(server, "kept")[0], 201)
        self.assertEqual(server.ask("GET", "/readyz")[2], "ready\n", "what is accepted is no warning")
        figure = 'conntrail_log_findings{accepted="%s",name="%s"} 1'
        self.assertIn(figure % ("true", "replication"), server.ask("GET", "/metrics")[2])

        def alter(setting):
            kafka("tool", "configs", "--alter", "--topic", self.topic, "--add-config", setting)

        def ready_text(wanted):
            for _ in range(300):
                status, _, text = server.ask("GET", "/readyz")
                self.assertEqual(status, 200, text)
                if (len(text.splitlines()) > 1) == wanted:
                    return text
                time.sleep(0.1)
            self.fail(text)
        alter("retention.ms=86400000")
        lines = ready_text(True).splitlines()
        self.assertEqual(lines[0], "ready")
        self.assertIn('warning: retention: retention.ms is "86400000", not "-1"', lines[1])
        self.assertIn(f"kafka-configs --alter --topic {self.topic} --add-config retention.ms=-1", lines[1])
        figures = server.ask("GET", "/metrics")[2]
        self.assertIn(figure % ("false", "retention"), figures)
        self.assertEqual(self.create(server, "still")[0], 201)
        alter("retention.ms=-1")
        self.assertEqual(ready_text(False), "ready\n")
        self.assertNotIn('name="retention"', server.ask("GET", "/metrics")[2])

    def test_a_deleted_topic_halts_and_answers_go_on(self):
        server = self.server("a", "--log", self.log).start()
        self.assertEqual(self.create(server, "kept")[0], 201)
        kafka("tool", "topics", "--delete", "--topic", self.topic)
        why = self.await_status(server, "/readyz", 503, 60)
        self.assertIn("halted: ", why)
        self.assertIn("restore it", why)
        self.assertEqual(why.count("\n"), 1, "one line")
        self.assertEqual(self.names(server), ["kept"])
        status, text = self.create(server, "late")
        self.assertEqual(status, 503, text)
        self.assertNotEqual(server.stop(), 0, "whoever restarts it is to look first")

        again = conntrail("orgs", "list", "--data", self.scratch / "a" / "data", "--unsafe",
                          "replication")
        self.assertEqual(again.returncode, 5, again.stderr)
        self.assertIn("there is no topic", again.stderr)
        self.assertEqual(conntrail("kafka", "init", "--log", self.log).returncode, 0)
        other = conntrail("orgs", "list", "--data", self.scratch / "a" / "data", "--unsafe",
                          "replication")
        self.assertEqual(other.returncode, 4, other.stderr)
        self.assertIn("belongs to the log", other.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
