"""The ends of a session that are not the client's doing, on servers of their own."""

import os
import pathlib
import tempfile
import unittest
from unittest import mock

from client import Client, Refused
from run import Server
from test_login import account


class Life(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="whoelse-python-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, timeout_s=0):
        """A server of this test's, to which clients go from here on."""
        server = Server(self.folder, timeout_s)
        self.addCleanup(lambda: server.is_running() and server.stop())
        environment = mock.patch.dict(os.environ, server.environment)
        environment.start()
        self.addCleanup(environment.stop)
        return server

    def test_inactivity_is_warned_of_and_ends_the_session(self):
        self.start(timeout_s=2)
        name, password = account()
        client = Client().login(name, password)
        self.assertEqual(client.welcome["timeout"], 2)
        self.assertEqual(client.wait_for("inactivity_warning"), {"remaining": 1})
        client.do("stay")
        self.assertEqual(client.wait_for("inactivity_warning"), {"remaining": 1})
        self.assertEqual(client.expect_closed(), ("session_ended", {"reason": "timeout"}))
        with self.assertRaises(Refused) as refused:
            Client().resume(name, client.token)
        self.assertEqual(refused.exception.args[0], {"token_invalid": {}})

    def test_a_stopped_server_says_so_and_keeps_what_it_accepted(self):
        server = self.start()
        yoda, luke = account(), account()
        first = Client().login(*yoda)
        id, _ = first.send(luke[0], "before the stop")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(first.expect_closed(), ("session_ended", {"reason": "server_stop"}))

        self.start()
        second = Client().resume(yoda[0], first.token)
        self.assertEqual(second.welcome["session"], "new")
        reader = Client().login(*luke)
        envelope = reader.receive()
        self.assertEqual((envelope["id"], envelope["stored"]), (id, True))
        self.assertEqual(second.wait_for("progress")["ids"], [id])

    def test_a_killed_server_keeps_what_it_accepted(self):
        server = self.start()
        yoda, luke = account(), account()
        first = Client().login(*yoda)
        sent = [first.send(luke[0], f"number {n}")[0] for n in range(20)]
        server.process.kill()
        server.stop()

        self.start()
        reader = Client().login(*luke)
        self.assertEqual([reader.receive()["id"] for _ in range(20)], sent)
        _, accepted = Client().resume(yoda[0], first.token).send(luke[0], "number 0", id=sent[0])
        self.assertIn("at", accepted)
        reader.do("stay")
        self.assertNotIn("deliver", [heard for heard, _ in reader.heard])
