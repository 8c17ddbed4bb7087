"""The client's side of OPAQUE (PROTOCOL.md, section 5), through the example program of whoelse-proto."""

import os
import subprocess


class Opaque:
    """One running program; an exchange at a time."""

    def __init__(self):
        program = os.environ["WHOELSE_OPAQUE"]
        self._program = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def _ask(self, *words):
        self._program.stdin.write(" ".join(words) + "\n")
        kind, _, rest = self._program.stdout.readline().strip().partition(" ")
        if kind == "error":
            raise ValueError(rest)
        return kind, bytes.fromhex(rest)

    def register(self, password):
        return self._ask("register", password)[1]

    def registered(self, name, response):
        return self._ask("registered", name, response.hex())[1]

    def login(self, password):
        return self._ask("login", password)[1]

    def challenged(self, name, exporter, response):
        """The finalization, or None if the challenge does not open."""
        kind, finalization = self._ask("challenged", name, exporter.hex(), response.hex())
        return finalization if kind == "finalization" else None

    def close(self):
        self._program.stdin.close()
        self._program.wait()
        self._program.stdout.close()
