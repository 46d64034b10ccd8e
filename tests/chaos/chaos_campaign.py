#!/usr/bin/env python3
"""Brokers and nodes are killed, paused and started again while four gateways take writes.

usage: with_broker 3 chaos_campaign.py CONNTRAILD CONNTRAIL [--minutes M] [--seed S]

At the end: no acknowledged write is lost and none was applied twice, whatever was unknown has come
to one truth that all nodes tell, and all nodes have the same digests.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e" / "service"))
from server import Server, connection_body  # noqa: E402

CONNECTIONS = "/api/v2/actions/connections"
GATEWAYS, WRITERS, BROKERS, PARTITIONS = 4, 12, 3, 3
NO_ANSWER = (OSError, http.client.HTTPException)


class Node:
    """One conntraild, which chaos may kill, pause and start again."""

    def __init__(self, number, program, scratch, log, key_of=None):
        self.number = number
        folder = scratch / f"node{number}"
        folder.mkdir()
        self.server = Server(program, folder, ["--log", log, "--decision-wait-ms", "5000"])
        self.paused = False
        if key_of is not None:
            keys = self.server.data / "keys"
            keys.mkdir(parents=True)
            shutil.copy(key_of.server.data / "keys" / "fingerprint.key", keys)
            self.server.keys = key_of.server.keys
        self.lock = threading.Lock()  # of start, kill, pause, resume

    def start(self, seconds=120):
        """Again and again, for while brokers are away a node cannot open its log."""
        deadline = time.time() + seconds
        while True:
            try:
                return self.server.start()
            except RuntimeError:
                if self.server.process.poll() is None:
                    self.server.kill()
                if time.time() > deadline:
                    raise
                time.sleep(1)

    def kill(self):
        self.resume()
        self.server.kill()

    def pause(self):
        self.server.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        if self.paused:
            self.server.process.send_signal(signal.SIGCONT)
        self.paused = False


class Writer(threading.Thread):
    """Creates, edits and deletes connections of its own, each through a gateway at random. A write
    whose fate is unknown is repeated with its idempotency key until the answer is clear."""

    def __init__(self, number, seed, nodes, keys, stop):
        super().__init__(name=f"writer{number}")
        self.number, self.nodes, self.keys, self.stop = number, nodes, keys, stop
        self.random = random.Random(f"{seed} writer {number}")
        self.connections = {}  # id → {"name", "revision", "deleted", "tags"}
        self.counts = collections.Counter()
        self.latencies = []
        self.fault = None
        self.log = collections.deque(maxlen=200_000)  # of what was sent and answered

    def ask(self, method, path, body, headers):
        node = self.random.choice(self.nodes)
        connection = node.server.connect(timeout=8)
        begin = time.monotonic()
        try:
            status, headers, text = node.server.ask(method, path, body, {**self.keys, **headers},
                                                    connection=connection)
        finally:
            connection.close()
        self.latencies.append(time.monotonic() - begin)
        return status, text

    def write(self, method, path, body, wanted, headers=None):
        """Until it is clear what became of it; None if that never was before the very end."""
        key = f"w{self.number}-{self.counts['writes']}"
        self.counts["writes"] += 1
        tries = 0
        while True:
            tries += 1
            try:
                status, text = self.ask(method, path, body,
                                        {"Idempotency-Key": key, **(headers or {})})
            except NO_ANSWER:
                self.counts["no answer"] += 1
                status, text = 0, ""
            self.log.append(f"{time.time():.2f} {method} {path[-12:]} {key} {status}")
            if status in wanted:
                self.counts["acknowledged"] += 1
                self.counts["acknowledged after doubt"] += tries > 1
                return json.loads(text) if text else {}
            if status == 504:
                self.counts["unknown (504)"] += 1
            elif status in (429, 503):
                self.counts["turned away (503)"] += 1
            elif status == 401:  # a node that has not seen the org's keys yet
                self.counts["not known yet (401)"] += 1
            elif status != 0:
                raise AssertionError(f"{method} {path} with {key}: {status} {text}")
            if self.stop.is_set() and tries > 400:
                raise AssertionError(f"{key} came to no clear end: {status} {text}")
            time.sleep(0.05 + self.random.random() * 0.2)

    def step(self):
        alive = [i for i, c in self.connections.items() if not c["deleted"]]
        choice = self.random.random()
        if not alive or choice < 0.4:
            name = f"w{self.number} connection {len(self.connections)}"
            made = self.write("POST", CONNECTIONS, connection_body(name), (201,))["data"]
            assert made["id"] not in self.connections, "two creations gave one connection"
            self.connections[made["id"]] = {"name": name, "revision": 1, "deleted": False}
            return
        identifier = self.random.choice(alive)
        connection = self.connections[identifier]
        path = f"{CONNECTIONS}/{identifier}"
        if choice < 0.9:
            connection["revision"] += 1
            tags = [f"revision:{connection['revision']}"]
            self.write("PATCH", path, {"data": {"type": "action_connection",
                                                "attributes": {"tags": tags}}}, (200,))
            connection["tags"] = tags
        else:
            self.write("DELETE", path, None, (204,))
            connection["revision"] += 1
            connection["deleted"] = True

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
        except Exception as error:  # noqa: BLE001: told by whoever joins
            self.fault = error


class Chaos:
    """One thing after the other, at random; what it breaks it mends before long."""

    def __init__(self, seed, nodes):
        self.random = random.Random(f"{seed} chaos")
        self.nodes = nodes
        self.counts = collections.Counter()

    @staticmethod
    def kafka(*arguments):
        subprocess.run([os.environ["KAFKA_LOCAL"], *arguments], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)

    def tell(self, text):
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    def pause_for(self, low, high):
        time.sleep(low + self.random.random() * (high - low))

    def broker_is_killed(self):
        number = str(self.random.randint(1, BROKERS))
        self.tell(f"broker {number} is killed")
        self.kafka("kill", number)
        self.pause_for(2, 8)
        self.kafka("restart", number)

    def broker_hangs(self):
        number = str(self.random.randint(1, BROKERS))
        self.tell(f"broker {number} hangs")
        self.kafka("pause", number)
        self.pause_for(3, 12)
        self.kafka("resume", number)

    def broker_is_restarted(self):
        number = str(self.random.randint(1, BROKERS))
        self.tell(f"broker {number} is restarted")
        self.kafka("restart", number)

    def node_is_killed(self):
        node = self.random.choice(self.nodes)
        self.tell(f"node {node.number} is killed")
        node.kill()
        self.pause_for(0, 5)
        node.start()

    def node_hangs(self):
        node = self.random.choice(self.nodes)
        self.tell(f"node {node.number} hangs")
        node.pause()
        self.pause_for(1, 8)
        node.resume()

    def node_is_restarted(self):
        node = self.random.choice(self.nodes)
        self.tell(f"node {node.number} is restarted")
        node.server.process.send_signal(signal.SIGTERM)
        try:
            code = node.server.process.wait(timeout=60)
            assert code == 0, f"node {node.number} ended with {code}"
        except subprocess.TimeoutExpired:
            raise AssertionError(f"node {node.number} does not end") from None
        node.start()

    def step(self):
        what = self.random.choice([self.broker_is_killed, self.broker_hangs,
                                   self.broker_is_restarted, self.node_is_killed, self.node_hangs,
                                   self.node_is_restarted])
        what()
        self.counts[what.__name__.replace("_", " ")] += 1
        self.pause_for(0.5, 4)


def all_connections(server, keys):
    found, cursor = {}, ""
    while True:
        path = f"{CONNECTIONS}?page%5Blimit%5D=1000&filter%5Bdeleted%5D=true"
        status, _, text = server.ask("GET", path + (f"&page%5Bcursor%5D={cursor}" if cursor else ""),
                                     headers=keys)
        assert status == 200, text
        answer = json.loads(text)
        for item in answer["data"]:
            assert item["id"] not in found, f"{item['id']} is listed twice"
            found[item["id"]] = item["attributes"]
        cursor = answer["meta"]["page"].get("after", "")
        if not cursor:
            return found


def await_quiet(nodes, seconds=120):
    """Until all nodes are ready and have applied the same end of each partition."""
    deadline = time.time() + seconds
    while True:
        ends = []
        for node in nodes:
            try:
                status, _, text = node.server.ask("GET", "/readyz")
                _, _, figures = node.server.ask("GET", "/metrics")
            except NO_ANSWER:
                status, figures = 0, ""
            ends.append((status, sorted(line for line in figures.splitlines() if line.startswith(
                ("conntrail_applied_offset{", "conntrail_log_end_offset{")))))
        if all(status == 200 for status, _ in ends) and all(end == ends[0] for end in ends):
            return
        assert time.time() < deadline, f"the nodes do not come to one end: {ends}"
        time.sleep(0.5)


def story(identifier, writers, nodes, org_keys):
    """What its writer saw, and what the trail has."""
    lines = [line for writer in writers if identifier in writer.connections for line in writer.log
             if identifier[-12:] in line]
    _, _, text = nodes[0].server.ask("GET", f"{CONNECTIONS}/{identifier}/history",
                                     headers=json.loads(org_keys))
    return "\n".join(lines) + "\n" + text


def check(writers, nodes, keys):
    """What all nodes tell of each connection is what its writer was told."""
    per_org = collections.defaultdict(dict)
    for writer in writers:
        per_org[json.dumps(writer.keys)].update(writer.connections)
    for org_keys, wanted in per_org.items():
        found = [all_connections(node.server, json.loads(org_keys)) for node in nodes]
        for node, other in zip(nodes[1:], found[1:]):
            assert other == found[0], f"node {node.number} lists something else than node 0"
        assert set(found[0]) == set(wanted), (
            f"lost: {set(wanted) - set(found[0])}, more than once: {set(found[0]) - set(wanted)}")
        for identifier, connection in wanted.items():
            there = found[0][identifier]
            assert there["name"] == connection["name"], (there, connection)
            assert there["revision"] == connection["revision"], (
                f"{connection['name']} has revision {there['revision']}, its writer was told of "
                f"{connection['revision']}\n" + story(identifier, writers, nodes, org_keys))


def digests(conntrail, node):
    done = subprocess.run([conntrail, "verify", "--data", str(node.server.data), "--output", "json"],
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["state"], found["outcomes"], found["records"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("conntraild")
    parser.add_argument("conntrail")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.minutes} minutes, {BROKERS} brokers, {GATEWAYS} gateways "
          f"that are replicas as well, {WRITERS} writers", flush=True)
    log = f"kafka:{os.environ['KAFKA_BOOTSTRAP']}/chaos"
    made = subprocess.run([options.conntrail, "kafka", "init", "--log", log, "--partitions",
                           str(PARTITIONS)], capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    with tempfile.TemporaryDirectory(prefix="conntrail_chaos.") as scratch:
        campaign(options, pathlib.Path(scratch), log)


def campaign(options, scratch, log):
    first = Node(0, options.conntraild, scratch, log)
    first.start()
    nodes = [first] + [Node(i, options.conntraild, scratch, log, key_of=first)
                       for i in range(1, GATEWAYS)]
    stop = threading.Event()
    try:
        for node in nodes[1:]:
            node.start()
        orgs = []
        for name in ("acme", "initech", "zenith"):
            status, _, text = first.server.ask(
                "POST", "/api/v2/orgs", {"data": {"type": "orgs", "attributes": {"name": name}}})
            assert status == 201, text
            attributes = json.loads(text)["data"]["attributes"]
            orgs.append({"DD-API-KEY": attributes["api_key"],
                         "DD-APPLICATION-KEY": attributes["application_key"]})
        writers = [Writer(i, options.seed, nodes, orgs[i % len(orgs)], stop)
                   for i in range(WRITERS)]
        chaos = Chaos(options.seed, nodes)
        end = time.time() + options.minutes * 60
        for writer in writers:
            writer.start()
        while time.time() < end and not any(writer.fault for writer in writers):
            chaos.step()
        for node in nodes:
            node.resume()
        stop.set()
        for writer in writers:
            writer.join(timeout=300)
            assert not writer.is_alive(), f"{writer.name} does not come to an end"
            if writer.fault:
                raise writer.fault
        await_quiet(nodes)
        check(writers, nodes, orgs)
        for node in nodes:
            code = node.server.stop()
            assert code == 0, f"node {node.number} ended with {code}"
        found = [digests(options.conntrail, node) for node in nodes]
        assert len(set(found)) == 1, f"the digests differ: {found}"
    except BaseException:
        stop.set()
        for node in nodes:
            if node.server.process and node.server.process.poll() is None:
                node.kill()
            if node.server.diagnostics.exists():
                print(f"--- node {node.number}\n" + node.server.diagnostics.read_text()[-3000:])
        print(f"FAILED. Repeat: tests/run chaos --seed {options.seed}")
        raise
    counts, latencies = collections.Counter(), []
    for writer in writers:
        counts.update(writer.counts)
        latencies += writer.latencies
    latencies.sort()
    print("chaos: " + ", ".join(f"{what} {n}" for what, n in sorted(chaos.counts.items())))
    print("writes: " + ", ".join(f"{what} {n}" for what, n in sorted(counts.items())))
    print(f"answers: p50 {latencies[len(latencies) // 2] * 1000:.0f} ms, "
          f"p99 {latencies[len(latencies) * 99 // 100] * 1000:.0f} ms")
    print(f"connections: {sum(len(w.connections) for w in writers)}, records: {found[0][2]}")
    print(f"state {found[0][0]}\noutcomes {found[0][1]}\nof all {len(nodes)} nodes; "
          f"nothing lost, nothing twice. Seed {options.seed}")


if __name__ == "__main__":
    main()
