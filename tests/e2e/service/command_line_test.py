#!/usr/bin/env python3
"""The command line against a server: the same answers, byte for byte, as from the data directory; and
what it says where there is no answer.

usage: command_line_test.py CONNTRAILD CONNTRAIL
"""
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import uuid

from server import Server, connection_body

NOBODY = "00000000-0000-4000-8000-000000000000"


def run(*arguments, **environment):
    """(exit code, standard output, standard error) of conntrail."""
    environment.setdefault("HOME", "/nonexistent")
    end = subprocess.run([CONNTRAIL, *map(str, arguments)], env=environment, capture_output=True,
                         timeout=120)
    return end.returncode, end.stdout.decode(), end.stderr.decode()


class Base(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="conntrail-cli-"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def serve(self, *options):
        self.server = Server(CONNTRAILD, self.scratch, options).start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        return self.server

    def keys(self, **more):
        return {"CONNTRAIL_API_KEY": self.server.keys["DD-API-KEY"],
                "CONNTRAIL_APPLICATION_KEY": self.server.keys["DD-APPLICATION-KEY"], **more}

    def remote(self, *arguments):
        return run(*arguments, "--server", self.server.url.geturl(), **self.keys())


class SameAnswers(Base):
    def setUp(self):
        super().setUp()
        self.copy = self.scratch / "copy"
        code, out, err = run("demo", "--data", self.scratch / "data")
        self.assertEqual(code, 0, err)
        self.demo = dict(line.split("=", 1) for line in out.splitlines())
        self.demo["moment"] = "time:" + self.demo["moment"]
        self.serve()
        for name in ("pager", "twin", "twin", "=späti \u202e \"1+1\""):
            status, answer = self.server.json("POST", "/api/v2/actions/connections",
                                              connection_body(name))
            self.assertEqual(status, 201, answer)
            self.made = answer["data"]["id"]
        status, _ = self.server.json("DELETE", "/api/v2/actions/connections/" + NOBODY)
        self.assertEqual(status, 404)
        self.report(1, 2, 7)
        self.take_copy()

    def report(self, *numbers):
        """A producer's uses, with these numbers."""
        status, answer = self.server.json("POST", "/api/v2/connection_events", [{
            "type": "connection.used", "id": str(uuid.uuid4()), "org": self.server.ready["org"],
            "authority": "observation", "actor": {"kind": "person",
                                                  "principal": self.demo["principal"]},
            "producer": "jenkins", "producer_sequence": number,
            "action": {"connection": self.made, "mode": "manual"}} for number in numbers])
        self.assertEqual([item["attributes"]["outcome"] for item in answer["data"]],
                         ["applied"] * len(numbers), answer)

    def take_copy(self):
        """Has the copy be what the server has: reading a trail adds to it."""
        self.server.stop()
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.server.data, self.copy)
        self.server.start()

    def check(self, *arguments, codes=(0,)):
        for form in ("table", "json", "ndjson", "csv"):
            with self.subTest(arguments=arguments, form=form):
                if arguments[0] == "trail":
                    self.take_copy()
                there = self.remote(*arguments, "--output", form)
                here = run(*arguments, "--output", form, "--data", self.copy)
                self.assertEqual(there, here)
                self.assertIn(here[0], codes)
        return here

    def test_connections(self):
        demo = self.demo
        self.check("connections", "list")
        self.check("connections", "list", "--deleted", "--sort", "changed", "--limit", "3")
        cursor = json.loads(run("connections", "list", "--limit", "2", "--data", self.copy, "--output",
                                "json")[1])["next_cursor"]
        self.check("connections", "list", "--limit", "2", "--cursor", cursor)
        self.check("connections", "list", "--sort", "id", "--cursor", cursor, codes=(2,))
        self.check("connections", "list", "--name", "PAG", "--active")
        self.check("connections", "list", "--granted", demo["principal"], "--as-of", demo["moment"])
        self.check("connections", "list", "--suspended", "--with-credential")
        self.check("connections", "list", "--name", "no such")
        for connection in (demo["connection"], self.made, "pager"):
            self.check("connections", "show", connection)
            self.check("connections", "history", connection)
        self.check("connections", "show", demo["connection"], "--as-of", demo["moment"])
        self.check("connections", "history", demo["connection"], "--changes-only", "--oldest-first",
                   "--limit", "2")
        self.check("connections", "history", NOBODY)  # an attempt at it, by name of nothing else
        self.check("connections", "history", NOBODY[:-1] + "1", codes=(5,))
        self.check("connections", "show", NOBODY, codes=(5,))
        self.check("connections", "show", "no such", codes=(5,))
        self.check("connections", "show", "twin", codes=(2,))
        self.check("connections", "show", demo["connection"], "--as-of", "index:9999999", codes=(5,))
        self.check("connections", "show", demo["connection"], "--as-of", "seq:x:1", codes=(2, 5))

    def test_access_counts_and_exports(self):
        demo = self.demo
        self.check("access", "who", demo["connection"])
        self.check("access", "who", "pager", "--relation", "editor")
        self.check("access", "who", demo["connection"], "--as-of", demo["moment"])
        self.check("access", "who", NOBODY, codes=(5,))
        self.check("access", "what", demo["principal"])
        self.check("access", "what", demo["principal"], "--relation", "resolver", "--as-of",
                   demo["moment"])
        self.check("access", "what", "user:" + NOBODY)
        self.check("state", "export")
        self.check("state", "export", "--as-of", demo["moment"])
        self.check("counts")
        self.check("counts", "--as-of", demo["moment"])
        self.check("orgs", "list")
        self.check("producers", "list")

    def test_the_trail(self):
        demo = self.demo
        self.check("trail", "search")
        self.check("trail", "search", "--full", "--oldest-first", "--limit", "100000")
        self.check("trail", "search", "--outcome", "denied,rejected", "--type", "connection.*")
        self.check("trail", "search", "--connection", "pager", "--limit", "1")
        self.check("trail", "search", "--subject", "connection:" + demo["connection"], "--mark",
                   "gap,late")
        self.check("trail", "search", "--actor", demo["principal"], "--from", "2020-01-01", "--to",
                   "2099-12-31")
        self.check("trail", "search", "--cursor", "nonsense", codes=(2,))
        self.check("trail", "tail", "-n", "30")
        self.check("trail", "tail", "-n", "3000", "--full")

    def test_lists_longer_than_a_page_are_whole(self):
        """More records than the server gives at once, and more connections."""
        connection = self.server.connect()
        self.addCleanup(connection.close)
        for i in range(1010):
            status, _, text = self.server.ask("POST", "/api/v2/actions/connections",
                                              connection_body(f"many {i % 7}"), connection=connection)
            self.assertEqual(status, 201, text)
        self.take_copy()
        self.check("connections", "list", "--limit", "1000000")
        self.check("connections", "list", "--limit", "1005", "--sort", "created")
        self.check("state", "export")
        self.check("trail", "search", "--limit", "1001")
        self.check("trail", "search", "--oldest-first", "--type", "connection.created", "--limit",
                   "5000")
        self.check("trail", "tail", "-n", "1500")


