#!/usr/bin/env python3
"""Reports a few observations straight to the topic of a conntrail log, with an ordinary Kafka client.

See README.md beside this file. What the bytes must be: schemas/records.md.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.parse
import uuid

import confluent_kafka
import flatbuffers

# Made by: flatc --python --gen-object-api -o . ../../../schemas/event.fbs
from conntrail.wire.Action import Action
from conntrail.wire.Actor import ActorT
from conntrail.wire.ActorKind import ActorKind
from conntrail.wire.Authority import Authority
from conntrail.wire.ConnectionCreated import ConnectionCreatedT
from conntrail.wire.ConnectionEdited import ConnectionEditedT
from conntrail.wire.ConnectionUsed import ConnectionUsedT
from conntrail.wire.CredentialRotated import CredentialRotatedT
from conntrail.wire.Event import EventT
from conntrail.wire.Field import FieldT
from conntrail.wire.FieldChange import FieldChangeT
from conntrail.wire.Interface import Interface
from conntrail.wire.Principal import PrincipalT
from conntrail.wire.PrincipalKind import PrincipalKind
from conntrail.wire.Right import Right
from conntrail.wire.SecretFingerprint import SecretFingerprintT
from conntrail.wire.Uuid import UuidT
from conntrail.wire.Value import ValueT
from conntrail.wire.ValueKind import ValueKind

TYPES = {Action.ConnectionCreated: "connection.created", Action.ConnectionEdited: "connection.edited",
         Action.ConnectionUsed: "connection.used", Action.CredentialRotated: "credential.rotated"}
RECORD_BYTES_MAX = 60_000


def uuid7():
    """RFC 9562: 48 bits of time, 74 of chance."""
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76  # the version
    value = value & ~(0x3 << 62) | 2 << 62  # the variant
    return uuid.UUID(int=value)


def to_wire(identifier):
    wire = UuidT()
    wire.hi, wire.lo = identifier.int >> 64, identifier.int & (2**64 - 1)
    return wire


def user(identifier):
    wire = PrincipalT()
    wire.id, wire.kind = to_wire(identifier), PrincipalKind.user
    return wire


def text(value):
    wire = ValueT()
    wire.kind, wire.text = ValueKind.text, value
    return wire


def fingerprint(key_file, field, secret):
    """The secret itself never leaves this process. The key is the deployment's, 64 hexadecimal
    digits; with another one reuse of a secret stays invisible."""
    with open(key_file) as file:
        key = bytes.fromhex(file.read().strip())
    wire = SecretFingerprintT()
    wire.field = field
    wire.digest = list(hmac.new(key, secret.encode(), hashlib.sha256).digest())
    return wire


def observation(org, actor, action_type, action):
    """What all of them have in common. Producer and number come when it is journalled."""
    event = EventT()
    event.eventId, event.org = to_wire(uuid7()), to_wire(org)
    event.authority = Authority.observation
    event.rights = Right.backfill  # it counts for the time at which we recorded it
    event.recordedAtMs = event.occurredAtMs = int(time.time() * 1000)
    event.actor = ActorT()
    event.actor.principal, event.actor.kind = user(actor), ActorKind.person
    event.interface = Interface.platform
    event.actionType, event.action = action_type, action
    return event


def story(org, key_file):
    """Somebody makes a connection, renames it, uses it, and changes its secret."""
    actor, connection = uuid7(), to_wire(uuid7())
    created = ConnectionCreatedT()
    created.connection, created.hasCredential = connection, True
    field = FieldT()
    field.path, field.value = "name", text("pager of the example")
    created.fields = [field]
    yield observation(org, actor, Action.ConnectionCreated, created)

    edited = ConnectionEditedT()
    edited.connection = connection
    change = FieldChangeT()
    change.path = "name"
    change.before, change.after = text("pager of the example"), text("pager (Python)")
    edited.changes = [change]
    yield observation(org, actor, Action.ConnectionEdited, edited)

    used = ConnectionUsedT()
    used.connection, used.principal, used.count = connection, user(actor), 3
    yield observation(org, actor, Action.ConnectionUsed, used)

    rotated = CredentialRotatedT()
    rotated.connection = connection
    if key_file:
        rotated.secrets = [fingerprint(key_file, "api_token", "not a real one")]
    yield observation(org, actor, Action.CredentialRotated, rotated)


def encode(event):
    builder = flatbuffers.Builder(1024)
    builder.Finish(event.Pack(builder), file_identifier=b"CTEV")
    value = bytes(builder.Output())
    if len(value) > RECORD_BYTES_MAX:
        raise ValueError(f"the event has {len(value)} bytes, {RECORD_BYTES_MAX} are allowed")
    return value


def journalled(options):
    """The events of this producer, as they were numbered and written down once. An event that is
    sent again is the same bytes, which is how conntrail knows it."""
    if not os.path.exists(options.journal):
        draft = options.journal + ".draft"
        with open(draft, "w") as file:
            for number, event in enumerate(story(options.org, options.fingerprint_key), start=1):
                event.producer, event.producerSequence = options.producer, number
                file.write(json.dumps({"value": base64.b64encode(encode(event)).decode()}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.rename(draft, options.journal)
    with open(options.journal) as file:
        return [base64.b64decode(json.loads(line)["value"]) for line in file]


def headers(value):
    """The CloudEvents binding for Kafka, binary mode: for those who route; they decide nothing."""
    event = EventT.InitFromBuf(value, int.from_bytes(value[:4], "little"))
    org = uuid.UUID(int=event.org.hi << 64 | event.org.lo)
    seconds, ms = divmod(event.occurredAtMs, 1000)
    producer = urllib.parse.quote(event.producer, safe="")
    return [("content-type", "application/vnd.conntrail.event"),
            ("ce_specversion", "1.0"),
            ("ce_id", str(uuid.UUID(int=event.eventId.hi << 64 | event.eventId.lo))),
            ("ce_source", f"/orgs/{org}/producers/{producer}"),
            ("ce_type", "conntrail." + TYPES[event.actionType]),
            ("ce_time", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{ms:03}Z")]


def send(options, values):
    """True if all replicas that are in sync have all of them."""
    failures = []

    def told(error, _):
        if error is not None:
            failures.append(str(error))

    producer = confluent_kafka.Producer({
        "bootstrap.servers": options.bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,  # none overtakes another
        "compression.type": "lz4",
        "message.timeout.ms": 30_000,
    })
    for value in values:
        producer.produce(options.topic, key=options.org.bytes, value=value, headers=headers(value),
                         partition=options.partition, on_delivery=told)
    left = producer.flush(40)
    for failure in failures:
        print(f"not acknowledged: {failure}", file=sys.stderr)
    return left == 0 and not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True, help="HOST:PORT")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--org", required=True, type=uuid.UUID, help="the id of the organisation")
    parser.add_argument("--partition", required=True, type=int, help="in which the org lives")
    parser.add_argument("--producer", required=True, help="a name that nobody else has, ever")
    parser.add_argument("--journal", required=True, help="a file; keep it as long as the name")
    parser.add_argument("--fingerprint-key", help="the deployment's key file, for secrets")
    options = parser.parse_args()
    values = journalled(options)
    if not send(options, values):
        sys.exit("Run this again: what arrived already is recognised.")
    print(f"{len(values)} events are in the log")


if __name__ == "__main__":
    main()
