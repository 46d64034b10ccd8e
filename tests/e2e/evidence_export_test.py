#!/usr/bin/env python3
"""conntrail evidence and conntrail-verify as processes: vkey, export, verify, and what must be refused.

usage: evidence_export_test.py CONNTRAIL CONNTRAIL_VERIFY
"""
import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

CONNTRAIL, VERIFY = sys.argv[1], sys.argv[2]


def run(*arguments, expected=0):
    ran = subprocess.run([str(argument) for argument in arguments], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    if ran.returncode != expected:
        sys.exit(f"{arguments} ended with {ran.returncode}, not {expected}:\n{ran.stdout}{ran.stderr}")
    return ran


def files_of(directory):
    return {path.relative_to(directory).as_posix(): path.read_bytes()
            for path in directory.rglob("*") if path.is_file()}


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, not {expected!r}")


def main():
    with tempfile.TemporaryDirectory(prefix="conntrail_evidence.") as scratch:
        work = pathlib.Path(scratch)
        data, vkey = work / "data", work / "vkey"
        run(CONNTRAIL, "demo", "--data", data, "--quiet")
        vkey.write_text(run(CONNTRAIL, "evidence", "vkey", "--data", data).stdout)
        check("the key is the same again", run(CONNTRAIL, "evidence", "vkey", "--data", data).stdout,
              vkey.read_text())

        whole, unpacked, part = work / "whole.zip", work / "whole", work / "part"
        told = json.loads(run(CONNTRAIL, "evidence", "export", "--data", data, "--out", whole,
                              "--output", "json").stdout)
        run(CONNTRAIL, "evidence", "export", "--data", data, "--out", unpacked)
        run(CONNTRAIL, "evidence", "export", "--data", data, "--out", whole, expected=4)
        with zipfile.ZipFile(whole) as archive:
            check("zip", archive.testzip(), None)
            zipped = {name: archive.read(name) for name in archive.namelist()}
        check("the zip file and the directory", zipped, files_of(unpacked))

        for path in whole, unpacked:
            run(CONNTRAIL, "evidence", "verify", path, "--vkey", vkey)
        report = json.loads(run(VERIFY, whole, "--vkey", vkey, "--json").stdout)
        check("verified", report["verified"], True)
        counts = {name: value for step in report["steps"] for name, value in step.items()}
        records = told["exports"][0]["records"]
        check("entries", counts["entries"], records)

        rows = [json.loads(line) for line in zipped["decoded/trail.ndjson"].decode().splitlines()]
        check("rows", [row["index"] for row in rows], list(range(records)))
        table = list(csv.DictReader(io.StringIO(zipped["decoded/trail.csv"].decode(), newline="")))
        check("csv", [int(row["index"]) for row in table], list(range(records)))
        check("verdicts", [row["verdict"] for row in table], [row["outcome"] for row in rows])
        ocsf = [json.loads(line) for line in zipped["decoded/ocsf.ndjson"].decode().splitlines()]
        check("ocsf", sorted({event["metadata"]["sequence"] for event in ocsf}), list(range(records)))
        events = run(CONNTRAIL, "trail", "search", "--data", data, "--oldest-first", "--full", "--limit",
                     records, "--output", "ndjson").stdout.splitlines()
        check("events", [row.get("event") for row in rows],
              [json.loads(line).get("full") for line in events])

        # A part, by time, and a checkpoint that was kept.
        kept = work / "kept"
        kept.write_bytes(zipped["checkpoint"])
        middle = rows[records // 2]["time"]
        run(CONNTRAIL, "evidence", "export", "--data", data, "--from", middle, "--out", part)
        run(VERIFY, part, "--vkey", vkey, "--since", kept)
        first = json.loads((part / "decoded" / "trail.ndjson").read_text().splitlines()[0])
        check("the part begins", first["time"] >= middle and rows[first["index"] - 1]["time"] < middle,
              True)

        # Another deployment of the same records has another key.
        other = work / "other"
        run(CONNTRAIL, "demo", "--data", other, "--quiet")
        other_key = run(CONNTRAIL, "evidence", "vkey", "--data", other).stdout
        refused = run(VERIFY, whole, "--vkey", other_key.strip(), expected=1)
        check("refused", "REFUSED" in refused.stderr, True)
        run(CONNTRAIL, "evidence", "verify", whole, "--vkey", "nonsense", expected=2)
        run(CONNTRAIL, "evidence", "verify", expected=2)

        # A key that was lost after it signed is not replaced by itself.
        run(CONNTRAIL, "evidence", "init", "--data", other, expected=4)
        run(CONNTRAIL, "evidence", "export", "--data", other, "--out", work / "other.zip")
        (other / "keys" / "evidence.key").unlink()
        lost = run(CONNTRAIL, "evidence", "vkey", "--data", other, expected=5)
        check("the remedy", "conntrail evidence init" in lost.stderr, True)
        check("the name", run(CONNTRAIL, "evidence", "init", "--data", other, "--name",
                              "example.org/second").stdout, "example.org/second\n")
        second = run(CONNTRAIL, "evidence", "vkey", "--data", other).stdout
        check("the new key", second.startswith("example.org/second/p0/o1+"), True)

        damaged = unpacked / "tile" / "entries" / sorted(
            path.name for path in (unpacked / "tile" / "entries").iterdir())[0]
        target = next(damaged.rglob("*")) if damaged.is_dir() else damaged
        content = bytearray(target.read_bytes())
        content[len(content) // 2] ^= 1
        target.write_bytes(content)
        refused = run(VERIFY, unpacked, "--vkey", vkey, expected=1)
        check("named", "tile/entries/" in refused.stderr and "expected leaf hash" in refused.stderr, True)


if __name__ == "__main__":
    main()
