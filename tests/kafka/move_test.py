#!/usr/bin/env python3
"""A log on its way to a topic and back, from outside; a history that comes in there.

usage: with_broker 1 move_test.py CONNTRAIL
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CONNTRAIL = sys.argv[1]
BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
ENVIRONMENT = {**{k: v for k, v in os.environ.items() if not k.startswith("CONNTRAIL")},
               "CONNTRAIL_UNSAFE": "replication"}
PERSON = "user:11111111-1111-4111-8111-111111111111"


def conntrail(*arguments):
    return subprocess.run([CONNTRAIL, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          env=ENVIRONMENT)


def observations(first, count, minute):
    """So many connections made, each an observation of its own."""
    return "".join(
        json.dumps({"op": "connection.created", "seq": seq, "recorded_at": f"2015-03-01T09:{minute + seq:02}:00Z",
                    "actor": PERSON, "after": {"name": f"c{minute}-{seq}"},
                    "connection": {"id": f"22222222-2222-5222-82{minute:02}-{seq:012}", "name": f"c{minute}-{seq}"}})
        + "\n" for seq in range(first, first + count))


class Moving(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.log = f"kafka:{BOOTSTRAP}/{self._testMethodName}"

    def ok(self, *arguments):
        done = conntrail(*arguments)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done

    def refused(self, text, *arguments):
        done = conntrail(*arguments)
        self.assertEqual(done.returncode, 4, f"{arguments}: {done.stderr}{done.stdout}")
        self.assertIn(text, done.stderr)

    def digests(self, *where):
        """Of the projection as it is there, and folded anew from the log: they must be equal."""
        verified = json.loads(self.ok("verify", "--output", "json", *where).stdout)
        self.assertTrue(verified["equal"], verified)
        return verified["state"], verified["outcomes"], verified["records"]

    def demo(self):
        data = self.scratch / "data"
        self.ok("demo", "--data", data)
        return data

    def key_for(self, data, other):
        (other / "keys").mkdir(parents=True, exist_ok=True)
        (other / "keys" / "fingerprint.key").write_bytes((data / "keys" / "fingerprint.key").read_bytes())
        (other / "keys" / "fingerprint.key").chmod(0o600)

    def test_digests_are_equal_in_a_directory_in_a_topic_and_in_another_directory(self):
        data = self.demo()
        before = self.digests("--data", data)
        trail = self.ok("trail", "search", "--data", data, "--output", "ndjson").stdout
        copied = self.ok("log", "copy", "--data", data, "--to", self.log, "--output", "json")
        self.assertIn("only one may go on", copied.stderr)
        self.assertIn("keys/fingerprint.key", copied.stderr)
        self.assertFalse(json.loads(copied.stdout)["source_closed"])
        self.ok("kafka", "check", "--log", self.log)

        replica, home = self.scratch / "replica", self.scratch / "home"
        self.ok("log", "copy", "--from", self.log, "--to-data", home)
        self.key_for(data, home)
        self.assertEqual(self.digests("--data", home), before)
        self.assertEqual(self.ok("trail", "search", "--data", home, "--output", "ndjson").stdout, trail)
        self.assertGreater(len(trail.splitlines()), 10)

        # A new data directory on the topic, with the key that the printed advice names.
        replica.mkdir()
        (replica / "FORMAT").write_bytes((data / "FORMAT").read_bytes())
        self.key_for(data, replica)
        self.assertEqual(self.digests("--data", replica, "--log", self.log), before)
        self.assertEqual(self.ok("trail", "search", "--data", replica, "--output", "ndjson").stdout, trail)

    def test_a_directory_outgrows_its_machine_and_comes_back(self):
        data = self.demo()
        before = self.digests("--data", data)
        self.refused("conntrail log copy --close-source", "orgs", "list", "--data", data, "--log", self.log)
        copy = ("log", "copy", "--data", data, "--to", self.log, "--close-source")
        copied = json.loads(self.ok(*copy, "--output", "json").stdout)
        self.assertTrue(copied["source_closed"])
        self.assertEqual(json.loads(self.ok(*copy, "--output", "json").stdout)["copied"], 0)

        self.refused(f"moved to {self.log} and goes on there", "orgs", "list", "--data", data)
        other = f"kafka:{BOOTSTRAP}/other"
        self.ok("kafka", "init", "--log", other)
        self.refused("belongs to the log", "orgs", "list", "--data", data, "--log", other)
        self.assertEqual(self.digests("--data", data, "--log", self.log), before)
        # It is remembered, and goes on.
        more = self.scratch / "more.jsonl"
        more.write_text(observations(1, 3, 1))
        self.ok("import", more, "--data", data, "--org", "grown")
        grown = self.digests("--data", data)
        self.assertGreater(grown[2], before[2])

        home = ("log", "copy", "--data", data, "--to-data", data, "--output", "json")
        kafka, closed = data / "log" / "kafka", data / "log" / "closed"
        remembered = kafka.read_text()
        back = json.loads(self.ok(*home).stdout)
        self.assertEqual((back["already_there"], back["records"]), (before[2], grown[2]),
                         "what the directory had is compared, the rest is copied")
        self.assertFalse(kafka.exists() or closed.exists())
        # Cut off at the very last step: nobody uses it, and the same command finishes.
        closed.write_text(f"conntrail closed log 1\nunfinished\n{self.log}\n")
        self.refused("is an unfinished copy of " + self.log, "orgs", "list", "--data", data)
        self.assertEqual(json.loads(self.ok(*home).stdout)["copied"], 0)
        # Cut off one step before: the topic still counts.
        kafka.write_text(remembered)
        closed.write_text(f"conntrail closed log 1\nunfinished\n{self.log}\n")
        self.assertEqual(self.digests("--data", data), grown)
        self.assertEqual(json.loads(self.ok(*home).stdout)["copied"], 0)
        self.assertEqual(self.digests("--data", data, "--log", "embedded"), grown)
        self.assertEqual(self.digests("--data", data), grown)

    def test_what_contradicts_itself_is_refused(self):
        data = self.demo()
        for arguments in (("--data", data), ("--data", data, "--to", self.log, "--to-data", "x"),
                          ("--data", data, "--from", self.log, "--to-data", "x"),
                          ("--data", data, "--to-data", data), ("--data", data, "--to", "embedded"),
                          ("--from", self.log, "--to", self.log)):
            self.assertEqual(conntrail("log", "copy", *arguments).returncode, 2, arguments)
        self.assertEqual(conntrail("log", "copy", "--data", self.scratch / "none", "--to", self.log).returncode, 5)
        self.assertEqual(conntrail("log", "copy", "--from", self.log, "--to-data", data).returncode, 5)
        self.ok("log", "copy", "--data", data, "--to", self.log)
        second = self.scratch / "second"
        self.ok("demo", "--data", second)
        self.refused("is no copy of the log", "log", "copy", "--data", second, "--to", self.log)
        self.refused("choose another directory", "log", "copy", "--from", self.log, "--to-data", second)

    def test_a_history_comes_in_once_whatever_others_write_between(self):
        self.ok("kafka", "init", "--log", self.log)
        ours, theirs = self.scratch / "ours", self.scratch / "theirs"
        first, other = self.scratch / "first.jsonl", self.scratch / "other.jsonl"
        first.write_text(observations(1, 20, 1))
        other.write_text(observations(1, 15, 30))

        def bring(file, data, org):
            done = self.ok("import", file, "--data", data, "--log", self.log, "--org", org, "--output", "json")
            summary = json.loads(done.stdout)
            return summary["appended"], summary["already_there"]

        self.assertEqual(bring(first, ours, "acme"), (20, 0))
        self.key_for(ours, theirs)
        (theirs / "FORMAT").write_bytes((ours / "FORMAT").read_bytes())
        self.assertEqual(bring(other, theirs, "beta"), (15, 0))
        self.assertEqual(bring(first, ours, "acme"), (0, 20), "the same again: nothing twice")
        with first.open("a") as file:
            file.write(observations(21, 5, 1))
        self.assertEqual(bring(first, theirs, "acme"), (5, 20), "from another replica, too")
        self.assertEqual(bring(other, ours, "beta"), (0, 15))
        self.assertEqual(self.digests("--data", ours), self.digests("--data", theirs))
        listed = self.ok("connections", "list", "--data", ours, "--org", "acme", "--output", "ndjson").stdout
        self.assertEqual(len(listed.splitlines()), 25)
        at = self.ok("trail", "search", "--data", ours, "--org", "acme", "--output", "ndjson").stdout
        self.assertIn("2015-03-01T09:21:00", at, "times are the source's")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
