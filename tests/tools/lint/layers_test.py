"""Tests of tools/lint/layers.py: trees with one wrong include each, in a temporary directory."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[3] / "tools" / "lint" / "layers.py"


def lint(files):
    """Exit status and output of layers.py over a tree of `files`, {path: text}."""
    with tempfile.TemporaryDirectory() as directory:
        for path, text in files.items():
            place = pathlib.Path(directory) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-B", str(LINT), "--root", directory],
                              stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout


EVENT = {"events/event.h": "#pragma once\n"}


class Layers(unittest.TestCase):
    def test_an_include_along_the_arrows_is_allowed(self):
        status, output = lint({**EVENT, "projections/fold/fold.cc": '#include "events/event.h"\n',
                               "events/event_codec.cc": '#include "schemas/event_generated.h"\n'})
        self.assertEqual((status, output), (0, ""))

    def test_an_include_against_the_arrows_is_refused_and_the_allowed_direction_named(self):
        status, output = lint({"projections/projector.h": "", "events/event.cc":
                               '// first line\n#include "projections/projector.h"\n'})
        self.assertEqual(status, 1)
        self.assertIn("events/event.cc:2:", output)
        self.assertIn("events/ may include only: events schemas", output)

    def test_the_fold_must_not_include_the_rest_of_the_projections(self):
        status, output = lint({"projections/store/store.h": "", "projections/fold/fold.cc":
                               '#include "projections/store/store.h"\n'})
        self.assertEqual(status, 1)
        self.assertIn("projections/fold/ may include only: projections/fold events", output)

    def test_the_rest_of_the_projections_may_include_the_fold(self):
        status, output = lint({"projections/fold/fold.h": "", "projections/projector.cc":
                               '#include "projections/fold/fold.h"\n'})
        self.assertEqual((status, output), (0, ""))

    def test_the_fold_must_not_know_a_clock(self):
        status, output = lint({"projections/fold/fold.cc": "#include <chrono>\n"})
        self.assertEqual(status, 1)
        self.assertIn("must not know of <chrono>", output)

    def test_rocksdb_is_only_for_the_store_and_the_logs(self):
        rocksdb = "#include <rocksdb/db.h>\n"
        self.assertEqual(lint({"projections/store/rocksdb_store.cc": rocksdb})[0], 0)
        status, output = lint({"projections/views/trail_view.cc": rocksdb})
        self.assertEqual(status, 1)
        self.assertIn("<rocksdb/...> is only for", output)

    def test_an_include_that_does_not_start_at_the_root_is_refused(self):
        status, output = lint({**EVENT, "events/event.cc": '#include "event.h"\n'})
        self.assertEqual(status, 1)
        self.assertIn("no such file from the root", output)

    def test_a_folder_without_a_rule_is_refused(self):
        status, output = lint({**EVENT, "extras/x.cc": '#include "events/event.h"\n'})
        self.assertEqual(status, 1)
        self.assertIn("no line in tools/lint/layers.txt", output)


if __name__ == "__main__":
    unittest.main()
