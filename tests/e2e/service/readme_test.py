#!/usr/bin/env python3
"""The commands of README's section "Serve it" work as printed.

usage: readme_test.py CONNTRAILD README
Exit status 77: skipped, because the port that they name is in use, or there is no curl.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def main():
    program, readme = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    section = readme.read_text().split("## Serve it", 1)[1].split("\n## ", 1)[0]
    block = re.search(r"(?:^    .*\n)+", section, re.MULTILINE).group(0)
    commands = "\n".join(line[4:] for line in block.splitlines())
    assert commands.count("curl ") == 3, commands
    if not shutil.which("curl"):
        skip("there is no curl")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8411))
        except OSError:
            skip("port 8411 is in use")
    with tempfile.TemporaryDirectory(prefix="conntrail_readme.") as scratch:
        release = pathlib.Path(scratch) / "build" / "release"
        release.mkdir(parents=True)
        (release / "conntraild").symlink_to(program)
        # As a person would type them; the server is ended with its group.
        script = commands + "\necho\nkill %1; wait %1; echo ended $?\n"
        done = subprocess.run(["bash", "-c", "set -m; " + script], cwd=scratch, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    print(done.stdout, done.stderr, sep="\n")
    told_ready, answers = done.stdout.split("\n", 1)
    assert told_ready == "ready", done.stdout
    created, rest = json.JSONDecoder().raw_decode(answers)
    attributes = created["data"]["attributes"]
    assert attributes["name"] == "pager", created
    assert attributes["integration"]["credentials"]["api_token"] == "", created
    told, _ = json.JSONDecoder().raw_decode(answers[rest:].lstrip())
    events = [event["attributes"]["attributes"] for event in told["data"]]
    assert any(event["evt"]["name"] == "Custom Connections" and event["action"] == "created"
               for event in events), told
    assert "not a real one" not in done.stdout + done.stderr
    assert "ended 0" in done.stdout, done.stdout


if __name__ == "__main__":
    main()
