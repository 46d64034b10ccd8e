#!/usr/bin/env python3
"""What a running server proves of its trail, checked by an implementation of the specifications that
shares nothing with it, while the log grows, after kill -9, after a rebuild, and against a log that
was set back.

usage: evidence_test.py CONNTRAILD
"""
import base64
import hashlib
import shutil
import sys
import tempfile
import time
import unittest

import tlog
from server import Server, connection_body

CONNECTIONS = "/api/v2/actions/connections"


def raw(server, path, headers=None):
    """(status, headers, body as bytes)."""
    connection = server.connect()
    try:
        connection.request("GET", path, headers={**server.keys, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Log:
    """The org's log as a client reads it."""

    def __init__(self, server):
        self.server = server
        told = server.json("GET", "/api/v2/evidence")[1]["data"]["attributes"]
        self.key, self.base = told["verifier_key"], told["tlog"]

    def get(self, path):
        status, headers, body = raw(self.server, self.base + path)
        if status != 200:
            raise LookupError(f"{path}: {status} {body}")
        return headers, body

    def note(self):
        return self.get("checkpoint")[1].decode()

    def checkpoint(self):
        return tlog.read_checkpoint(self.note(), self.key)

    def await_size(self, size):
        for _ in range(200):
            try:
                found = self.checkpoint()
                if found[0] >= size:
                    return found
            except LookupError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{size} records were not sealed in 10 s")

    def leaves(self, size):
        leaves = []
        for first in range(0, size, 256):
            width = min(256, size - first)
            path = "tile/entries/" + tlog.index_path(first // 256)
            leaves += tlog.entries_of(self.get(path + (f".p/{width}" if width < 256 else ""))[1])
        return leaves

    def tile(self, level, number, width=256):
        path = f"tile/{level}/{tlog.index_path(number)}"
        body = self.get(path + (f".p/{width}" if width < 256 else ""))[1]
        return [body[at:at + 32] for at in range(0, len(body), 32)]


class EvidenceTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="conntrail_evidence.")
        self.server = self.start()
        self.count = 0

    def tearDown(self):
        self.server.kill()
        self.scratch.cleanup()

    def start(self, keys=None):
        options = ["--evidence-name", "example.org/test", "--seal-interval-ms", "200"]
        server = Server(PROGRAM, self.scratch.name, options)
        server.start()
        server.keys = server.keys or keys
        return server

    def restart(self):
        self.server = self.start(self.server.keys)

    def write(self, count):
        """That many connections; how many records the trail has then."""
        connection = self.server.connect()
        for _ in range(count):
            self.count += 1
            status, headers, text = self.server.ask(
                "POST", CONNECTIONS, connection_body(f"c{self.count}"), connection=connection)
            self.assertEqual(status, 201, text)
        connection.close()
        return self.records()

    def records(self):
        told = self.server.json("GET", "/api/v2/evidence")[1]
        return told["data"]["attributes"]["records"]

    def test_a_growing_log_is_what_its_checkpoints_say(self):
        log = Log(self.server)
        self.assertTrue(log.key.startswith("example.org/test/p0/o1+"))
        kept = []
        for target in (20, 256, 257, 520):
            records = self.write(max(1, target - self.records()))
            size, root = log.await_size(records)
            leaves = log.leaves(size)
            self.assertEqual(len(leaves), size)
            hashes = [tlog.leaf_hash(leaf) for leaf in leaves]
            self.assertEqual(tlog.root_of(hashes), root)
            for old_size, old_root in kept:
                self.assertEqual(tlog.root_of(hashes[:old_size]), old_root, "an older checkpoint")
            kept.append((size, root))
            for number in range(size // 256):
                self.assertEqual(log.tile(0, number), hashes[number * 256:(number + 1) * 256])
            if size % 256:
                self.assertEqual(log.tile(0, size // 256, size % 256), hashes[size // 256 * 256:])
            if size >= 256:
                self.assertEqual(log.tile(1, 0, size // 256),
                                 [tlog.root_of(hashes[n * 256:(n + 1) * 256])
                                  for n in range(size // 256)])
            for index in {0, 1, size // 2, size - 1}:
                self.check_inclusion(log, index, hashes)
            # The leaf says what was decided, and holds the event as it is on the log.
            self.assertEqual([leaf[0] for leaf in leaves], [1] * size)
            self.assertEqual([leaf[1] for leaf in leaves[-1:]], [1], "applied")
        self.check_consistency(log, kept)

    def check_inclusion(self, log, index, hashes):
        status, _, text = self.server.ask("GET", f"/api/v2/evidence/proofs/{index}")
        self.assertEqual(status, 200, text)
        head, checkpoint = text.split("\n\n", 1)
        magic, index_line, *path = head.split("\n")
        self.assertEqual(magic, "c2sp.org/tlog-proof@v1")
        self.assertEqual(index_line, f"index {index}")
        size, root = tlog.read_checkpoint(checkpoint, log.key)
        path = [base64.b64decode(line, validate=True) for line in path]
        self.assertEqual(tlog.root_by_path(hashes[index], index, size, path), root)

    def check_consistency(self, log, kept):
        hashes = [tlog.leaf_hash(leaf) for leaf in log.leaves(kept[-1][0])]
        (a, a_root), (b, b_root) = kept[1], kept[-1]
        status, told = self.server.json("GET", f"/api/v2/evidence/consistency?from={a}&to={b}")
        self.assertEqual(status, 200, told)
        told = told["data"]["attributes"]
        self.assertEqual(base64.b64decode(told["from_root"]), a_root)
        self.assertEqual(base64.b64decode(told["to_root"]), b_root)
        self.assertEqual([base64.b64decode(h) for h in told["path"]], self.proof(a, hashes[:b]))

    def proof(self, size, hashes, whole=True):
        """SUBPROOF of RFC 6962, section 2.1.2."""
        if size == len(hashes):
            return [] if whole else [tlog.root_of(hashes)]
        half = 1
        while 2 * half < len(hashes):
            half *= 2
        if size <= half:
            return self.proof(size, hashes[:half], whole) + [tlog.root_of(hashes[half:])]
        return self.proof(size - half, hashes[half:], False) + [tlog.root_of(hashes[:half])]

    def test_checkpoints_outlive_kills_and_rebuilds(self):
        log = Log(self.server)
        kept = []
        for round_number in range(4):
            kept.append(log.await_size(self.write(7)))
            self.server.kill()
            if round_number % 2:
                shutil.rmtree(self.server.data / "projection")
            self.restart()
            log.server = self.server
            self.assertGreaterEqual(log.checkpoint()[0], kept[-1][0])
        size, root = log.await_size(self.write(1))
        hashes = [tlog.leaf_hash(leaf) for leaf in log.leaves(size)]
        self.assertEqual(tlog.root_of(hashes), root)
        for old_size, old_root in kept:
            self.assertEqual(tlog.root_of(hashes[:old_size]), old_root)

    def test_a_log_that_was_set_back_is_not_signed(self):
        log = Log(self.server)
        log.await_size(self.write(3))
        self.assertEqual(self.server.stop(), 0)
        backup = self.server.scratch / "backup"
        shutil.copytree(self.server.data / "log", backup)
        self.restart()
        log.server = self.server
        log.await_size(self.write(20))
        self.assertEqual(self.server.stop(), 0)
        for part in ("log", "projection"):
            shutil.rmtree(self.server.data / part)
        shutil.copytree(backup, self.server.data / "log")
        self.restart()
        log.server = self.server
        with self.assertRaisesRegex(LookupError, "503.*was signed.*is shorter"):
            log.checkpoint()
        self.write(40)  # a log that has grown again is another one
        time.sleep(0.5)
        with self.assertRaisesRegex(LookupError, "503.*does not begin with it"):
            log.checkpoint()
        self.assertEqual(self.server.json("GET", CONNECTIONS)[0], 200, "all else goes on")

    def test_what_is_not_sealed_or_not_there_is_not_found(self):
        log = Log(self.server)
        size, _ = log.await_size(self.write(2))
        for path in (f"tile/0/000.p/{size + 200}", "tile/0/001", "tile/1/000.p/1", "tile/9/000",
                     "tile/entries/001.p/3", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/0", "tile",
                     "checkpoint/x", "tile/63/000", "tile/64/000", "tile/0/x001/000"):
            with self.assertRaisesRegex(LookupError, "404|400", msg=path):
                log.get(path)
        self.assertEqual(raw(self.server, "/api/v2/evidence/proofs/100000")[0], 404)
        self.assertEqual(raw(self.server, "/api/v2/evidence/proofs/x")[0], 400)
        self.assertEqual(raw(self.server, "/api/v2/evidence/consistency?from=9&to=3")[0], 404)
        self.assertEqual(raw(self.server, "/api/v2/evidence/consistency?from=3&to=99999")[0], 404)
        headers, _ = log.get(f"tile/0/000.p/{size}")
        self.assertIn("immutable", headers["Cache-Control"])
        self.assertNotIn("immutable", log.get("checkpoint")[0]["Cache-Control"])

    def test_nobody_else_sees_the_log(self):
        log = Log(self.server)
        log.await_size(1)
        status, opened = self.server.json("POST", "/api/v2/orgs", {
            "data": {"type": "orgs", "attributes": {"name": "other"}}})
        self.assertEqual(status, 201, opened)
        keys = opened["data"]["attributes"]
        other = {"DD-API-KEY": keys["api_key"], "DD-APPLICATION-KEY": keys["application_key"]}
        for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
            self.assertEqual(raw(self.server, log.base + path, other)[0], 404, path)
            self.assertEqual(raw(self.server, log.base + path, {"DD-API-KEY": ""})[0], 401, path)
        own = raw(self.server, "/api/v2/evidence", other)[2].decode()
        self.assertIn("example.org/test/p0/o2", own)
        system = log.base.replace("/o1/", "/o0/")
        self.assertEqual(raw(self.server, system + "checkpoint")[0], 404)

    def test_reading_entries_is_recorded_once_in_a_while(self):
        log = Log(self.server)
        size, _ = log.await_size(self.write(2))
        before = self.records()
        for _ in range(5):
            log.leaves(size)
        self.assertEqual(self.records(), before + 1)

    def test_an_answer_can_carry_a_receipt(self):
        log = Log(self.server)
        log.await_size(self.write(3))
        path = CONNECTIONS + "?page[size]=2".replace("[", "%5B").replace("]", "%5D")
        status, headers, body = raw(self.server, path, {"Conntrail-Want-Receipt": "signed"})
        self.assertEqual(status, 200, body)
        parts = dict(part.split("=", 1) for part in headers["Conntrail-Receipt"].split("; "))
        query = hashlib.sha256(f"GET {path}\n".encode()).digest()
        self.assertEqual(base64.b64decode(parts["query"]), query)
        self.assertEqual(base64.b64decode(parts["answer"]), hashlib.sha256(body).digest())
        checkpoint = base64.b64decode(headers["Conntrail-Checkpoint"]).decode()
        size, root = tlog.read_checkpoint(checkpoint, log.key)
        self.assertEqual(str(size), parts["size"])
        self.assertEqual(root, base64.b64decode(parts["root"]))
        note = base64.b64decode(headers["Conntrail-Receipt-Note"]).decode()
        text = tlog.verify_note(note, log.key).split("\n")
        self.assertEqual(text, ["conntrail/receipt/v1", log.key.split("+")[0], parts["index"],
                                parts["seal"], parts["size"], parts["root"], parts["query"],
                                parts["answer"], ""])
        plain = raw(self.server, path, {"Conntrail-Want-Receipt": "true"})[1]
        self.assertNotIn("Conntrail-Receipt-Note", plain)
        self.assertIn("index=", plain["Conntrail-Receipt"])
        self.assertNotIn("Conntrail-Receipt", raw(self.server, path)[1])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
