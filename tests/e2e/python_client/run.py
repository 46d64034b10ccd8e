#!/usr/bin/env python3
"""Runs client_test.py against a conntraild of its own.

usage: run.py CONNTRAILD WORK_DIRECTORY
Installs requirements.txt into WORK_DIRECTORY once. Exit status 77: skipped, because the client
cannot be had.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]
from python_packages import install  # noqa: E402
from server import Server  # noqa: E402


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    programs = install(work, HERE / "requirements.txt")
    with tempfile.TemporaryDirectory(prefix="conntrail_python_client.") as scratch:
        server = Server(program, scratch).start()
        environment = dict(os.environ, CONNTRAIL_READY=str(server.ready_file))
        tests = subprocess.run([programs / "python", "-B", HERE / "client_test.py"], env=environment)
        ended = server.stop()
    if ended != 0:
        sys.exit(f"conntraild has ended with {ended}, not 0")
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
