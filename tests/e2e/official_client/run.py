#!/usr/bin/env python3
"""Runs client.test.mjs against a conntraild of its own.

usage: run.py CONNTRAILD WORK_DIRECTORY
Installs the client into WORK_DIRECTORY once. Exit status 77: skipped, because there is no node or
npm, or the client cannot be had.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def install(work):
    """The client, as the lock file says, in work/node_modules."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("there is no node or npm (tools/setup test installs them)")
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "client.test.mjs"):
        shutil.copy(HERE / name, work / name)
    lock = (HERE / "package-lock.json").read_text()
    mark = work / "node_modules" / ".installed-for"
    if mark.exists() and mark.read_text() == lock:
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=work,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("npm could not fetch the client: " + done.stdout[-400:])
    mark.write_text(lock)


def start(program, scratch):
    ready = scratch / "ready.json"
    server = subprocess.Popen([program, "--data", scratch / "data", "--listen", "127.0.0.1:0",
                               "--ready-file", ready])
    for _ in range(300):
        if ready.exists():
            return server, ready
        if server.poll() is not None:
            sys.exit("conntraild has ended before it was ready")
        time.sleep(0.05)
    server.kill()
    sys.exit("conntraild was not ready within 15 s")


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    install(work)
    with tempfile.TemporaryDirectory(prefix="conntrail_client.") as name:
        server, ready = start(program, pathlib.Path(name))
        try:
            environment = dict(os.environ, CONNTRAIL_READY=str(ready))
            tests = subprocess.run(["node", "--test", "client.test.mjs"], cwd=work, env=environment)
        finally:
            server.send_signal(signal.SIGTERM)
            ended = server.wait(timeout=30)
    if ended != 0:
        sys.exit(f"conntraild has ended with {ended}, not 0")
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
