#!/usr/bin/env python3
"""Several conntraild on one topic: replicas that project all of it, and nodes that share it out.

usage: with_broker 1 nodes_test.py CONNTRAILD CONNTRAIL
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e" / "service"))
from server import Server, connection_body  # noqa: E402

CONNTRAILD, CONNTRAIL = sys.argv[1:3]
BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
CONNECTIONS = "/api/v2/actions/connections"
UNSAFE = ["--unsafe", "replication"]


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def peer_token(node):
    """What the nodes of a log know each other by (events/secret/fingerprint.h)."""
    key = bytes.fromhex((node.data / "keys" / "fingerprint.key").read_text().strip())
    return hashlib.sha256(b"conntrail peers 1\n" + key).hexdigest()


def conntrail(*arguments):
    done = subprocess.run([CONNTRAIL, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Nodes(unittest.TestCase):
    PARTITIONS = 4

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.topic = f"audit-{self._testMethodName}"
        self.log = f"kafka:{BOOTSTRAP}/{self.topic}"
        conntrail("kafka", "init", "--log", self.log, "--partitions", str(self.PARTITIONS), *UNSAFE)

    def node(self, name, *options, key_of=None):
        """A node that is not started yet; with the fingerprint key of another one."""
        scratch = self.scratch / name
        scratch.mkdir(exist_ok=True)
        server = Server(CONNTRAILD, scratch, ["--log", self.log, *UNSAFE, *options])
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        if key_of is not None:
            (server.data / "keys").mkdir(parents=True, exist_ok=True)
            shutil.copy(key_of.data / "keys" / "fingerprint.key", server.data / "keys")
            server.keys = key_of.keys
        return server

    def await_ready(self, server, seconds=60):
        for _ in range(seconds * 10):
            status, _, text = server.ask("GET", "/readyz")
            if status == 200:
                return
            time.sleep(0.1)
        self.fail(f"not ready: {text}; {server.diagnostics.read_text()[-800:]}")

    def create(self, server, name, keys=None):
        status, headers, text = server.ask("POST", CONNECTIONS, connection_body(name), keys)
        self.assertEqual(status, 201, text)
        return json.loads(text)["data"]["id"], headers

    def open_org(self, server, name):
        status, _, text = server.ask("POST", "/api/v2/orgs",
                                     {"data": {"type": "orgs", "attributes": {"name": name}}})
        self.assertEqual(status, 201, text)
        attributes = json.loads(text)["data"]["attributes"]
        return {"DD-API-KEY": attributes["api_key"],
                "DD-APPLICATION-KEY": attributes["application_key"]}

    def names(self, server, keys=None, query=""):
        status, _, text = server.ask("GET", CONNECTIONS + query, headers=keys)
        self.assertEqual(status, 200, text)
        return sorted(c["attributes"]["name"] for c in json.loads(text)["data"])

    def digests(self, server):
        """Of a stopped full node: state, outcomes and records, folded anew and compared."""
        out = conntrail("verify", "--data", str(server.data), "--output", "json", *UNSAFE)
        found = json.loads(out)
        self.assertTrue(found["equal"], out)
        return found["state"], found["outcomes"], found["records"]


class Replicas(Nodes):
    def test_each_answers_for_all_and_all_come_to_the_same(self):
        first = self.node("a").start()
        others = [self.node(name, key_of=first).start() for name in ("b", "c")]
        nodes = [first, *others]
        orgs = {name: self.open_org(first, name) for name in ("acme", "zenith", "initech")}
        for i, (org, keys) in enumerate(orgs.items()):
            for n in range(6):
                writer, reader = nodes[n % 3], nodes[(n + 1) % 3]
                deadline = time.time() + 20
                while writer.ask("GET", CONNECTIONS, headers=keys)[0] == 401:
                    self.assertLess(time.time(), deadline, "the org's keys never came")
                    time.sleep(0.05)
                _, headers = self.create(writer, f"{org} {n}", keys)
                wanted = f"?at_least={headers['X-Conntrail-Record']}"
                self.assertIn(f"{org} {n}", self.names(reader, keys, wanted))
        for keys in orgs.values():
            answers = {node.ask("GET", CONNECTIONS + "?at_least=8", headers=keys)[2]
                       for node in nodes}
            self.assertEqual(len(answers), 1, "replicas answer differently")
        self.stop_and_compare(nodes)

    def stop_and_compare(self, nodes):
        for node in nodes:
            self.assertEqual(node.stop(), 0, node.diagnostics.read_text()[-600:])
        found = {self.digests(node) for node in nodes}
        self.assertEqual(len(found), 1, f"replicas differ: {found}")

    def test_what_a_replica_has_not_seen_yet_is_edited_all_the_same(self):
        first = self.node("a").start()
        second = self.node("b", key_of=first).start()
        with ThreadPoolExecutor(8) as pool:
            def create_here_and_edit_there(n):
                identifier, _ = self.create(first, f"number {n}")
                status, headers, text = second.ask(
                    "PATCH", f"{CONNECTIONS}/{identifier}",
                    {"data": {"type": "action_connection", "attributes": {"tags": ["seen:yes"]}}})
                return identifier, headers.get("X-Conntrail-Record"), status, text
            edits = list(pool.map(create_here_and_edit_there, range(400)))
        for identifier, record, status, text in edits:
            self.assertEqual(status, 200, text)
            _, _, text = first.ask("GET", f"{CONNECTIONS}/{identifier}?at_least={record}")
            self.assertIn("seen:yes", text, "an acknowledged edit is not there")
        # What nobody has ever created is refused, and the attempt is on record.
        nobody = "00000000-0000-4000-8000-000000000000"
        status, headers, text = second.ask(
            "PATCH", f"{CONNECTIONS}/{nobody}",
            {"data": {"type": "action_connection", "attributes": {"tags": []}}})
        self.assertEqual(status, 404, text)
        self.assertIn("X-Conntrail-Record", headers)

    def test_a_node_that_rebuilds_from_the_topic_alone_has_the_same_digests_and_outcomes(self):
        first = self.node("a").start()
        orgs = [self.open_org(first, f"org {i}") for i in range(6)]
        for i, keys in enumerate(orgs):
            for n in range(5):
                self.create(first, f"{i} {n}", keys)
            # An attempt that fails stands in the trail like the others.
            nobody = f"{CONNECTIONS}/00000000-0000-4000-8000-000000000000"
            self.assertEqual(first.ask("DELETE", nobody, headers=keys)[0], 404)
        late = self.node("late", key_of=first).start()  # has nothing but the key
        self.assertEqual(len(self.names(late, orgs[0])), 5)
        self.assertNotIn("restored at offset", late.diagnostics.read_text())
        self.stop_and_compare([first, late])

    def told(self, node, pattern):
        """What the node's diagnostics say, as the groups of a pattern that each partition has."""
        return re.findall(pattern, node.diagnostics.read_text())

    def test_an_empty_node_begins_with_the_copy_of_another_and_folds_only_the_rest(self):
        first = self.node("a").start()
        orgs = [self.open_org(first, f"org {i}") for i in range(6)]
        for n in range(10):
            for i, keys in enumerate(orgs):
                self.create(first, f"{i} {n}", keys)
        stop, written, faults = threading.Event(), [0] * len(orgs), []

        def write(i):
            while not stop.is_set():
                try:
                    self.create(first, f"{i} meanwhile {written[i]}", orgs[i])
                    written[i] += 1
                except (AssertionError, OSError) as error:
                    faults.append(str(error))
                    return

        writers = [threading.Thread(target=write, args=(i,)) for i in range(len(orgs))]
        for writer in writers:
            writer.start()
        try:
            url = f"http://{first.url.netloc}"
            third = self.node("third", "--restore-from", url, key_of=first).start()
            fourth = self.node("fourth", "--restore-from", url, key_of=first).start()
            self.assertGreater(sum(written), 0)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertEqual(faults, [])
        pattern = r"partition (\d): restored at offset (\d+) from the copy of " + re.escape(url)
        for node in (third, fourth):
            restored = dict(self.told(node, pattern))
            self.assertTrue(restored, node.diagnostics.read_text())
            self.assertTrue(all(int(offset) > 0 for offset in restored.values()), restored)
            self.assertNotIn("folded from the log", node.diagnostics.read_text())
        # Two askers in short succession get one copy of each partition.
        made = self.told(first, r"partition (\d): a copy was made for a peer")
        self.assertEqual(len(made), len(set(made)), made)
        self.create(first, "the last", orgs[0])
        self.stop_and_compare([first, third, fourth])
        for node in (first, third, fourth):
            self.assertFalse((node.data / "copies").exists(), "copies are left behind")
        # Who has something keeps it, whatever becomes of the other.
        third.start()
        self.assertEqual(len(self.told(third, "restored at offset")), len(restored))
        self.assertEqual(len(self.told(third, "fetching a copy")), len(restored))

    def test_copies_are_for_peers_only_and_name_their_files_themselves(self):
        first = self.node("a").start()
        self.create(first, "one")
        self.assertEqual(first.ask("GET", "/internal/v1/copies/0")[0], 404)
        self.assertEqual(first.ask("GET", "/internal/v1/copies/0/x/CURRENT")[0], 404)
        token = peer_token(first)
        peer = {"conntrail-peer": token}
        home = next(p for p in range(self.PARTITIONS)
                    if self.copy_of(first, p, peer) is not None)
        manifest = self.copy_of(first, home, peer)
        copy = hashlib.sha256(manifest.encode()).hexdigest()
        for name, wanted in (("CURRENT", 200), ("copy.manifest", 404), ("..", 400),
                             ("..%2F..%2Fkeys%2Ffingerprint.key", 404), ("LOCK", 404)):
            path = f"/internal/v1/copies/{home}/{copy}/{name}"
            self.assertEqual(first.ask("GET", path, headers=peer)[0], wanted, path)
            self.assertIn(first.ask("GET", path)[0], (400, 404), "who is no peer gets nothing")
        path = f"/internal/v1/copies/{home}/{'0' * 64}/CURRENT"
        self.assertEqual(first.ask("GET", path, headers=peer)[0], 404)

    def copy_of(self, node, partition, headers):
        """Its manifest, once it is made; None where nothing is to be copied."""
        for _ in range(200):
            status, _, text = node.ask("GET", f"/internal/v1/copies/{partition}", headers=headers)
            if status != 202:
                return text if status == 200 else None
            time.sleep(0.05)
        self.fail("the copy was never made")

    def test_a_node_whose_source_is_gone_or_not_of_its_log_folds_the_log(self):
        first = self.node("a").start()
        self.create(first, "one")
        nobody = f"http://127.0.0.1:{free_port()}"
        second = self.node("b", "--restore-from", nobody, key_of=first).start()
        self.assertIn("folded from the log, for the copy of " + nobody,
                      second.diagnostics.read_text())
        other = self.node("other")
        other.options[1] = f"kafka:{BOOTSTRAP}/{self.topic}-other"
        conntrail("kafka", "init", "--log", other.options[1], "--partitions",
                  str(self.PARTITIONS), *UNSAFE)
        (other.data / "keys").mkdir(parents=True)
        shutil.copy(first.data / "keys" / "fingerprint.key", other.data / "keys")
        other.start()
        url = f"http://{other.url.netloc}"
        third = self.node("c", "--restore-from", url, key_of=first).start()
        told = self.told(third, r"folded from the log, for the copy of [^\"]*is of the log")
        self.assertTrue(told, third.diagnostics.read_text())
        self.stop_and_compare([first, second, third])

    def test_a_node_without_the_key_of_the_others_is_refused(self):
        first = self.node("a").start()
        self.create(first, "one")
        with self.assertRaisesRegex(RuntimeError, "copy it from another node"):
            self.node("b").start()


