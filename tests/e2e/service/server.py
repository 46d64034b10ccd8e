"""A conntraild of one's own, for tests that drive it from outside."""
import http.client
import json
import pathlib
import signal
import subprocess
import time
import urllib.parse


class Server:
    """Runs `program` on the data directory below `scratch`; start() again after kill()."""

    def __init__(self, program, scratch, options=()):
        self.program = program
        self.scratch = pathlib.Path(scratch)
        self.data = self.scratch / "data"
        self.diagnostics = self.scratch / "diagnostics"
        self.ready_file = self.scratch / "ready.json"
        self.options = list(options)
        self.listen = "127.0.0.1:0"
        self.keys = {}
        self.process = None
        self.url = None

    def start(self):
        ready = self.ready_file
        ready.unlink(missing_ok=True)
        with open(self.diagnostics, "ab") as out:
            self.process = subprocess.Popen(
                [self.program, "--data", self.data, "--listen", self.listen,
                 "--ready-file", ready, *self.options], stderr=out)
        for _ in range(600):
            if ready.exists():
                break
            if self.process.poll() is not None:
                raise RuntimeError("conntraild has ended before it was ready: " +
                                   self.diagnostics.read_text()[-600:])
            time.sleep(0.02)
        else:
            raise RuntimeError("conntraild was not ready within 12 s")
        self.ready = json.loads(ready.read_text())
        self.url = urllib.parse.urlsplit(self.ready["url"])
        if "api_key" in self.ready:
            self.keys = {"DD-API-KEY": self.ready["api_key"],
                         "DD-APPLICATION-KEY": self.ready["application_key"]}
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def connect(self, timeout=20):
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """(status, headers, body as text). Raises OSError or HTTPException if there is no answer."""
        own = connection is None
        connection = connection or self.connect()
        try:
            data = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, {**self.keys, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        finally:
            if own:
                connection.close()

    def json(self, method, path, body=None, headers=None):
        status, _, text = self.ask(method, path, body, headers)
        return status, (json.loads(text) if text else None)


def connection_body(name, token="made up"):
    return {"data": {"type": "action_connection", "attributes": {
        "name": name,
        "integration": {"type": "OpenAI",
                        "credentials": {"type": "OpenAIAPIKey", "api_token": token}}}}}
