"""A client: hello, login, resume, requests (PROTOCOL.md, sections 4 to 9)."""

import os
import secrets
import time

import wire
from opaque import Opaque
from tls import Closed, Tls


class Refused(Exception):
    """A login_refused, or a refused request."""


class Fault(Exception):
    """The server found a fault, or ended the session."""


def message_id():
    """A UUID version 7 (RFC 9562)."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


# Seconds within which the server says what is waited for, on the busiest machine.
PATIENCE_S = 30


class Client:
    """One connection. What comes unasked waits in `heard` until it is looked for."""

    def __init__(self, greet=True):
        self.tls = Tls(os.environ["WHOELSE_HOST"], int(os.environ["WHOELSE_PORT"]))
        self.reader = wire.Reader()
        self.heard = []
        self.last_request = 0
        self.seq = 0
        self.server = self.hello() if greet else None

    # Frames

    def say(self, message, /, **fields):
        self.tls.write(wire.pack(message, **fields))

    def hear(self):
        """The next message of the server; pings are answered on the way."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            while (message := self.reader.next()) is None:
                self.reader.feed(self.tls.read())
            if message[0] != "ping":
                return message
            self.say("pong")
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing but pings; unheeded: {self.heard}")

    def expect(self, *names):
        """The next message, which has one of these names; a fault or an end is raised."""
        name, held = self.hear()
        if name in names:
            return (name, held) if len(names) > 1 else held
        if name in ("fault", "session_ended"):
            raise Fault(held if isinstance(held, dict) else {held: {}})
        raise AssertionError(f"expected {names}, heard {name}: {held}")

    def wait_for(self, name, fits=lambda held: True):
        """The first message of this name that fits; others wait in `heard`."""
        for at, (heard, held) in enumerate(self.heard):
            if heard == name and fits(held):
                del self.heard[at]
                return held
        while True:
            heard, held = self.hear()
            if heard == name and fits(held):
                return held
            if heard == "fault":
                raise Fault(held)
            self.heard.append((heard, held))

    # Getting in

    def hello(self, versions=(1, 1), features=()):
        minimum, maximum = versions
        self.say("hello", versions={"min": minimum, "max": maximum}, agent="python 1.0", features=list(features))
        return self.expect("hello")

    def register(self, name, password):
        opaque = Opaque()
        try:
            self.say("register_start", name=name, registration_request=opaque.register(password))
            challenge = self.expect_unless_refused("register_challenge")
            upload = opaque.registered(name, challenge["registration_response"])
            self.say("register_finish", registration_upload=upload)
            self.expect_unless_refused("registered")
        finally:
            opaque.close()

    def login(self, name, password):
        """Logs in and takes the whole roster."""
        opaque = Opaque()
        try:
            self.say("login_start", name=name, credential_request=opaque.login(password))
            challenge = self.expect_unless_refused("login_challenge")
            finalization = opaque.challenged(name, self.tls.exporter(), challenge["credential_response"])
        finally:
            opaque.close()
        if finalization is None:
            self.say("login_give_up")
        else:
            self.say("login_finish", credential_finalization=finalization)
        return self.welcomed()

    def resume(self, name, token):
        self.say("resume", name=name, token=token)
        return self.welcomed()

    def welcomed(self):
        self.welcome = self.expect_unless_refused("welcome")
        self.token = self.welcome["token"]
        self.roster = {}
        more = True
        while more:
            part = self.expect("roster")
            self.roster |= {entry["name"]: entry["presence"] for entry in part["users"]}
            more = part.get("more", False)
        return self

    def expect_unless_refused(self, name):
        heard, held = self.expect(name, "login_refused")
        if heard == "login_refused":
            raise Refused(held)
        return held

    # Requests

    def ask(self, command, /, **arguments):
        """Sends a request; gives its number."""
        self.last_request += 1
        self.say("request", id=self.last_request, command={command: arguments})
        return self.last_request

    def answer(self, number):
        """The answer to a request, its parts put together; a refusal is raised."""
        parts = []
        while True:
            reply = self.wait_for("reply", lambda held: held["id"] == number)
            if "refused" in reply["outcome"]:
                raise Refused(reply["outcome"]["refused"])
            ((kind, held),) = reply["outcome"]["ok"].items()
            parts.append(held)
            if not reply.get("more", False):
                break
        return kind, (sum(parts, []) if isinstance(held, list) else held)

    def do(self, command, /, **arguments):
        return self.answer(self.ask(command, **arguments))

    # Messages

    def send(self, to, text, id=None, reply_to=None):
        """Sends a text to a user, or to everyone; gives its id and when it was accepted."""
        id = id or message_id()
        content = {"text": text} if reply_to is None else {"text": text, "reply_to": reply_to}
        target = {"everyone": {}} if to is None else {"user": to}
        kind, held = self.do("send", id=id, to=target, content={"text": content})
        assert kind == "accepted", kind
        return id, held

    def receive(self, acknowledge=True):
        """The next message for this client."""
        envelope = self.wait_for("deliver")
        assert envelope["seq"] > self.seq, "places grow"
        self.seq = envelope["seq"]
        if acknowledge:
            self.say("ack", up_to=self.seq)
        return envelope

    def logout(self):
        number = self.ask("logout")
        self.answer(number)
        ended = self.wait_for("session_ended")
        assert ended == {"reason": "logout"}, ended
        self.expect_closed()

    def expect_closed(self):
        """Reads until the server has closed; gives what it said last."""
        last = None
        try:
            while True:
                last = self.hear()
        except Closed:
            self.tls.close()
            return last

    def cut(self):
        self.tls.cut()

    def close(self):
        self.tls.close()
