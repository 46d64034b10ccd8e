"""Tests of tools/lint/words.py: trees with one fault each, in a temporary directory."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[3] / "tools" / "lint" / "words.py"


def lint(files):
    """Exit status and output of words.py over a tree of `files`, {path: text}."""
    with tempfile.TemporaryDirectory() as directory:
        for path, text in files.items():
            place = pathlib.Path(directory) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-B", str(LINT), "--root", directory],
                              stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout


class Words(unittest.TestCase):
    def assert_fault(self, files, expected):
        status, output = lint(files)
        self.assertEqual(status, 1)
        self.assertIn(expected, output)

    def test_names_that_say_something_pass(self):
        status, output = lint({
            "events/event.h": "#pragma once\nstruct EventContext { int idempotency_key; };\n",
            "tests/events/event_test.cc": 'TEST(Event, Holds) { Check(R"(DataManager " it)"); }\n',
        })
        self.assertEqual((status, output), (0, ""))

    def test_names_of_other_libraries_pass(self):
        text = "void f(rocksdb::FlushJobInfo i, testing::TestParamInfo<int> p) { i.DataInfo(); }\n"
        self.assertEqual(lint({"events/event.cc": text}), (0, ""))

    def test_a_type_named_manager_is_refused(self):
        self.assert_fault({"events/event.cc": "\nclass EventManager;\n"}, 'events/event.cc:2: "Manager"')

    def test_data_is_refused_as_the_thing_that_is_named_but_not_as_its_kind(self):
        self.assert_fault({"events/event.cc": "struct EventData {};\n"}, '"Data" in EventData')
        self.assertEqual(lint({"events/log/file.cc": "int DataSync(int fd);\n"}), (0, ""))

    def test_a_variable_named_helper_is_refused(self):
        self.assert_fault({"events/event.cc": "int row_helper = 1;\n"}, '"helper"')

    def test_a_file_named_util_is_refused(self):
        self.assert_fault({"events/time_util.cc": ""}, '"util" in a file name')

    def test_a_second_version_of_a_file_is_refused(self):
        self.assert_fault({"events/codec2.cc": ""}, '"codec2"')
        self.assert_fault({"events/codec_new.cc": ""}, '"new"')

    def test_a_header_without_pragma_once_is_refused(self):
        self.assert_fault({"events/event.h": "int x;\n"}, "#pragma once")

    def test_an_absolute_path_of_somebodys_machine_is_refused_in_any_text(self):
        place = "/".join(["", "home", "alice", "x"])
        self.assert_fault({"README.md": f"look at {place}\n"}, "belongs to one machine")

    def test_a_test_that_mirrors_no_folder_is_refused(self):
        self.assert_fault({"tests/events/nowhere/x_test.cc": ""}, "no folder events/nowhere/")


if __name__ == "__main__":
    unittest.main()
