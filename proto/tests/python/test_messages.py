"""Messages, presence, blocks: two users and a witness."""

import unittest

import wire
from client import Client, Refused, message_id
from test_login import account


class Messages(unittest.TestCase):
    def setUp(self):
        self.yoda, self.yoda_password = account()
        self.luke, self.luke_password = account()

    def online(self):
        return Client().login(self.yoda, self.yoda_password), Client().login(self.luke, self.luke_password)

    def test_a_message_is_accepted_delivered_and_read(self):
        yoda, luke = self.online()
        id, accepted = yoda.send(self.luke, "Do. Or do not.\n✓")
        envelope = luke.receive()
        self.assertEqual(envelope["id"], id)
        self.assertEqual(envelope["from"], self.yoda)
        self.assertEqual(envelope["to"], {"user": self.luke})
        self.assertEqual(envelope["content"], {"text": {"text": "Do. Or do not.\n✓"}})
        self.assertEqual(envelope["sent_at"], accepted["at"])
        self.assertIs(envelope["stored"], False)
        delivered = yoda.wait_for("progress")
        self.assertEqual((delivered["state"], delivered["peer"], delivered["ids"]), ("delivered", self.luke, [id]))
        self.assertEqual(luke.do("mark_read", peer=self.yoda, up_to=id), ("done", {}))
        read = yoda.wait_for("progress")
        self.assertEqual((read["state"], read["peer"], read["ids"]), ("read", self.luke, [id]))
        self.assertEqual(yoda.do("lookup", ids=[id, message_id()]), ("states", [{"id": id, "state": "read"}]))
        reply, _ = luke.send(self.yoda, "I try.", reply_to=id)
        self.assertEqual(yoda.receive()["content"], {"text": {"text": "I try.", "reply_to": id}})
        yoda.logout()
        luke.logout()

    def test_messages_wait_for_those_who_are_away_and_come_in_order_once(self):
        yoda = Client().login(self.yoda, self.yoda_password)
        sent = [yoda.send(self.luke, f"number {n}")[0] for n in range(300)]
        luke = Client().login(self.luke, self.luke_password)
        received = [luke.receive(acknowledge=n % 100 == 99) for n in range(300)]
        self.assertEqual([envelope["id"] for envelope in received], sent)
        self.assertTrue(all(envelope["stored"] for envelope in received))
        told = []
        while len(told) < 300:
            told += yoda.wait_for("progress")["ids"]
        self.assertEqual(told, sent)
        luke.logout()
        again = Client().login(self.luke, self.luke_password)
        again.do("whoelse")
        self.assertNotIn("deliver", [heard for heard, _ in again.heard])
        again.logout()
        yoda.logout()

    def test_what_was_not_acknowledged_comes_again(self):
        yoda, luke = self.online()
        id, _ = yoda.send(self.luke, "once")
        first = luke.receive(acknowledge=False)
        luke.cut()
        again = Client().resume(self.luke, luke.token)
        second = again.receive()
        self.assertEqual((second["id"], second["seq"]), (first["id"], first["seq"]))
        self.assertEqual(yoda.wait_for("progress")["ids"], [id])
        again.logout()
        yoda.logout()

    def test_a_message_sent_twice_is_taken_once(self):
        yoda, luke = self.online()
        id, first = yoda.send(self.luke, "again")
        _, second = yoda.send(self.luke, "again", id=id)
        self.assertEqual(first["at"], second["at"])
        yoda.send(self.luke, "last")
        self.assertEqual([luke.receive()["content"]["text"]["text"] for _ in range(2)], ["again", "last"])
        yoda.logout()
        luke.logout()

    def test_an_id_belongs_to_one_sender(self):
        yoda, luke = self.online()
        id, _ = yoda.send(self.luke, "mine")
        with self.assertRaises(Refused) as refused:
            luke.send(self.yoda, "mine too", id=id)
        self.assertEqual(refused.exception.args[0], "duplicate_id")
        yoda.logout()
        luke.logout()

    def test_many_requests_in_one_write_are_answered_in_order(self):
        yoda, luke = self.online()
        first = yoda.last_request + 1
        line = b""
        for n in range(first, first + 200):
            content = {"text": {"text": f"number {n}"}}
            send = {"send": {"id": message_id(), "to": {"user": self.luke}, "content": content}}
            line += wire.pack("request", id=n, command=send if n % 2 else {"whoelse": {}})
        yoda.tls.write(line)
        numbers = [yoda.wait_for("reply")["id"] for _ in range(200)]
        self.assertEqual(numbers, list(range(first, first + 200)))
        texts = [luke.receive()["content"]["text"]["text"] for _ in range(100)]
        self.assertEqual(texts, [f"number {n}" for n in range(first, first + 200) if n % 2])
        yoda.last_request = first + 200
        yoda.logout()
        luke.logout()

    def test_a_broadcast_reaches_everyone_who_is_online(self):
        yoda, luke = self.online()
        _, accepted = yoda.send(None, "to all")
        self.assertFalse(accepted.get("skipped", False))
        envelope = luke.receive()
        self.assertEqual((envelope["from"], envelope["to"]), (self.yoda, {"everyone": {}}))
        luke.do("block", name=self.yoda)
        _, accepted = yoda.send(None, "not to luke")
        self.assertTrue(accepted["skipped"])
        yoda.logout()
        luke.logout()

    def test_refusals(self):
        yoda, luke = self.online()
        refused = {
            "yourself": lambda: yoda.send(self.yoda, "me"),
            "unknown_user": lambda: yoda.send("nobody", "there"),
            "unsupported": lambda: yoda.do(
                "send", id=message_id(), to={"user": self.luke}, content={"edit": {"of": message_id(), "text": "x"}}
            ),
            "not_blocked": lambda: yoda.do("unblock", name=self.luke),
            "too_long": lambda: yoda.do("lookup", ids=[message_id()] * 257),
        }
        for word, what in refused.items():
            with self.subTest(word), self.assertRaises(Refused) as refusal:
                what()
            self.assertEqual(refusal.exception.args[0], word)
        with self.assertRaises(Refused) as refusal:
            yoda.do("send", id=message_id(), to={"group": bytes(16)}, content={"text": {"text": "x"}})
        self.assertEqual(refusal.exception.args[0], "unsupported")
        yoda.logout()
        luke.logout()