class NoAnswer(Base):
    def test_wrong_keys_are_told_with_the_remedy_and_never_printed(self):
        server = self.serve()
        wrong = "0123456789abcdef0123456789abcdef"
        code, out, err = run("counts", "--server", server.url.geturl(),
                             **self.keys(CONNTRAIL_API_KEY=wrong))
        self.assertEqual((code, out), (4, ""))
        self.assertIn("does not know these keys", err)
        self.assertIn("CONNTRAIL_API_KEY", err)
        self.assertNotIn(wrong, err)
        self.assertNotIn(server.keys["DD-APPLICATION-KEY"], err)

    def test_a_key_with_too_few_rights_is_told_which_it_needs(self):
        server = self.serve()
        status, answer = server.json("POST", "/api/v2/access_keys", {"data": {
            "type": "access_keys", "attributes": {"kind": "application", "name": "few",
                                                  "scopes": ["connections_read"]}}})
        self.assertEqual(status, 201, answer)
        code, _, err = run("counts", "--server", server.url.geturl(), **self.keys(
            CONNTRAIL_APPLICATION_KEY=answer["data"]["attributes"]["key"]))
        self.assertEqual(code, 4)
        self.assertIn("audit_logs_read", err)

    def test_without_keys_nothing_is_asked(self):
        code, _, err = run("counts", "--server", "http://127.0.0.1:1")
        self.assertEqual(code, 2)
        self.assertIn("CONNTRAIL_API_KEY", err)

    def test_a_server_that_is_down_is_named(self):
        self.serve()
        keys = self.keys()
        url = self.server.url.geturl()
        self.server.stop()
        code, out, err = run("counts", "--server", url, **keys)
        self.assertEqual((code, out), (4, ""))
        self.assertIn(url, err)
        self.assertIn("is the server running", err)
        self.assertEqual(err.count("trying again"), 3)

    def test_a_busy_server_is_asked_again_when_it_says(self):
        self.serve()
        for status in (429, 503):
            with Busy(self.server, status, times=2) as busy:
                code, out, err = run("counts", "--output", "json", "--server", busy.url, **self.keys())
            self.assertEqual(code, 0, err)
            self.assertEqual(json.loads(out)["connections"], 0)
            self.assertEqual(err.count(f"status {status}"), 2)
            self.assertEqual(busy.asked, 3)

    def test_something_else_than_our_server_is_told(self):
        self.serve()
        with Busy(self.server, 200, times=100) as other:
            code, _, err = run("counts", "--server", other.url, **self.keys())
        self.assertEqual(code, 3)
        self.assertIn("is this a conntrail server?", err)
        with Busy(self.server, 302, times=100) as other:
            code, _, err = run("counts", "--server", other.url, **self.keys())
        self.assertEqual(code, 2)
        self.assertEqual(other.asked, 1)

    def test_verbs_of_a_directory_say_so(self):
        self.serve()
        for verb in (["rebuild"], ["verify"], ["log", "stat"], ["log", "dump"], ["demo"]):
            code, out, err = self.remote(*verb)
            self.assertEqual((code, out), (2, ""), verb)
            self.assertIn("--data DIR", err)

    def test_another_org_than_that_of_the_keys_is_refused(self):
        self.serve()
        self.assertEqual(self.remote("counts", "--org", "main")[0], 0)
        code, _, err = self.remote("counts", "--org", "other")
        self.assertEqual(code, 5)
        self.assertIn("those of the organisation main", err)


