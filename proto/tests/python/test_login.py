"""Hello, pin, login, registration, resume, logout."""

import os
import secrets
import threading
import time
import unittest

import spki
from client import Client, Fault, Refused
from tls import Closed, Tls, TlsError

LOCK_S = int(os.environ.get("WHOELSE_LOCK_S", "2"))


def fresh_name():
    return "u" + secrets.token_hex(6)


def account():
    """A new account with its password."""
    name, password = fresh_name(), "pass-" + secrets.token_hex(4)
    client = Client()
    client.register(name, password)
    client.close()
    return name, password


class Hello(unittest.TestCase):
    def test_both_sides_speak_version_1(self):
        client = Client()
        self.assertEqual(client.tls.alpn(), b"whoelse/1")
        self.assertEqual(client.server["version"], 1)
        self.assertEqual(client.server["registration"], "open")
        self.assertEqual(client.server["title"], os.environ["WHOELSE_TITLE"])
        client.close()

    def test_newer_versions_are_left_aside(self):
        client = Client(greet=False)
        self.assertEqual(client.hello(versions=(1, 900), features=["edit", "teleport"])["version"], 1)
        client.close()

    def test_no_common_version_is_told_with_what_the_server_speaks(self):
        client = Client(greet=False)
        with self.assertRaises(Fault) as fault:
            client.hello(versions=(2, 9))
        self.assertEqual(fault.exception.args[0], {"version": {"supported": {"min": 1, "max": 1}}})
        client.expect_closed()

    def test_another_application_protocol_is_refused(self):
        with self.assertRaises((TlsError, Closed)):
            tls = Tls(os.environ["WHOELSE_HOST"], int(os.environ["WHOELSE_PORT"]), alpn=b"\x08http/1.1")
            tls.read()

    def test_the_public_key_has_the_fingerprint_that_the_server_printed(self):
        client = Client()
        self.assertEqual(spki.fingerprint(client.tls.certificate()), os.environ["WHOELSE_FINGERPRINT"])
        client.close()


class Login(unittest.TestCase):
    def test_an_account_is_made_and_lets_in(self):
        name, password = account()
        client = Client().login(name, password)
        self.assertEqual(client.welcome["name"], name)
        self.assertEqual(client.welcome["session"], "new")
        self.assertEqual(len(client.token), 32)
        self.assertNotIn(name, client.roster)
        client.logout()

    def test_an_account_out_of_the_file_lets_in(self):
        client = Client().login("yoda", "wise@!man")
        self.assertIn("offline", client.roster["vader"])
        client.logout()

    def test_wrong_passwords_are_counted_and_lock_the_name(self):
        name, password = account()
        client = Client()
        for left in (2, 1):
            with self.assertRaises(Refused) as refused:
                client.login(name, "wrong")
            self.assertEqual(refused.exception.args[0], {"wrong_password": {"tries_left": left}})
        other = Client()
        with self.assertRaises(Refused) as refused:
            other.login(name, "wrong")
        self.assertEqual(refused.exception.args[0], {"locked": {"retry_after": LOCK_S}})
        with self.assertRaises(Refused) as refused:
            client.login(name, password)
        self.assertIn("locked", refused.exception.args[0])
        time.sleep(LOCK_S + 0.1)
        Client().login(name, password).logout()
        client.close()
        other.close()

    def test_a_challenge_left_open_counts_as_a_wrong_password(self):
        name, password = account()
        client = Client()
        client.say("login_start", name=name, credential_request=bytes.fromhex(KE1))
        client.expect("login_challenge")
        client.cut()
        late = Client()
        for _ in range(100):
            with self.assertRaises(Refused) as refused:
                late.login(name, "wrong")
            if refused.exception.args[0] != {"wrong_password": {"tries_left": 2}}:
                break
        self.assertEqual(refused.exception.args[0], {"wrong_password": {"tries_left": 1}})
        late.login(name, password).logout()

    def test_an_unknown_name_is_told(self):
        client = Client()
        with self.assertRaises(Refused) as refused:
            client.login(fresh_name(), "any")
        self.assertEqual(refused.exception.args[0], {"unknown_user": {}})
        client.close()

    def test_a_taken_name_is_told(self):
        client = Client()
        with self.assertRaises(Refused) as refused:
            client.register("yoda", "any")
        self.assertEqual(refused.exception.args[0], {"name_taken": {}})
        client.close()

    def test_a_name_online_stays_with_the_line_that_answers(self):
        name, password = account()
        first = Client().login(name, password)
        answering = threading.Thread(target=lambda: first.wait_for("reply", lambda held: held["id"] == 99))
        answering.start()
        second = Client()
        with self.assertRaises(Refused) as refused:
            second.login(name, password)
        self.assertEqual(refused.exception.args[0], {"already_online": {}})
        first.say("request", id=99, command={"stay": {}})
        answering.join()
        first.logout()
        second.close()

    def test_a_name_online_leaves_a_line_that_does_not_answer(self):
        name, password = account()
        first = Client().login(name, password)
        second = Client().login(name, password)
        self.assertEqual(second.welcome["session"], "new")
        self.assertEqual(first.expect_closed(), ("session_ended", {"reason": "replaced"}))
        second.logout()


class Resume(unittest.TestCase):
    def test_a_cut_line_is_taken_up_without_a_password(self):
        name, password = account()
        witness = Client().login(*account())
        client = Client().login(name, password)
        witness.wait_for("presence", lambda held: held["changes"][-1]["name"] == name)
        since = client.welcome["since"]
        client.cut()
        again = Client().resume(name, client.token)
        self.assertEqual(again.welcome["session"], "resumed")
        self.assertEqual(again.welcome["since"], since)
        kind, users = witness.do("whoelse")
        self.assertIn(name, [user["name"] for user in users])
        self.assertNotIn("presence", [heard for heard, _ in witness.heard])
        again.logout()
        witness.logout()

    def test_a_line_that_still_seems_to_live_is_replaced(self):
        name, password = account()
        client = Client().login(name, password)
        again = Client().resume(name, client.token)
        self.assertEqual(again.welcome["session"], "resumed")
        self.assertEqual(client.expect_closed(), ("session_ended", {"reason": "replaced"}))
        again.logout()

    def test_a_token_is_void_after_the_logout(self):
        name, password = account()
        client = Client().login(name, password)
        client.logout()
        again = Client()
        with self.assertRaises(Refused) as refused:
            again.resume(name, client.token)
        self.assertEqual(refused.exception.args[0], {"token_invalid": {}})
        again.login(name, password).logout()

    def test_a_token_of_another_is_worth_nothing(self):
        name, password = account()
        client = Client().login(name, password)
        again = Client()
        with self.assertRaises(Refused) as refused:
            again.resume("yoda", client.token)
        self.assertEqual(refused.exception.args[0], {"token_invalid": {}})
        again.close()
        client.logout()


# A credential request out of PROTOCOL.md, section 12.
KE1 = (
    "7ab0b0a180b80ea91bb7094108eec18d82d91988406b772d597c0c14334926011f5edc6f1efb165d45a654798d4baaa5"
    "0e3b4d24182913aef5110a15580ebaad441bcbb611355ca029a7289fbf78028720245cb47e55b1136e414355880e5050"
)
