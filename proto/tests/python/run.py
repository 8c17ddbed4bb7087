#!/usr/bin/env python3
"""Starts the server on a free port with temporary folders and runs the tests against it.

Arguments are the test files to run (all without). Programs come from WHOELSE_SERVER and WHOELSE_OPAQUE, or from target/.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TITLE = "Echo Base"
LOCK_S = 2
TESTS = ["test_golden", "test_login", "test_messages", "test_hostile", "test_life"]
ACCOUNTS = "yoda wise@!man\nvader sithlord**\n"


def program(variable, path):
    found = pathlib.Path(os.environ.get(variable, ROOT / "target" / "debug" / path))
    if not found.exists():
        sys.exit(f"{found} is missing: cargo build -p whoelse-server -p whoelse-proto --bins --examples")
    return str(found)


class Server:
    """A running server; `environment` is what clients need to reach it."""

    def __init__(self, folder, timeout_s=0):
        credentials = folder / "credentials.txt"
        if not credentials.exists():
            credentials.write_text(ACCOUNTS)
        arguments = ["0", str(LOCK_S), str(timeout_s), "--bind", "127.0.0.1", "--title", TITLE]
        arguments += ["--credentials", str(credentials), "--data-dir", str(folder / "data")]
        self.process = subprocess.Popen(
            [program("WHOELSE_SERVER", "whoelse-server"), *arguments], stdout=subprocess.PIPE, text=True
        )
        self.environment = {"WHOELSE_HOST": "127.0.0.1", "WHOELSE_TITLE": TITLE, "WHOELSE_LOCK_S": str(LOCK_S)}
        printed = ""
        while not {"WHOELSE_PORT", "WHOELSE_FINGERPRINT"} <= self.environment.keys():
            line = self.process.stdout.readline()
            if not line:
                sys.exit(f"the server did not start; it printed:\n{printed}")
            printed += line
            if found := re.search(r"127\.0\.0\.1:(\d+)", line):
                self.environment["WHOELSE_PORT"] = found[1]
            if found := re.search(r"\b([0-9a-f]{64})\b", line):
                self.environment["WHOELSE_FINGERPRINT"] = found[1]

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Stops it as an administrator would; gives its exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=20)
        self.process.stdout.close()
        return status


def main():
    sys.path.insert(0, str(HERE))
    os.environ.update(WHOELSE_OPAQUE=program("WHOELSE_OPAQUE", "examples/opaque"))
    with tempfile.TemporaryDirectory(prefix="whoelse-python-") as folder:
        server = Server(pathlib.Path(folder))
        os.environ.update(server.environment)
        try:
            suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:] or TESTS)
            passed = unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()
            still_runs = server.is_running()
        finally:
            status = server.stop()
    if not still_runs or status != 0:
        sys.exit(f"the server ended with status {status}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