class Changes(Base):
    def file(self, document):
        path = self.scratch / "document.json"
        path.write_text(json.dumps(document))
        return path

    def ok(self, *arguments):
        code, out, err = self.remote(*arguments)
        self.assertEqual(code, 0, err)
        return json.loads(out) if out else None

    def test_a_connection_through_its_life(self):
        self.serve()
        made = self.ok("connections", "create", "--file", self.file(connection_body("pager")))
        self.assertEqual(made["data"]["attributes"]["name"], "pager")
        rename = {"data": {"type": "action_connection", "attributes": {"name": "beeper"}}}
        self.ok("connections", "update", "pager", "--file", self.file(rename), "--revision", "1")
        code, _, err = self.remote("connections", "update", "beeper", "--file", self.file(rename),
                                   "--revision", "1")
        self.assertEqual(code, 4)
        self.assertIn("did not change it", err)
        self.ok("connections", "suspend", "beeper")
        self.ok("connections", "resume", "beeper")
        policy = {"data": {"type": "restriction_policy",
                           "id": "connection:" + made["data"]["id"], "attributes": {"bindings": [
                               {"relation": "editor",
                                "principals": ["user:" + self.server.ready["user"]]}]}}}
        self.ok("policy", "set", "beeper", "--file", self.file(policy))
        self.assertEqual(self.ok("policy", "get", "beeper")["data"]["attributes"],
                         policy["data"]["attributes"])
        self.ok("connections", "delete", made["data"]["id"])
        history = self.ok("connections", "history", "beeper", "--oldest-first", "--output", "json")
        self.assertEqual([record["type"] for record in history["records"]
                          if record["outcome"] == "applied"],
                         ["connection.created", "connection.edited", "connection.suspended",
                          "connection.resumed", "policy.replaced", "connection.deleted"])

    def test_a_change_whose_answer_is_lost_is_made_once(self):
        self.serve()
        path = self.file(connection_body("pager"))
        for mode in ("drop", 503, 504):
            with Busy(self.server, mode, times=1, of="POST") as busy:
                code, out, err = run("connections", "create", "--file", path, "--server", busy.url,
                                     **self.keys())
            self.assertEqual(code, 0, err)
            self.assertEqual(busy.asked, 2)
        self.assertEqual(self.ok("counts", "--output", "json")["connections"], 3)

    def test_what_is_wrong_is_told(self):
        self.serve()
        code, _, err = self.remote("connections", "create", "--file", self.file({"data": {}}))
        self.assertEqual(code, 2, err)
        path = self.scratch / "broken.json"
        path.write_text("{")
        self.assertEqual(self.remote("connections", "create", "--file", path)[0], 2)
        self.assertEqual(self.remote("connections", "create", "--file", "/nonexistent")[0], 5)
        self.assertEqual(self.remote("connections", "delete", NOBODY)[0], 5)
        code, _, err = run("connections", "delete", NOBODY, "--data", self.scratch)
        self.assertEqual(code, 2)
        self.assertIn("--server URL", err)


