"""What breaks the rules is refused or closed, and disturbs nobody."""

import os
import secrets
import socket
import struct
import unittest

import wire
from client import Client, Fault, message_id
from test_login import account


def ends(client):
    """What the server says last before it closes."""
    last = client.expect_closed()
    return last[1] if last and last[0] == "fault" else last


class BeforeLogin(unittest.TestCase):
    def assert_fault(self, data, fault, greet=True):
        client = Client(greet=greet)
        client.tls.write(data)
        self.assertEqual(ends(client), fault, data[:40])

    def test_an_oversized_frame_is_refused_by_its_header(self):
        for length in (4097, 65537, 0xFFFFFFFF):
            self.assert_fault(struct.pack(">I", length), {"oversized": {"limit": 4096}})

    def test_what_is_no_message_is_malformed(self):
        hello = wire.body("hello", versions={"min": 1, "max": 1}, agent="x", features=[])
        bodies = {
            "empty": b"",
            "nil": b"\xc0",
            "the byte that is never used": b"\xc1",
            "no map": b"\x93\x01\x02\x03",
            "unknown message": wire.body("teleport"),
            "two messages": b"\x82\xa4ping\x80\xa4pong\x80",
            "bytes behind it": hello + b"\xc0",
            "cut": hello[:-1],
            "a missing field": wire.body("hello", versions={"min": 1, "max": 1}),
            "a number for a name": b"\x81\x00\x80",
            "a name alone": b"\xa4ping",
            "no UTF-8": wire.body("login_start", name="yoda", credential_request=bytes(96)).replace(b"yoda", b"yod\xff"),
            "17 deep": b"\x81\xa4ping\x81\xa1x" + b"\x91" * 14 + b"\x90",
            "1,000 deep": b"\x91" * 1000,
            "a string of 4 GiB": b"\xdb\xff\xff\xff\xff",
            "a list of 4 billion": b"\x81\xa5hello\x81\xa8features\xdd\xff\xff\xff\xff",
            "bytes as string": wire.body("login_start", name="yoda", credential_request="x" * 96),
            "a long name": wire.body("login_start", name="x" * 33, credential_request=bytes(96)),
            "a name with a space": wire.body("login_start", name="yo da", credential_request=bytes(96)),
        }
        for what, body in bodies.items():
            with self.subTest(what):
                self.assert_fault(wire.frame(body), {"malformed": {}})

    def test_nested_sixteen_deep_is_read(self):
        client = Client()
        client.tls.write(wire.frame(b"\x81\xa4ping\x81\xa1x" + b"\x91" * 13 + b"\x90"))
        self.assertEqual(client.expect("pong"), {})
        client.close()

    def test_frames_out_of_order_are_told(self):
        out_of_order = {"out_of_order": {}}
        hello = wire.pack("hello", versions={"min": 1, "max": 1}, agent="x")
        self.assert_fault(wire.pack("ping"), out_of_order, greet=False)
        self.assert_fault(hello, out_of_order)
        self.assert_fault(wire.pack("request", id=1, command={"whoelse": {}}), out_of_order)
        self.assert_fault(wire.pack("ack", up_to=1), out_of_order)
        self.assert_fault(wire.pack("login_finish", credential_finalization=bytes(64)), out_of_order)
        self.assert_fault(wire.pack("login_give_up"), out_of_order)
        self.assert_fault(wire.pack("register_finish", registration_upload=bytes(192)), out_of_order)

    def test_opaque_messages_that_are_none_are_refused(self):
        for request in (b"", bytes(96), b"\xff" * 96, secrets.token_bytes(95), secrets.token_bytes(1000)):
            client = Client()
            client.say("login_start", name="yoda", credential_request=request)
            self.assertEqual(ends(client), {"malformed": {}}, request[:8])

    def test_bytes_that_are_no_tls_are_dropped(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", bytes(1000), secrets.token_bytes(1000)):
            with socket.create_connection((os.environ["WHOELSE_HOST"], int(os.environ["WHOELSE_PORT"])), 10) as raw:
                raw.sendall(data)
                try:
                    while raw.recv(1000):
                        pass
                except ConnectionResetError:
                    pass


class AfterLogin(unittest.TestCase):
    def setUp(self):
        self.name, password = account()
        self.client = Client().login(self.name, password)

    def tearDown(self):
        # The session outlives the line: end it, and see that the server serves on.
        Client().resume(self.name, self.client.token).logout()

    def assert_fault(self, data, fault):
        self.client.tls.write(data)
        self.assertEqual(ends(self.client), fault)

    def test_the_larger_limit_holds(self):
        self.assert_fault(struct.pack(">I", 65537), {"oversized": {"limit": 65536}})

    def test_the_longest_text_goes_through_and_a_longer_one_is_malformed(self):
        self.client.send("vader", "x" * 16384)
        content = {"text": {"text": "x" * 16385}}
        send = {"send": {"id": message_id(), "to": {"user": "vader"}, "content": content}}
        self.assert_fault(wire.pack("request", id=9, command=send), {"malformed": {}})

    def test_a_blank_text_is_malformed(self):
        send = {"send": {"id": message_id(), "to": {"user": "vader"}, "content": {"text": {"text": " \n"}}}}
        self.assert_fault(wire.pack("request", id=9, command=send), {"malformed": {}})

    def test_an_id_of_another_length_is_malformed(self):
        self.assert_fault(wire.pack("request", id=9, command={"lookup": {"ids": [bytes(15)]}}), {"malformed": {}})

    def test_a_second_login_is_out_of_order(self):
        self.assert_fault(wire.pack("login_give_up"), {"out_of_order": {}})

    def test_unknown_fields_are_skipped(self):
        self.client.say("request", id=7, command={"stay": {"colour": "green"}}, priority=[1, {"a": None}])
        self.assertEqual(self.client.answer(7), ("done", {}))

    def test_acknowledgements_of_what_never_came_do_nothing(self):
        for place in (0, 1, 2**64 - 1):
            self.client.say("ack", up_to=place)
        self.assertEqual(self.client.do("stay"), ("done", {}))

    def test_frames_byte_by_byte_are_read(self):
        for byte in wire.pack("ping"):
            self.client.tls.write(bytes([byte]))
        self.assertEqual(self.client.wait_for("pong"), {})
