#!/usr/bin/env python3
"""How fast does conntraild answer over HTTP? The limit: a constant body of the same server, in the
same run, with the same load tool (wrk, one thread).

usage: service_bench.py CONNTRAILD [--seconds N]
"""
import asyncio
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e" / "service"))
from server import Server, connection_body  # noqa: E402

FOLLOWERS = 1000


def wrk(server, path, clients, seconds, script=None):
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "--latency"]
    for name, value in server.keys.items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(script)]
    out = subprocess.run([*command, server.url.geturl() + path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}

    def percentile(name):
        value, suffix = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * unit[suffix]
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            "p50": percentile("50"), "p99": percentile("99"),
            "wrong": int(wrong.group(1)) if wrong else 0}


def tell(what, result, more=""):
    wrong = f"  {result['wrong']} REFUSED" if result["wrong"] else ""
    print(f"  {what:52} {result['rate']:8.0f}/s  p50 {result['p50']:6.2f} ms  "
          f"p99 {result['p99']:7.2f} ms{more}{wrong}", flush=True)


def rss_mib(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def observation(server):
    return {"id": str(uuid.uuid4()), "org": server.ready["org"], "authority": "observation",
            "type": "connection.used", "interface": "platform",
            "action": {"connection": server.made, "count": 1, "mode": "automatic"}}


class Writer(threading.Thread):
    """`rate` events a second through the intake, twenty at once."""

    def __init__(self, server, rate):
        super().__init__(daemon=True)
        self.server, self.rate, self.done, self.written = server, rate, False, 0

    def run(self):
        connection = self.server.connect()
        next_at = time.perf_counter()
        while not self.done:
            body = json.dumps([observation(self.server) for _ in range(20)])
            status, _, text = self.server.ask("POST", "/api/v2/connection_events", body,
                                              {"Content-Type": "application/json"}, connection)
            assert status == 200 and '"refused"' not in text, text[:400]
            self.written += 20
            next_at += 20 / self.rate
            time.sleep(max(0.0, next_at - time.perf_counter()))


async def follow(server, counts, number, ready):
    reader, writer = await asyncio.open_connection(server.url.hostname, server.url.port,
                                                   limit=1 << 20)
    headers = "".join(f"{name}: {value}\r\n" for name, value in server.keys.items())
    writer.write(f"GET /api/v2/audit/events/stream HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    first = True
    while chunk := await reader.read(1 << 18):
        counts[number] += chunk.count(b"event: audit\n")
        if first:
            first = False
            ready.append(number)


async def follow_all(server, writer, seconds):
    counts, ready = [0] * FOLLOWERS, []
    tasks = [asyncio.create_task(follow(server, counts, i, ready)) for i in range(FOLLOWERS)]
    while len(ready) < FOLLOWERS:
        await asyncio.sleep(0.05)
    await asyncio.sleep(2)  # each following is a record of its own, which the others are told of
    before = list(counts)
    writer.start()
    await asyncio.sleep(seconds)
    writer.done = True
    await asyncio.to_thread(writer.join)
    deadline = time.time() + 30
    while min(c - b for c, b in zip(counts, before)) < writer.written and time.time() < deadline:
        await asyncio.sleep(0.1)
    late = time.time() - (deadline - 30)
    for task in tasks:
        task.cancel()
    delivered = [c - b for c, b in zip(counts, before)]
    return delivered, late


def main():
    program = sys.argv[1]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    if not shutil.which("wrk"):
        sys.exit("service_bench: wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="conntrail_bench.") as scratch:
        server = Server(program, scratch).start()
        time.sleep(0.5)
        print(f"service_bench: one server thread; idle RSS {rss_mib(server):.0f} MiB")
        _, made = server.json("POST", "/api/v2/actions/connections", connection_body("one"))
        server.made = made["data"]["id"]
        path = "/api/v2/actions/connections/" + server.made
        limit = wrk(server, "/healthz", 64, seconds)
        tell("a constant body (the limit), 64 clients", limit)
        get = wrk(server, path, 64, seconds)
        tell("a connection by id, 64 clients", get, f"  {get['rate'] / limit['rate']:.2f} x limit")

        writer = Writer(server, 2000)
        writer.start()
        busy = wrk(server, path, 64, seconds)
        writer.done = True
        writer.join()
        tell(f"the same, with {writer.written / seconds:.0f} writes/s going on", busy)

        script = pathlib.Path(scratch) / "post.lua"
        script.write_text("wrk.method = 'POST'\nwrk.body = [[" +
                          json.dumps(connection_body("many")) + "]]\n")
        post = wrk(server, "/api/v2/actions/connections", 256, seconds, script)
        tell("a durable create, 256 clients", post)

        writer = Writer(server, 1000)
        delivered, late = asyncio.run(follow_all(server, writer, seconds))
        lost = sum(max(0, writer.written - d) for d in delivered)
        print(f"  live stream: {FOLLOWERS} followers, {writer.written / seconds:.0f} events/s: "
              f"{sum(delivered)} told, {lost} lost, the last {late:.1f} s after the last write")
        print(f"  RSS at the end {rss_mib(server):.0f} MiB")
        server.stop()


if __name__ == "__main__":
    main()