class Import(Base):
    USER = "user:11111111-1111-4111-8111-111111111111"

    def write(self, count, first=1):
        path = self.scratch / "changes.jsonl"
        lines = []
        for seq in range(first, first + count):
            connection = {"id": f"22222222-2222-5222-8222-{seq:012d}", "name": f"pager {seq}"}
            lines.append({"op": "connection.created", "seq": seq, "actor": self.USER,
                          "recorded_at": f"2024-03-01T09:{seq // 60 % 60:02d}:{seq % 60:02d}Z",
                          "connection": connection, "after": {
                              "name": connection["name"], "scopes": ["alerts/*"],
                              "integration": {"type": "HTTP", "base_url": "https://pager.example/"}}})
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    def bring(self, path, url, *more):
        code, out, err = run("import", path, "--server", url, "--output", "json", *more, **self.keys())
        return code, json.loads(out) if out else None, err

    def records(self):
        """How often each number of the import stands in the trail."""
        code, out, err = self.remote("trail", "search", "--type", "connection.created", "--limit",
                                     "100000", "--output", "ndjson")
        self.assertEqual(code, 0, err)
        return sorted(json.loads(line)["outcome"] for line in out.splitlines())

    def test_it_becomes_the_same_as_in_a_directory(self):
        self.serve()
        path = self.write(2500)
        self.server.stop()
        copy = self.scratch / "copy"
        shutil.copytree(self.server.data, copy)
        self.server.start()
        code, there, err = self.bring(path, self.server.url.geturl())
        self.assertEqual(code, 0, err)
        code, out, err = run("import", path, "--data", copy, "--org", "main", "--output", "json")
        self.assertEqual(code, 0, err)
        here = json.loads(out)
        for summary in (here, there):
            del summary["records_per_second"]
        self.assertEqual(there, here)
        self.assertEqual(there["outcomes"]["applied"], 2500)
        states = [run("state", "export", "--output", "ndjson", "--data", copy),
                  self.remote("state", "export", "--output", "ndjson")]
        self.assertEqual(*[[{k: v for k, v in json.loads(line).items() if not k.endswith("_at")}
                            for line in out.splitlines()] for _, out, _ in states])

    def test_a_second_time_nothing_comes_and_a_longer_file_goes_on(self):
        url = self.serve().url.geturl()
        self.assertEqual(self.bring(self.write(30), url)[1]["appended"], 30)
        code, summary, err = self.bring(self.write(40), url)
        self.assertEqual((code, summary["appended"], summary["already_there"]), (0, 10, 30), err)
        self.assertEqual(self.records(), ["applied"] * 40)
        code, _, err = self.bring(self.write(1, first=5), url)
        self.assertEqual(code, 0, err)  # the same line as before
        path = self.write(1, first=5)
        path.write_text(path.read_text().replace("2024-03-01", "2024-03-02"))
        code, _, err = self.bring(path, url)
        self.assertEqual(code, 4)
        self.assertIn("another event with number 5", err)

    def test_an_answer_that_is_lost_makes_nothing_twice(self):
        self.serve()
        for mode in ("drop", 503, 504):
            path = self.write(1500, first={"drop": 1, 503: 1501, 504: 3001}[mode])
            with Busy(self.server, mode, times=1, of="POST") as busy:
                code, summary, err = self.bring(path, busy.url)
            self.assertEqual(code, 0, err)
            self.assertEqual(summary["appended"], 1500)
            self.assertIn("looking for what has arrived", err)
        self.assertEqual(self.records(), ["applied"] * 4500)

    def test_what_the_server_refuses_is_told_by_line(self):
        server = self.serve()
        status, answer = server.json("POST", "/api/v2/access_keys", {"data": {
            "type": "access_keys", "attributes": {
                "kind": "application", "name": "few", "scopes": ["event_intake", "audit_logs_read"]}}})
        self.assertEqual(status, 201, answer)
        path = self.write(3)
        with open(path, "a") as file:
            file.write(json.dumps({
                "op": "team.changed", "seq": 4, "recorded_at": "2024-03-01T10:00:00Z",
                "actor": self.USER, "team": {
                    "id": "team:33333333-3333-5333-8333-333333333333", "name": "ops", "change": "created",
                    "members_added": [], "members_removed": []}}) + "\n")
        code, out, err = run("import", path, "--server", server.url.geturl(), **self.keys(
            CONNTRAIL_APPLICATION_KEY=answer["data"]["attributes"]["key"]))
        self.assertEqual(code, 6, err)
        self.assertIn("changes.jsonl:4: ", err)
        self.assertIn("user_access_manage", err)
        self.assertEqual(self.records(), ["applied"] * 3)

    def test_a_dry_run_sends_nothing(self):
        url = self.serve().url.geturl()
        self.assertEqual(self.bring(self.write(30), url, "--dry-run")[1]["appended"], 30)
        self.assertEqual(self.records(), [])
        code, _, err = self.bring(self.write(1), url, "--org", "other")
        self.assertEqual(code, 5, err)


