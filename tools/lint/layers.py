#!/usr/bin/env python3
"""Checks every #include of the tree against the arrows in layers.txt.

usage: layers.py [--root DIR] [--rules FILE]
Prints one line per wrong include and exits with 1 if there is one.
"""

import argparse
import pathlib
import re
import sys

from tree import tracked_files

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
GENERATED = "_generated.h"  # flatc makes these in the build directory; they count as schemas/


class Rules:
    """What layers.txt says."""

    def __init__(self, path):
        self.allowed = {}  # folder -> folders that it may include
        self.only = {}  # prefix of system headers -> folders that may include it
        self.banned = {}  # folder -> prefixes of system headers that it may not include
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if " !" in line:
                folder, prefixes = line.split(" !", 1)
                self.banned[folder.strip()] = [p[1:].removesuffix(">") for p in prefixes.split()]
            elif ":" in line:
                left, right = (part.strip() for part in line.split(":", 1))
                if left.startswith("<"):
                    self.only[left[1:]] = right.split()
                else:
                    self.allowed[left] = right.split()
            else:
                sys.exit(f"{path}:{number}: neither an arrow nor a ban: {line}")

    def folder_of(self, path):
        """The longest folder with a rule that holds `path`, or None."""
        fits = [folder for folder in self.allowed if below(path, folder)]
        return max(fits, key=len, default=None)


def below(path, folder):
    return path.startswith(folder + "/")


def check_own(rules, root, path, folder, included):
    """What is wrong with #include "included" in `path`, or None."""
    if not (root / included).is_file() and not (
        included.startswith("schemas/") and included.endswith(GENERATED)
    ):
        return (
            "no such file from the root of the repository "
            '(own headers are written "events/event.h", others <fmt/format.h>)'
        )
    if below(included, folder):
        return None
    may = rules.allowed[folder]
    if any(below(included, other) for other in may):
        return None
    return f"{folder}/ may include only: {' '.join([folder] + may)}"


def check_system(rules, path, header):
    """What is wrong with #include <header> in `path`, or None."""
    for prefix, folders in rules.only.items():
        if header.startswith(prefix) and not any(below(path, folder) for folder in folders):
            return f"<{prefix}...> is only for: {' '.join(folders)}"
    for folder, prefixes in rules.banned.items():
        if below(path, folder):
            for prefix in prefixes:
                if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
                    return f"{folder}/ must not know of <{prefix}>"
    return None


def faults(root, rules):
    for path in tracked_files(root, (".h", ".cc")):
        folder = rules.folder_of(path)
        text = (root / path).read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            own, system = match.groups()
            if folder is None:
                fault = "this folder has no line in tools/lint/layers.txt"
            elif own:
                fault = check_own(rules, root, path, folder, own)
            else:
                fault = check_system(rules, path, system)
            if fault:
                line = text.count("\n", 0, match.start(1 if own else 2)) + 1
                yield f"{path}:{line}: {match.group().strip()}: {fault}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Checks includes against layers.txt.")
    parser.add_argument("--root", type=pathlib.Path, default=here.parent.parent)
    parser.add_argument("--rules", type=pathlib.Path, default=here / "layers.txt")
    options = parser.parse_args()
    found = list(faults(options.root, Rules(options.rules)))
    for fault in found:
        print(fault)
    if found:
        print(f"\n{len(found)} includes against the arrows; the arrows: tools/lint/layers.txt")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
