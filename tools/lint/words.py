#!/usr/bin/env python3
"""Checks names and texts of the tree against words.txt, and the shape of its files.

usage: words.py [--root DIR] [--words FILE]
Prints one line per fault and exits with 1 if there is one.
"""

import argparse
import pathlib
import re
import sys

from tree import tracked_files

CODE = (".h", ".cc")
LAYERS = ("events", "projections", "services", "tools")
# A name of ours in PascalCase: not of another's namespace (rocksdb::X), not a member (x.X).
PASCAL = re.compile(r"(?<![\w.>])((?:[A-Za-z_]\w*::)*)([A-Z][a-z0-9]+[A-Za-z0-9]*)\b")
PART = re.compile(r"[A-Z][a-z0-9]*")
SNAKE = re.compile(r"(?<![\w.>:])[a-z][a-z0-9]*(?:_[a-z0-9]+)*_([a-z]+)_?\b")
NO_NAMES = re.compile(  # comments, texts, characters, preprocessor lines
    r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'|^[ \t]*\#[^\n]*""",
    re.DOTALL | re.MULTILINE)


class Words:
    """What words.txt says."""

    def __init__(self, path):
        self.words, self.last, self.files, self.suffixes, self.texts = set(), set(), set(), set(), []
        self.terms = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            kind, _, value = line.partition(" ")
            if kind == "word":
                self.words.add(value)
            elif kind == "last":
                self.last.add(value)
            elif kind == "file":
                self.files.add(value)
            elif kind == "suffix":
                self.suffixes.add(value)
            elif kind == "term":
                self.terms.append(value)
            elif kind == "text":
                self.texts.append(re.compile(value))
            else:
                sys.exit(f"{path}:{number}: unknown kind: {kind}")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def name_faults(path, words):
    """Faults of the file's own name."""
    name = path.rsplit("/", 1)[-1]
    for term in words.terms:
        name = re.sub(rf"^{re.escape(term)}(?=[_.])", "", name)
    for part in re.split(r"[_.\-]", name)[:-1]:
        if part in words.words | words.last | words.files:
            yield 1, f'"{part}" in a file name says nothing: what is it for?'
        if re.fullmatch(r"[a-z]+2", part):
            yield 1, f'"{part}": a second version replaces the first, or has a name of its own'


def code_faults(text, words):
    """Faults of the names in C++ code."""
    code = NO_NAMES.sub(blank, text)
    for match in PASCAL.finditer(code):
        scope, name = match.groups()
        if scope and not scope.startswith("conntrail::"):
            if scope[0].islower():
                continue
        parts = PART.findall(name)
        for part in parts:
            if part.lower() in words.words or (part == parts[-1] and part.lower() in words.last):
                yield line_of(code, match), f'"{part}" in {name} says nothing: what is it for?'
    for match in SNAKE.finditer(code):
        if match.group(1) in words.suffixes:
            yield line_of(code, match), f'"{match.group(1)}" in {match.group()} says nothing'


def shape_faults(root, path, text):
    """Faults of the file as a whole."""
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header begins with #pragma once"
    parts = path.split("/")
    if path.endswith("_test.cc") and parts[0] == "tests" and parts[1] in LAYERS:
        folder = "/".join(parts[1:-1])
        if not (root / folder).is_dir():
            yield 1, f"tests mirror the tree, and there is no folder {folder}/"


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def faults(root, words, own_list):
    for path in tracked_files(root):
        if (root / path).resolve() == own_list:
            continue
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # golden bytes, a fuzzer's corpus
        found = list(name_faults(path, words)) if path.endswith(CODE + (".py", ".txt")) else []
        if path.endswith(CODE):
            found += code_faults(text, words)
            found += shape_faults(root, path, text)
        for regex in words.texts:
            found += [(line_of(text, m), f"{m.group()!r} belongs to one machine") for m in regex.finditer(text)]
        for line, fault in sorted(found):
            yield f"{path}:{line}: {fault}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Checks names and texts against words.txt.")
    parser.add_argument("--root", type=pathlib.Path, default=here.parent.parent)
    parser.add_argument("--words", type=pathlib.Path, default=here / "words.txt")
    options = parser.parse_args()
    found = list(faults(options.root, Words(options.words), options.words.resolve()))
    for fault in found:
        print(fault)
    if found:
        print(f"\n{len(found)} faults; the words and texts: tools/lint/words.txt")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