class Busy:
    """Answers `times` requests of method `of` with `status`, and hands the others to `server`; with
    "drop" and 504 these too, but without telling what it answered."""

    def __init__(self, server, status, times, of="GET"):
        self.asked = 0
        busy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                is_ours = self.command == of
                busy.asked += is_ours
                is_busy = is_ours and busy.asked <= times
                if not is_busy or status in ("drop", 504):
                    more = {name: self.headers[name] for name in ("Content-Type", "Idempotency-Key")
                            if name in self.headers}
                    got, _, text = server.ask(self.command, self.path, body or None, more)
                if is_busy and status == "drop":
                    self.close_connection = True
                    return
                self.send_response(status if is_busy else got)
                if is_busy:
                    self.send_header("Retry-After", "0")
                    self.send_header("Location", server.url.geturl())
                answer = b"busy" if is_busy else text.encode()
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.listener = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.listener.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.thread.join()
        self.listener.server_close()


class Profiles(Base):
    def write(self, text, mode=0o600):
        folder = self.scratch / "config" / "conntrail"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "config.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    def ask(self, *arguments, **environment):
        return run(*arguments, XDG_CONFIG_HOME=str(self.scratch / "config"), **environment)

    def profile(self, name="here", **more):
        values = {"server": self.server.url.geturl(), "api_key": self.server.keys["DD-API-KEY"],
                  "application_key": self.server.keys["DD-APPLICATION-KEY"], **more}
        return f"[profiles.{name}]\n" + "".join(f'{k} = "{v}"\n' for k, v in values.items() if v)

    def test_a_profile_has_all_that_is_needed(self):
        self.serve()
        self.write(self.profile())
        self.assertEqual(self.ask("orgs", "list", "--profile", "here")[0], 0)
        self.assertEqual(self.ask("orgs", "list", CONNTRAIL_PROFILE="here")[0], 0)
        self.assertEqual(self.ask("orgs", "list")[0], 2)  # nobody has said that it is the default
        self.write('default_profile = "here"\n' + self.profile())
        self.assertEqual(self.ask("orgs", "list")[0], 0)
        self.assertEqual(self.ask("orgs", "list", "--server", self.server.url.geturl())[0], 0)

    def test_key_files_are_read_as_conntraild_writes_them(self):
        server = self.serve()
        headers = server.data / "keys" / "admin.headers"
        text = self.profile(api_key="", application_key="", api_key_file=headers,
                            application_key_file=headers)
        self.write(text, 0o644)  # no key is in it
        self.assertEqual(self.ask("orgs", "list", "--profile", "here")[0], 0)
        key = self.scratch / "key"
        key.write_text(server.keys["DD-API-KEY"] + "\n")
        key.chmod(0o600)
        self.write(self.profile(api_key="", api_key_file=key))
        self.assertEqual(self.ask("orgs", "list", "--profile", "here")[0], 0)
        key.chmod(0o640)
        code, _, err = self.ask("orgs", "list", "--profile", "here")
        self.assertEqual(code, 4)
        self.assertIn(f"chmod 600 {key}", err)

    def test_a_file_with_keys_that_others_may_read_is_refused(self):
        self.serve()
        path = self.write(self.profile(), 0o644)
        code, out, err = self.ask("orgs", "list", "--profile", "here")
        self.assertEqual((code, out), (4, ""))
        self.assertIn(f"chmod 600 {path}", err)
        self.assertNotIn(self.server.keys["DD-API-KEY"], err)

    def test_a_flag_counts_more_than_a_variable_and_that_more_than_the_default(self):
        self.serve()
        code, _, err = run("demo", "--data", self.scratch / "demo")
        self.assertEqual(code, 0, err)
        self.write('default_profile = "here"\n' + self.profile() + self.profile("there",
                   server="http://127.0.0.1:1"))

        def org(*flags, **environment):
            code, out, err = self.ask("orgs", "list", "--output", "ndjson", *flags, **environment)
            return json.loads(out)["name"] if code == 0 else (code, err.strip().splitlines()[-1])

        demo = {"CONNTRAIL_DATA": str(self.scratch / "demo")}
        self.assertEqual(org(), "main")
        self.assertEqual(org(**demo), "demo")
        self.assertEqual(org("--profile", "here", **demo), "main")
        self.assertEqual(org("--data", self.scratch / "demo", CONNTRAIL_PROFILE="there"), "demo")
        self.assertEqual(org(CONNTRAIL_PROFILE="there")[0], 4)
        self.assertEqual(org("--profile", "here", CONNTRAIL_PROFILE="there"), "main")
        self.assertEqual(org("--profile", "here", CONNTRAIL_API_KEY="0" * 32)[0], 4)
        self.assertEqual(org("--data", "x", "--server", "http://a")[0], 2)
        self.assertEqual(org(CONNTRAIL_SERVER="http://a", **demo)[0], 2)

    def test_keys_of_a_profile_go_to_its_server_only(self):
        self.serve()
        self.write('default_profile = "here"\n' + self.profile())
        with Busy(self.server, 200, times=100) as other:
            code, _, err = self.ask("orgs", "list", "--server", other.url)
        self.assertEqual((code, other.asked), (2, 0))
        self.assertIn("there is no API key", err)

    def test_what_is_wrong_with_the_file_is_told_by_line(self):
        self.serve()
        for text, says in (("[profiles.here]\nserver = 1\n", "line 2: server must be a text"),
                           ("[profiles.here]\npassword = \"x\"\n", "profiles have no \"password\""),
                           ("[profiles.here\n", "is not TOML"),
                           ("[profiles.there]\n", "there are: there"),
                           ("[profiles.here]\nserver = \"ftp://a\"\n", "must begin with https://")):
            self.write(text)
            code, _, err = self.ask("orgs", "list", "--profile", "here")
            self.assertIn(code, (2, 5))
            self.assertIn(says, err)


class Tls(Base):
    def setUp(self):
        super().setUp()
        self.pem, self.key = self.scratch / "tls.pem", self.scratch / "tls.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.key, "-out", self.pem], check=True, capture_output=True)
        self.serve("--tls-certificate", str(self.pem), "--tls-key", str(self.key))
        self.assertEqual(self.server.url.scheme, "https")

    def test_its_own_authority_is_trusted_if_it_is_named(self):
        code, out, err = run("orgs", "list", "--server", self.server.url.geturl(), "--ca-file",
                             self.pem, **self.keys())
        self.assertEqual(code, 0, err)
        self.assertIn("main", out)
        self.assertEqual(run("orgs", "list", "--server",
                             f"https://localhost:{self.server.url.port}",
                             **self.keys(CONNTRAIL_CA_FILE=str(self.pem)))[0], 0)

    def test_a_certificate_of_nobody_known_is_refused_before_a_key_is_sent(self):
        code, out, err = self.remote("orgs", "list")
        self.assertEqual((code, out), (4, ""))
        self.assertIn("its certificate does not hold", err)
        self.assertIn("--ca-file", err)


if __name__ == "__main__":
    CONNTRAILD, CONNTRAIL = sys.argv[1], sys.argv[2]
    del sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
