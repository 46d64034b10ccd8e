"""Lets schemathesis meet things that exist: what it makes up is rarely the id of anything.

run.py sets CONNTRAIL_KNOWN: {"org": …, "path": {"connection_id": [ids], …}, "of": {operation: as
"path", of things that only this operation takes}} as JSON, and
CONNTRAIL_SUCCEEDED: the file that gets how often each operation has succeeded.
"""
import atexit
import collections
import json
import os
import random

import schemathesis
from schemathesis import GenerationMode

KNOWN = json.loads(os.environ["CONNTRAIL_KNOWN"])
CHOICE = random.Random(int(os.environ["CONNTRAIL_SEED"]))
KNOWN_SHARE = 0.8
SUCCEEDED = collections.Counter()


def name_of(case):
    return case.operation.definition.raw["operationId"]


def is_positive(case, location):
    """Whether that part of the case is meant to be valid."""
    component = case.meta and case.meta.components.get(location)
    return component is not None and component.mode == GenerationMode.POSITIVE


@schemathesis.hook
def map_case(context, case):
    from schemathesis.core.parameters import ParameterLocation

    if is_positive(case, ParameterLocation.PATH) and CHOICE.random() < KNOWN_SHARE:
        known = {**KNOWN["path"], **KNOWN["of"].get(name_of(case), {})}
        for name, values in known.items():
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = CHOICE.choice(values)
    if is_positive(case, ParameterLocation.HEADER) and CHOICE.random() < KNOWN_SHARE:
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"  # a revision made up is never the one
    if is_positive(case, ParameterLocation.BODY):
        name_what_the_path_names(case)
    return case


def name_what_the_path_names(case):
    """The id of a body must be that of its path, and the org of an event that of the key."""
    ids = case.path_parameters or {}
    data = case.body.get("data") if isinstance(case.body, dict) else None
    if isinstance(data, dict) and "id" in data and ids:
        data["id"] = next(iter(ids.values()))
    if name_of(case) == "UpdateRestrictionPolicy" and CHOICE.random() < KNOWN_SHARE:
        # Principals made up lock the caller out, which is refused.
        data["attributes"]["bindings"] = [
            {"relation": "editor", "principals": [CHOICE.choice(KNOWN["path"]["principal"])]}]
    if name_of(case) == "SaveWorkflow" and CHOICE.random() < KNOWN_SHARE:
        # An owner made up is the only one who may save it again; a connection made up is nobody's.
        attributes = data["attributes"]
        attributes["owner"] = CHOICE.choice(KNOWN["path"]["principal"])
        for step in attributes.get("steps", []):
            step["connection_id"] = CHOICE.choice(KNOWN["path"]["connection_id"])
    events = case.body if isinstance(case.body, list) else [case.body]
    for event in events:
        if isinstance(event, dict) and "authority" in event:
            event["org"] = KNOWN["org"]
            event["authority"] = "observation"


@schemathesis.hook
def after_call(context, case, response):
    if 200 <= response.status_code < 300:
        SUCCEEDED[name_of(case)] += 1


@atexit.register
def tell_succeeded():
    with open(os.environ["CONNTRAIL_SUCCEEDED"], "w", encoding="utf-8") as out:
        json.dump(SUCCEEDED, out)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """501 is right for a method that the server does not know (RFC 9110, section 15.6.2)."""
    return not (case.method.upper() == "QUERY" and response.status_code == 501)


@schemathesis.deserializer("application/x-ndjson")
def from_lines(context, response):
    text = response.content.decode()
    for line in text.splitlines():
        json.loads(line)
    return text


@schemathesis.deserializer("text/csv")
def from_csv(context, response):
    return response.content.decode()


@schemathesis.serializer("application/x-ndjson", "application/vnd.conntrail.events")
def as_bytes(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
