#!/usr/bin/env python3
"""Lists the tests that did not run, with the reason each gave, from ctest's JUnit files.

usage: skipped.py FILE...
"""

import re
import sys
import xml.etree.ElementTree

# GoogleTest prints "file.cc:12: Skipped", the reason, and then an empty line or its next mark.
REASON = re.compile(r": Skipped\n(.*?)(?:\n\s*\n|\n?\[ )", re.DOTALL)


def reason_of(case):
    if case.get("status") == "disabled":
        return "disabled"
    printed = case.findtext("system-out") or ""
    match = REASON.search(printed)
    if match and match.group(1).strip():
        return " ".join(match.group(1).split())
    skipped = case.find("skipped")
    said = (skipped.get("message") or "") if skipped is not None else ""
    lines = [line for line in printed.splitlines() if "SKIP" in line and "[  SKIPPED ]" not in line]
    return " ".join(lines) or said or "no reason given"


def main():
    for path in sys.argv[1:]:
        for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
            if case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
                print(f"{case.get('name')}: {reason_of(case)}")


if __name__ == "__main__":
    main()
