#!/usr/bin/env python3
"""Lets programs of others check logs that make_logs writes with our exporter, and logs that a running
server serves while it grows.

usage: run.py go|rust MAKE_LOGS CONNTRAILD WORK_DIRECTORY
What checks them is ../evidence_LANGUAGE. Exit status 77: skipped, because there is no toolchain or its
packages cannot be had.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from live import write_live_logs  # noqa: E402
from python_packages import skip  # noqa: E402

SIZES = "1 2 3 254 255 256 257 511 512 65535 65536 65537".split()


def version_of(text):
    return tuple(int(part) for part in re.search(r"\bgo ?(\d+)\.(\d+)", text).groups())


def build_go(source, work):
    """The program, made by the Go toolchain, and how it is run."""
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly")
    wanted = version_of((source / "go.mod").read_text())
    if not shutil.which("go"):
        skip(f"there is no Go toolchain, {wanted[0]}.{wanted[1]} is needed")
    found = version_of(subprocess.run(["go", "version"], check=True, stdout=subprocess.PIPE,
                                      text=True, env=environment).stdout)
    if found < wanted:
        skip(f"Go is {found[0]}.{found[1]}, {wanted[0]}.{wanted[1]} is needed")
    done = subprocess.run(["go", "mod", "download"], cwd=source, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("the packages cannot be had: " + done.stdout[-400:])
    test = work / "evidence.test"
    subprocess.run(["go", "test", "-c", "-o", test, "."], cwd=source, env=environment, check=True)
    return [test, "-test.v"]


def build_rust(source, work):
    if not shutil.which("cargo"):
        skip("there is no cargo")
    # Built elsewhere: cargo writes into the source's directory.
    shutil.copytree(source, work / "source", dirs_exist_ok=True)
    done = subprocess.run(["cargo", "fetch"], cwd=work / "source", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("the crates cannot be had, or this cargo is too old: " + done.stdout[-400:])
    subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", work / "target"],
                   cwd=work / "source", check=True)
    return [work / "target" / "release" / "evidence_rust"]


def main():
    language, make_logs, conntraild = sys.argv[1:4]
    work = pathlib.Path(sys.argv[4]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    source = HERE.parent / f"evidence_{language}"
    command = {"go": build_go, "rust": build_rust}[language](source, work)
    with tempfile.TemporaryDirectory(prefix="conntrail_evidence.") as logs:
        subprocess.run([make_logs, logs, *SIZES], check=True)
        print("logs that the exporter has written", flush=True)
        subprocess.run(command, env=dict(os.environ, CONNTRAIL_LOGS=logs), check=True)
    with tempfile.TemporaryDirectory(prefix="conntrail_live.") as scratch:
        logs = pathlib.Path(scratch) / "logs"
        logs.mkdir()
        write_live_logs(conntraild, scratch, logs)
        print("logs that a running server has served", flush=True)
        subprocess.run(command, env=dict(os.environ, CONNTRAIL_LOGS=str(logs)), check=True)


if __name__ == "__main__":
    main()
