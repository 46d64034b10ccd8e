#!/usr/bin/env python3
"""How fast does conntraild answer over HTTP? The limit: a constant body of the same server, in the
same run, with the same load tool (wrk, one thread).

usage: service_bench.py CONNTRAILD [--seconds N]
       tests/kafka/with_broker 1 service_bench.py CONNTRAILD --kafka [--seconds N] [--backlog RECORDS]

With --kafka: what a write costs whose log is a topic. The limits: p50 10 ms and p99 40 ms at 1,000
writes a second; 15,000 durable writes a second with 512 under way; and writes go on within p99 of
a second while a replica that starts empty catches up with RECORDS beside it.
"""
import argparse
import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
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


async def write_steadily(server, rate, seconds, at_once=64):
    """Creates `rate` connections a second; their times in ms from when each was due, and refusals."""
    took, refused = [], []
    body = json.dumps(connection_body("steady"))
    head = "".join(f"{name}: {value}\r\n" for name, value in server.keys.items())
    request = (f"POST /api/v2/actions/connections HTTP/1.1\r\nHost: x\r\n{head}"
               f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()
    begin = time.perf_counter() + 0.2

    async def client(number):
        reader, writer = await asyncio.open_connection(server.url.hostname, server.url.port)
        for i in range(number, int(rate * seconds), at_once):
            due = begin + i / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(request)
            header = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", header)
            await reader.readexactly(int(length.group(1)) if length else 0)
            took.append((time.perf_counter() - due) * 1000)  # a late client's wait counts too
            if not header.startswith(b"HTTP/1.1 201"):
                refused.append(header.split(b"\r\n")[0])
        writer.close()
    await asyncio.gather(*(client(n) for n in range(at_once)))
    took.sort()
    return took, refused


def tell_times(what, times, refused, seconds):
    print(f"  {what:52} {len(times) / seconds:8.0f}/s  p50 {times[len(times) // 2]:6.2f} ms  "
          f"p99 {times[len(times) * 99 // 100]:7.2f} ms" +
          (f"  {len(refused)} REFUSED, first {refused[0]}" if refused else ""), flush=True)


def write_to_kafka(program, scratch, seconds, backlog):
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP") or sys.exit(
        "service_bench: run this with tests/kafka/with_broker 1")
    conntrail = pathlib.Path(program).with_name("conntrail")
    log = f"kafka:{bootstrap}/bench"
    subprocess.run([conntrail, "kafka", "init", "--log", log], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    options = ["--log", log, "--unsafe", "replication"]
    server, replica = Server(program, scratch / "a", options), Server(program, scratch / "b", options)
    try:
        measure_writes(server, replica, bootstrap, scratch, seconds, backlog)
    finally:  # also where something stuck and the time is over
        for one in (server, replica):
            if one.process and one.process.poll() is None:
                one.kill()


def measure_writes(server, replica, bootstrap, scratch, seconds, backlog):
    server.start()
    print("service_bench: one server thread, its log a topic of one broker on this machine")
    asyncio.run(write_steadily(server, 200, 1))  # connects, and warms the broker
    tell_times("a durable create, 1,000/s", *asyncio.run(write_steadily(server, 1000, seconds)), seconds)
    script = scratch / "post.lua"
    script.write_text("wrk.method = 'POST'\nwrk.body = [[" + json.dumps(connection_body("many")) + "]]\n")
    tell("a durable create, 512 clients", wrk(server, "/api/v2/actions/connections", 512, seconds, script))

    # Whoever falls behind must not stand in the way of who does not.
    subprocess.run([os.environ["KAFKA_LOCAL"], "tool", "producer-perf", "--topic", "bench",
                    "--num-records", str(backlog), "--record-size", "400", "--throughput", "-1",
                    "--producer-props", f"bootstrap.servers={bootstrap}"], check=True,
                   stdout=subprocess.DEVNULL)
    figure = re.compile(r"^conntrail_applied_offset(?:\{.*\})? (\S+)$", re.MULTILINE)

    def applied():
        return sum(float(one) for one in figure.findall(server.ask("GET", "/metrics")[2]))
    while (before := applied()) < backlog:
        time.sleep(0.2)
    (scratch / "b" / "data").mkdir(parents=True)
    shutil.copytree(server.data / "keys", scratch / "b" / "data" / "keys")
    shutil.copy(server.data / "FORMAT", scratch / "b" / "data")
    begin = time.time()
    catching_up = threading.Thread(target=replica.start, daemon=True)
    catching_up.start()
    times, refused = asyncio.run(write_steadily(server, 1000, seconds))
    tell_times(f"the same at 1,000/s, a replica of {before:.0f} records starts", times, refused, seconds)
    catching_up.join()
    print(f"  the replica was ready after {time.time() - begin:.1f} s")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--kafka", action="store_true")
    options.add_argument("--backlog", type=int, default=1_000_000)
    chosen = options.parse_args()
    program, seconds = chosen.program, chosen.seconds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("service_bench: the time is over"))
    if not shutil.which("wrk"):
        sys.exit("service_bench: wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="conntrail_bench.") as scratch:
        if chosen.kafka:
            (pathlib.Path(scratch) / "a").mkdir()
            return write_to_kafka(program, pathlib.Path(scratch), seconds, chosen.backlog)
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