class Presence(unittest.TestCase):
    def setUp(self):
        self.witness = Client().login(*account())
        self.name, self.password = account()
        self.joined = self.seen()

    def seen(self):
        """The next single word of the roster on the one watched."""
        (entry,) = self.witness.wait_for("roster", lambda held: held["users"][0]["name"] == self.name)["users"]
        return entry["presence"]

    def change(self):
        """The next change of the one watched."""
        fits = lambda held: any(change["name"] == self.name for change in held["changes"])
        changes = self.witness.wait_for("presence", fits)["changes"]
        return [change for change in changes if change["name"] == self.name]

    def test_a_new_account_a_login_and_a_logout_are_seen(self):
        self.assertEqual(self.joined, {"offline": {}})
        client = Client().login(self.name, self.password)
        self.assertEqual([change["reason"] for change in self.change()], ["login"])
        kind, users = self.witness.do("whoelse")
        seen = {user["name"]: user["presence"] for user in users}
        self.assertEqual(seen[self.name], {"online": {"since": client.welcome["since"]}})
        client.logout()
        self.assertEqual([change["reason"] for change in self.change()], ["logout"])
        kind, users = self.witness.do("whoelsesince", seconds=60)
        (seen,) = [user for user in users if user["name"] == self.name]
        (session,) = seen["sessions"]
        self.assertEqual(session["from"], client.welcome["since"])
        self.assertEqual(seen["presence"], {"offline": {"last_seen": session["to"]}})
        self.witness.logout()

    def test_a_block_hides_and_holds_off(self):
        witness = self.witness
        client = Client().login(self.name, self.password)
        self.change()
        me = witness.welcome["name"]
        self.assertEqual(client.do("block", name=me), ("done", {}))
        self.assertEqual(client.do("block", name=me), ("done", {}))
        self.assertEqual(client.do("blocked"), ("names", [me]))
        self.assertEqual(self.seen(), {"offline": {}})
        with self.assertRaises(Refused) as refused:
            witness.send(self.name, "hello?")
        self.assertEqual(refused.exception.args[0], "blocked")
        for command in ({"whoelse": {}}, {"whoelsesince": {"seconds": 60}}):
            ((word, arguments),) = command.items()
            self.assertNotIn(self.name, [user["name"] for user in witness.do(word, **arguments)[1]])
        client.send(me, "one-way")
        self.assertEqual(witness.receive()["content"]["text"]["text"], "one-way")
        self.assertEqual(client.do("unblock", name=me), ("done", {}))
        self.assertEqual(self.seen(), {"online": {"since": client.welcome["since"]}})
        client.logout()
        self.assertEqual([change["reason"] for change in self.change()], ["logout"])
        witness.logout()
