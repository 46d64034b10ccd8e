"""RFC 6962 trees, C2SP signed notes and tiles, from their specifications alone: nothing of conntrail."""
import base64
import hashlib
import pathlib
import subprocess
import tempfile


def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    """MTH of RFC 6962, section 2.1, of leaves that are hashed already."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return node_hash(root_of(hashes[:half]), root_of(hashes[half:]))


def root_by_path(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2: the root that the path leads to."""
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        assert last > 0, "the path is too long"
        if node & 1 or node == last:
            hashed = node_hash(sibling, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        node, last = node >> 1, last >> 1
    assert last == 0, "the path is too short"
    return hashed


def index_path(number):
    digits = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        digits = f"x{number % 1000:03}/{digits}"
    return digits


def entries_of(bundle):
    entries = []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        assert len(bundle) >= 2 + size, "an entry is cut off"
        entries.append(bundle[2:2 + size])
        bundle = bundle[2 + size:]
    return entries


def verify_note(note, verifier_key):
    """The note's text, if the key has signed it."""
    name, key_id, key = verifier_key.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    assert raw[0] == 1 and len(raw) == 33, "no Ed25519 key"
    assert hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == key_id
    text, signatures = note.split("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        mark, signer, signature = line.split(" ")
        assert mark == "\N{EM DASH}"
        signed = base64.b64decode(signature, validate=True)
        if signer == name and signed[:4].hex() == key_id:
            verify_ed25519(raw[1:], text.encode(), signed[4:])
            return text
    raise AssertionError("the key has not signed this note")


def verify_ed25519(public_key, message, signature):
    # SubjectPublicKeyInfo of RFC 8410.
    der = bytes.fromhex("302a300506032b6570032100") + public_key
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, content in (("key", der), ("message", message), ("signature", signature)):
            (folder / name).write_bytes(content)
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
                        folder / "key", "-rawin", "-in", folder / "message", "-sigfile",
                        folder / "signature"], check=True, stdout=subprocess.PIPE)


def read_checkpoint(note, verifier_key):
    """(size, root) of a checkpoint that the key has signed for the log it is named after."""
    origin, size, root, *rest = verify_note(note, verifier_key).split("\n")
    assert origin == verifier_key.split("+")[0] and rest == [""], "not as it is written"
    return int(size), base64.b64decode(root, validate=True)
