#!/usr/bin/env python3
"""Validates schemas/asyncapi.yaml with the parser of the AsyncAPI initiative.

usage: run.py DOCUMENT WORK_DIRECTORY
Installs the parser into WORK_DIRECTORY once. Exit status 77: skipped, because there is no node or
npm, or the parser cannot be had.
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from python_packages import skip  # noqa: E402


def install(work):
    """The parser, as the lock file says, in work/node_modules."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("there is no node or npm (tools/setup test installs them)")
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "validate.mjs"):
        shutil.copy(HERE / name, work / name)
    lock = (HERE / "package-lock.json").read_text()
    mark = work / "node_modules" / ".installed-for"
    if mark.exists() and mark.read_text() == lock:
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=work,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip("npm could not fetch the parser: " + done.stdout[-400:])
    mark.write_text(lock)


def main():
    document, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    install(work)
    sys.exit(subprocess.run(["node", "validate.mjs", document], cwd=work).returncode)


if __name__ == "__main__":
    main()
