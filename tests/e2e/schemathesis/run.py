#!/usr/bin/env python3
"""Validates the OpenAPI document of a conntraild of its own, and runs schemathesis by it.

usage: run.py CONNTRAILD WORK_DIRECTORY [--seed N] [--examples N] [arguments of schemathesis]
Installs requirements.txt into WORK_DIRECTORY once. Exit status 77: skipped, because the packages
cannot be had.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]
from python_packages import install  # noqa: E402
from server import Server, connection_body  # noqa: E402

# The stream does not end by itself, the document is only read, and OpenAPI has no parameters of
# several segments, which GetTlogFile needs.
NOT_CALLED = {"StreamAuditLogs", "GetOpenApi", "GetTlogFile"}


def operations(document):
    paths = json.loads(document.read_text())["paths"]
    return {operation["operationId"] for item in paths.values() for operation in item.values()}


def made(server, method, path, body):
    status, answer = server.json(method, path, body)
    if status not in (200, 201):
        sys.exit(f"{method} {path}: {status} {answer}")
    return answer["data"]["id"]


def furnish(server):
    """Some of everything, and how to find it. What an operation ends is its own, and the keys that
    the test itself uses are not told."""
    connections = [made(server, "POST", "/api/v2/actions/connections",
                        connection_body(f"connection {n}")) for n in range(20)]
    suspended = connections[4:8]
    for connection in suspended:
        server.ask("PUT", f"/api/v2/actions/connections/{connection}/suspension")
    keys = [made(server, "POST", "/api/v2/access_keys", {"data": {
        "type": "access_keys", "attributes": {"kind": "application", "name": f"key {n}",
                                              "scopes": ["connections_read"]}}})
            for n in range(12)]
    for key in keys[:8]:
        server.ask("PUT", f"/api/v2/actions/app_key_registrations/{key}")
    integrations = [made(server, "POST", "/api/v2/integrations", {"data": {
        "type": "integration", "attributes": {"type": "Slack", "account": f"account {n}",
                                              "secrets": {"token": "made up"}}}})
                    for n in range(4)]
    workflows = [f"0190b7a4-5f6e-7000-8000-00000000000{n}" for n in range(8)]
    for n, workflow in enumerate(workflows):
        made(server, "PUT", f"/api/v2/workflows/{workflow}", {"data": {
            "type": "workflow", "attributes": {"name": f"workflow {n}", "steps": [
                {"step": "first", "action": "page", "connection_id": connections[-1 - n]}]}}})
    _, counts = server.json("GET", "/api/v2/counts")
    _, trail = server.json("GET", "/api/v2/audit/events")
    # Policies made up take away what the other operations need.
    restricted = ["connection:" + connection for connection in connections[8:12]]
    return {"org": counts["data"]["id"], "path": {
        "connection_id": connections[12:], "key_id": keys[8:], "app_key_id": keys[:4],
        "integration_id": integrations, "workflow_id": workflows[4:], "step": ["first"],
        "resource_id": restricted,
        "event_id": [event["attributes"]["attributes"]["uuid"] for event in trail["data"]],
        "principal": [trail["data"][0]["attributes"]["attributes"]["usr"]["id"]]}, "of": {
            "DeleteActionConnection": {"connection_id": connections[:4]},
            "WithdrawCredential": {"connection_id": connections[12:16]},
            "ResumeActionConnection": {"connection_id": suspended},
            "UnregisterAppKey": {"app_key_id": keys[4:8]},
            "RevokeAccessKey": {"key_id": keys[10:]}, "UpdateAccessKey": {"key_id": keys[8:10]},
            "DeleteWorkflow": {"workflow_id": workflows[:4]}}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--examples", type=int, default=20)
    options, others = parser.parse_known_args()
    programs = install(options.work.resolve(), HERE / "requirements.txt")
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="conntrail_schemathesis.") as scratch:
        server = Server(options.program, scratch, ["--rate-limit", "0"]).start()
        try:
            document = pathlib.Path(scratch) / "openapi.json"
            document.write_text(server.ask("GET", "/openapi.json")[2])
            subprocess.run([programs / "openapi-spec-validator", document], check=True)
            succeeded = pathlib.Path(scratch) / "succeeded.json"
            environment = dict(os.environ, CONNTRAIL_SUCCEEDED=str(succeeded), CONNTRAIL_KNOWN=json.dumps(furnish(server)),
                               CONNTRAIL_SEED=str(options.seed),
                               SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE),
                               PYTHONDONTWRITEBYTECODE="1", NO_COLOR="1")
            command = [programs / "schemathesis", "--config-file", HERE / "schemathesis.toml",
                       "run", server.ready["url"] + "/openapi.json", "--seed", str(options.seed),
                       "--max-examples", str(options.examples), "--suppress-health-check", "all",
                       "--continue-on-failure"]
            for name, value in server.keys.items():
                command += ["-H", f"{name}: {value}"]
            tests = subprocess.run(command + others, cwd=scratch, env=environment)
            successes = json.loads(succeeded.read_text())
            never = operations(document) - successes.keys() - NOT_CALLED
            print("fewest successes:", sorted(successes.items(), key=lambda item: item[1])[:8])
        finally:
            ended = server.stop()
    if ended != 0:
        sys.exit(f"conntraild has ended with {ended}, not 0")
    if never and not others:
        sys.exit("never succeeded, so little was tested of: " + ", ".join(sorted(never)))
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
