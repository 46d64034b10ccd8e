#!/usr/bin/env python3
"""Runs client_test.go against a conntraild of its own.

usage: run.py CONNTRAILD WORK_DIRECTORY
Compiling the client takes some minutes the first time. Exit status 77: skipped, because there is no
Go toolchain of the version in go.mod, or the client cannot be had.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]
from python_packages import skip  # noqa: E402
from server import Server  # noqa: E402


def version_of(text):
    return tuple(int(part) for part in re.search(r"\bgo ?(\d+)\.(\d+)", text).groups())


def require_go(environment):
    wanted = version_of((HERE / "go.mod").read_text())
    if not shutil.which("go"):
        skip(f"there is no Go toolchain, {wanted[0]}.{wanted[1]} is needed")
    found = version_of(subprocess.run(["go", "version"], check=True, stdout=subprocess.PIPE,
                                      text=True, env=environment).stdout)
    if found < wanted:
        skip(f"Go is {found[0]}.{found[1]}, {wanted[0]}.{wanted[1]} is needed")


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly")
    require_go(environment)
    work.mkdir(parents=True, exist_ok=True)
    test = work / "client.test"
    done = subprocess.run(["go", "mod", "download"], cwd=HERE, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("the client cannot be had: " + done.stdout[-400:])
    subprocess.run(["go", "test", "-c", "-o", test, "."], cwd=HERE, env=environment, check=True)
    with tempfile.TemporaryDirectory(prefix="conntrail_go_client.") as scratch:
        server = Server(program, scratch).start()
        tests = subprocess.run([test, "-test.v"],
                               env=dict(environment, CONNTRAIL_READY=str(server.ready_file)))
        ended = server.stop()
    if ended != 0:
        sys.exit(f"conntraild has ended with {ended}, not 0")
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
