"""Logs of a running server, read over HTTP and put where programs of others look for those of
make_logs: the same names, the same files."""
import base64
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "service")]
import tlog  # noqa: E402
from server import Server, connection_body  # noqa: E402

SIZES = (10, 20, 100, 254, 255, 256, 257, 300, 400, 511, 512, 513)


class Mirror:
    def __init__(self, server, logs):
        self.server, self.logs, self.made = server, pathlib.Path(logs), 0
        told = server.json("GET", "/api/v2/evidence")[1]["data"]["attributes"]
        self.base, key = told["tlog"], told["verifier_key"]
        (self.logs / "vkey").write_text(key + "\n")

    def get(self, path):
        connection = self.server.connect()
        try:
            connection.request("GET", path, headers=self.server.keys)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, content
        finally:
            connection.close()

    def file(self, path):
        status, content = self.get(self.base + path)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {content}")
        return content

    def records(self):
        return self.server.json("GET", "/api/v2/evidence")[1]["data"]["attributes"]["records"]

    def grow(self, size):
        """Records until there are `size`, and waits until they are sealed."""
        while self.records() < size:
            self.made += 1
            status, _, text = self.server.ask(
                "POST", "/api/v2/actions/connections", connection_body(f"c{self.made}"))
            if status != 201:
                raise RuntimeError(text)
        for _ in range(200):
            status, checkpoint = self.get(self.base + "checkpoint")
            if status == 200 and int(checkpoint.split(b"\n")[1]) == size:
                return
            time.sleep(0.05)
        raise RuntimeError(f"no checkpoint of {size} records in 10 s")

    def copy(self, size):
        paths = ["checkpoint"]
        for level in range(8):
            nodes = size >> 8 * level
            for first in range(0, nodes, 256):
                width = min(256, nodes - first)
                partial = f".p/{width}" if width < 256 else ""
                number = tlog.index_path(first // 256)
                paths.append(f"tile/{level}/{number}{partial}")
                if level == 0:
                    paths.append(f"tile/entries/{number}{partial}")
        for path in paths:
            target = self.logs / str(size) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.file(path))

    def prove(self, size, before):
        for index in sorted({0, 1, size // 2, size - 2, size - 1}):
            status, proof = self.get(f"/api/v2/evidence/proofs/{index}")
            assert status == 200, proof
            magic, rest = proof.decode().split("\n", 1)
            leaf = base64.b64encode(self.leaf(size, index)).decode()
            (self.logs / f"{size}-{index}.tlog-proof").write_text(
                f"{magic}\nextra {leaf}\n{rest}")
        for smaller in before:
            status, told = self.server.json(
                "GET", f"/api/v2/evidence/consistency?from={smaller}&to={size}")
            assert status == 200, told
            (self.logs / f"{smaller}-{size}.consistency").write_text(
                "".join(h + "\n" for h in told["data"]["attributes"]["path"]))

    def leaf(self, size, index):
        width = min(256, size - index // 256 * 256)
        partial = f".p/{width}" if width < 256 else ""
        bundle = (self.logs / str(size) / "tile" / "entries" /
                  (tlog.index_path(index // 256) + partial)).read_bytes()
        return tlog.entries_of(bundle)[index % 256]


def write_live_logs(program, scratch, logs):
    server = Server(program, scratch, ["--seal-interval-ms", "100"]).start()
    try:
        mirror = Mirror(server, logs)
        mirror.grow(mirror.records())
        mirror.file("tile/entries/000.p/1")  # this reading is recorded, and no other for a while
        for n, size in enumerate(SIZES):
            mirror.grow(size)
            mirror.copy(size)
            mirror.prove(size, SIZES[:n])
    finally:
        server.stop()
