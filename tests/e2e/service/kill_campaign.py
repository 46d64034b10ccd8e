#!/usr/bin/env python3
"""SIGKILL under concurrent writes: what was acknowledged is there, whole; what was not is wholly
there or not at all; nothing is there twice.

usage: kill_campaign.py CONNTRAILD [ROUNDS]
"""
import http.client
import json
import random
import sys
import tempfile
import threading
import time

from server import Server, connection_body

WRITERS = 6


class Writer(threading.Thread):
    """Creates, renames and deletes connections until the server is gone."""

    def __init__(self, server, number, round_number):
        super().__init__()
        self.server = server
        self.name_prefix = f"r{round_number}-w{number}"
        self.acknowledged = {}   # name → (id, revision, deleted)
        self.in_doubt = set()    # names whose last write was not answered
        self.random = random.Random(self.name_prefix)

    def run(self):
        connection = self.server.connect(timeout=5)
        try:
            for i in range(100_000):
                self.step(connection, f"{self.name_prefix}-{i}")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def step(self, connection, name):
        self.in_doubt.add(name)
        status, _, text = self.server.ask("POST", "/api/v2/actions/connections",
                                          connection_body(name), connection=connection,
                                          headers={"Idempotency-Key": name})
        assert status == 201, text
        made = json.loads(text)["data"]
        self.acknowledged[name] = (made["id"], 1, False)
        self.in_doubt.discard(name)
        path = "/api/v2/actions/connections/" + made["id"]
        choice = self.random.random()
        if choice < 0.5:
            self.in_doubt.add(name)
            status, _, text = self.server.ask(
                "PATCH", path, {"data": {"type": "action_connection",
                                         "attributes": {"tags": ["step:two"]}}},
                connection=connection)
            assert status == 200, text
            self.acknowledged[name] = (made["id"], 2, False)
            self.in_doubt.discard(name)
        elif choice < 0.7:
            self.in_doubt.add(name)
            status, _, text = self.server.ask("DELETE", path, connection=connection)
            assert status == 204, text
            self.acknowledged[name] = (made["id"], 2, True)
            self.in_doubt.discard(name)


class Follower(threading.Thread):
    """Follows the live trail from its beginning across all kills, resuming where it was."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.indexes = []
        self.done = False

    def run(self):
        while not self.done:
            try:
                self.follow()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)

    def follow(self):
        connection = self.server.connect(timeout=5)
        last = str(self.indexes[-1]) if self.indexes else "-1"
        connection.request("GET", "/api/v2/audit/events/stream",
                           headers={**self.server.keys, "Last-Event-ID": last})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        index = None
        while not self.done:
            line = answer.readline()
            if not line:
                return
            if line.startswith(b"id: "):
                index = int(line[4:])
            if line == b"\n" and index is not None:  # only a whole event counts
                self.indexes.append(index)
                index = None


class Pages:
    """Reads the trail page by page with one cursor, a few pages between kills."""

    def __init__(self, server):
        self.server = server
        self.path = ("/api/v2/audit/events?filter%5Bfrom%5D=0&sort=timestamp&page%5Blimit%5D=100")
        self.cursor = None
        self.seen = []
        self.ended = False

    def read(self, pages):
        for _ in range(pages):
            if self.ended:
                return
            path = self.path + (f"&page%5Bcursor%5D={self.cursor}" if self.cursor else "")
            status, answer = self.server.json("GET", path)
            assert status == 200, answer
            self.seen += [item["attributes"]["attributes"]["conntrail"]["index"]
                          for item in answer["data"]]
            self.cursor = answer.get("meta", {}).get("page", {}).get("after")
            self.ended = not answer["data"] or not self.cursor


def all_connections(server):
    found = {}
    cursor = ""
    while True:
        path = "/api/v2/actions/connections?page%5Blimit%5D=1000&filter%5Bdeleted%5D=true"
        status, answer = server.json("GET", path + (f"&page%5Bcursor%5D={cursor}" if cursor else ""))
        assert status == 200, answer
        for item in answer["data"]:
            found.setdefault(item["attributes"]["name"], []).append(item)
        cursor = answer["meta"]["page"].get("after", "")
        if not cursor:
            return found


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}, {rounds} kills", flush=True)
    chance = random.Random(seed)
    acknowledged, in_doubt = {}, set()
    with tempfile.TemporaryDirectory(prefix="conntrail_kill.") as scratch:
        server = Server(program, scratch).start()
        follower = Follower(server)
        follower.start()
        pages = None
        for number in range(rounds):
            writers = [Writer(server, i, number) for i in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(0.05 + chance.random() * 0.35)
            server.kill()
            for writer in writers:
                writer.join()
                acknowledged.update(writer.acknowledged)
                in_doubt |= writer.in_doubt
            server.start()
            # A retry with its Idempotency-Key settles what was in doubt, once.
            for name in [n for w in writers for n in w.in_doubt if n not in w.acknowledged]:
                status, answer = server.json("POST", "/api/v2/actions/connections",
                                             connection_body(name), {"Idempotency-Key": name})
                assert status == 201, answer
                acknowledged[name] = (answer["data"]["id"], 1, False)
            if number == rounds // 2:
                pages = Pages(server)
            if pages:
                pages.read(2)
        pages.read(10_000)
        assert pages.seen == list(range(len(pages.seen))), "a page sequence lost or repeated a row"
        found = all_connections(server)
        for name, (identifier, revision, deleted) in acknowledged.items():
            items = found.pop(name, [])
            assert len(items) == 1, f"{name} is there {len(items)} times"
            attributes = items[0]["attributes"]
            assert items[0]["id"] == identifier, f"{name} has another id"
            if name in in_doubt:
                assert attributes["revision"] in (revision, revision + 1), items[0]
            else:
                assert attributes["revision"] == revision, items[0]
        assert not found, f"nobody was told of {list(found)[:5]}"
        status, _, text = server.ask("GET", "/readyz")
        assert status == 200, text
        _, _, text = server.ask("GET", "/metrics")
        applied = int(next(line for line in text.splitlines()
                           if line.startswith("conntrail_applied_offset{")).split()[1])
        deadline = time.time() + 20
        while len(follower.indexes) < applied and time.time() < deadline:
            time.sleep(0.05)
        follower.done = True
        assert follower.indexes == list(range(len(follower.indexes))), "the stream lost or repeated"
        assert len(follower.indexes) == applied, (len(follower.indexes), applied)
        assert server.stop() == 0
    print(f"{rounds} kills: {len(acknowledged)} acknowledged connections are there once each, "
          f"{len(in_doubt)} writes were in doubt and are settled; a stream that resumed after "
          f"each kill has {len(follower.indexes)} records, each once; one sequence of pages "
          f"{len(pages.seen)}")
    assert len(acknowledged) > rounds


if __name__ == "__main__":
    main()