class Shards(Nodes):
    def shards(self, names):
        first = self.node(names[0], "--group", "nodes").start()
        others = [self.node(name, "--group", "nodes", key_of=first) for name in names[1:]]
        return [first, *others]

    def held(self, server):
        _, _, text = server.ask("GET", "/metrics")
        return {int(line.split('"')[1]) for line in text.splitlines()
                if line.startswith("conntrail_applied_offset{")}

    def await_spread(self, nodes, seconds=40):
        """Until each partition is held once, and every node holds some."""
        deadline = time.time() + seconds
        while True:
            held = [self.held(node) for node in nodes]
            if all(held) and sorted(p for h in held for p in h) == list(range(self.PARTITIONS)):
                return held
            if time.time() > deadline:
                self.fail(f"the nodes hold {held}: " + nodes[0].diagnostics.read_text()[-800:])
            time.sleep(0.2)

    def test_any_node_answers_any_request_and_partitions_move_without_a_loss(self):
        nodes = self.shards(["a", "b", "c"])
        first = nodes[0]
        self.await_ready(first)
        self.await_spread(nodes[:1])
        orgs = {f"org {i}": self.open_org(first, f"org {i}") for i in range(8)}
        for node in nodes[1:]:
            node.start()
        self.await_spread(nodes)
        for node in nodes:
            self.await_ready(node)
        # Whichever node is asked: what was written through one is read through it at once.
        for n, node in enumerate(nodes):
            for name, keys in orgs.items():
                self.create(node, f"{name} by {n}", keys)
                self.assertIn(f"{name} by {n}", self.names(node, keys))
        self.assertEqual(self.ask_nobody(nodes), {401})

        # Writers go on while a node goes down in order, another is killed, and both come back.
        stop, written, faults = threading.Event(), {name: [] for name in orgs}, []

        def write(name, keys, node):
            n = 0
            while not stop.is_set():
                n += 1
                title = f"{name} moving {n}"
                try:
                    status, _, text = node.ask("POST", CONNECTIONS, connection_body(title), keys)
                    if status == 201:
                        written[name].append(title)
                        path = f"{CONNECTIONS}/{json.loads(text)['data']['id']}"
                        status, _, text = node.ask("GET", path, headers=keys)
                        if status not in (200, 503):
                            faults.append(f"{title} was acknowledged and read with {status}")
                    elif status not in (503, 504):
                        faults.append(f"{title}: {status} {text}")
                except OSError as error:
                    faults.append(f"{title}: {error}")
                time.sleep(0.02)

        writers = [threading.Thread(target=write, args=(name, keys, first))
                   for name, keys in orgs.items()]
        for writer in writers:
            writer.start()
        try:
            time.sleep(1)
            self.assertEqual(nodes[1].stop(), 0)
            self.await_spread([nodes[0], nodes[2]])
            nodes[2].kill()
            self.await_spread([nodes[0]])
            for node in nodes[1:]:
                node.start()
            self.await_spread(nodes)
            time.sleep(1)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertEqual(faults, [])
        for name, keys in orgs.items():
            self.assertGreater(len(written[name]), 5, "hardly anything was written")
            listed = self.all_names(nodes[1], keys)
            lost = set(written[name]) - set(listed)
            self.assertEqual(lost, set(), f"of {name}")
            self.assertEqual(len(listed), len(set(listed)), "something is there twice")
        for node in nodes:
            self.assertEqual(node.stop(), 0, node.diagnostics.read_text()[-600:])

    def all_names(self, node, keys):
        names, cursor = [], None
        while True:
            path = f"{CONNECTIONS}?page%5Blimit%5D=1000"
            status, _, text = node.ask(
                "GET", path + (f"&page%5Bcursor%5D={cursor}" if cursor else ""), headers=keys)
            self.assertEqual(status, 200, text)
            answer = json.loads(text)
            names += [c["attributes"]["name"] for c in answer["data"]]
            cursor = answer["meta"]["page"].get("after")
            if not cursor:
                return names

    def ask_nobody(self, nodes):
        nobody = {"DD-API-KEY": "0" * 32, "DD-APPLICATION-KEY": "0" * 40}
        return {node.ask("GET", CONNECTIONS, headers=nobody)[0] for node in nodes}

    def test_nodes_with_fixed_shares_answer_for_each_other(self):
        ports = [free_port(), free_port()]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        first = self.node("a", "--partitions", "0-1", "--peers", urls[1])
        first.listen = f"127.0.0.1:{ports[0]}"
        first.start()
        second = self.node("b", "--partitions", "2,3", "--peers", urls[0], key_of=first)
        second.listen = f"127.0.0.1:{ports[1]}"
        second.start()
        for node in (first, second):
            self.await_ready(node)
        self.assertEqual((self.held(first), self.held(second)), ({0, 1}, {2, 3}))
        orgs = [self.open_org(first, f"org {i}") for i in range(6)]
        for i, keys in enumerate(orgs):
            for node in (first, second):
                self.create(node, f"of {i} by {node.listen}", keys)
                self.assertEqual(len(self.names(second, keys)), 1 + (node is second))
        # Without the other half: its orgs are not answered for, and nobody is told "unauthorized".
        second.kill()
        found = sorted({first.ask("GET", CONNECTIONS, headers=keys)[0] for keys in orgs})
        self.assertEqual(found, [200, 503])
        status, _, text = first.ask("GET", "/internal/v1/node")
        self.assertEqual(status, 404, "only peers are told")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
