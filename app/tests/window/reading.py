"""What a screen reader says of a sign-in, a chat and a request for a private session, with keys alone."""

import sys
from pathlib import Path

import words
from desk import wait_until
from first_hour import Keys
from scenario import PASSWORD, Scene, port_of_its_own
from window import TIMEOUT_S


class Reading:
    """The lines that the reader has said, by window."""

    def __init__(self, desk):
        self.desk = desk
        self.heard = {}
        desk.start("reader", [sys.executable, "-u", str(Path(__file__).with_name("reader.py"))])
        wait_until(lambda: self.lines(0), TIMEOUT_S, "the reader does not listen; see reader.log")

    def lines(self, pid):
        log = (self.desk.logs / "reader.log").read_text(errors="replace")
        parts = (line.split("\t", 1) for line in log.splitlines() if "\t" in line)
        return [words for number, words in parts if number == str(pid)]

    def of(self, window):
        return self.lines(window.process.pid)

    def hears(self, window, text):
        """Waits until a line holds a text; gives it. The next one is looked for behind it."""
        def said():
            start = self.heard.get(window.process.pid, 0)
            for place, line in enumerate(self.of(window)[start:], start):
                if text in line:
                    self.heard[window.process.pid] = place + 1
                    return line
            return None

        return wait_until(said, TIMEOUT_S, lambda: f"{window.name} does not hear {text!r}, but {self.rest(window)}")

    def rest(self, window):
        """What was said behind the last line that was looked for."""
        return self.of(window)[self.heard.get(window.process.pid, 0):]


def run(desk, program, pictures):
    scene, reading, keys = Scene(desk, program, pictures), Reading(desk), Keys()
    windows = []
    try:
        hans = scene.open_in("hans", port_of_its_own(desk))
        windows.append(hans)
        invitation = host(reading, keys, hans)
        create_account(reading, keys, hans, "hans")
        yoda = scene.open("yoda", invitation, at=(860, 0))
        windows.append(yoda)
        keys.press(yoda, words.CREATE_ACCOUNT)
        create_account(reading, keys, yoda, "yoda")
        sign_in_again(reading, keys, yoda)
        chat(reading, keys, hans, yoda)
        private_session(reading, keys, hans, yoda)
        line_lost(reading, keys, hans, yoda)
        for window in windows:
            leaked = [line for line in reading.of(window) if PASSWORD in line]
            assert not leaked, f"{window.name} says a password: {leaked}"
    finally:
        for window in windows:
            print(f"-- {window.name}")
            print("\n".join(reading.of(window)))
    yoda.keys("ctrl+q")
    assert yoda.wait_ended() == 0, yoda.log()


def host(reading, keys, hans):
    keys.press(hans, words.HOST_HERE)
    reading.hears(hans, "Host on this computer, button")
    reading.hears(hans, "Port, entry")
    keys.press(hans, words.START_SERVER)
    reading.hears(hans, "Start the server, button")
    reading.hears(hans, f"says: {words.RUNNING_AT}")
    invitation = hans.find(words.INVITATION, words.FIELD).text
    keys.press(hans, words.CREATE_ACCOUNT)
    return invitation


def create_account(reading, keys, window, name):
    reading.hears(window, "says: Create account")
    keys.fill(window, [(words.NAME, name), (words.PASSWORD, PASSWORD), (words.PASSWORD_AGAIN, PASSWORD)])
    for field in ("Name, entry", "Password, password", "Password again, password"):
        reading.hears(window, field)
    keys.enter(window, words.CREATE_ACCOUNT)
    window.find(words.is_everyone, words.ROW)
    window.find(f"{name} – Whoelse", "frame")


def sign_in_again(reading, keys, yoda):
    """A wrong password is said, with the tries that are left; the field that is to be filled anew has the keyboard."""
    keys.command(yoda, "sign out")
    reading.hears(yoda, f"{words.GO_TO}, entry")
    reading.hears(yoda, "Sign out, chosen")
    keys.press(yoda, words.YES_SIGN_OUT)
    reading.hears(yoda, f"{words.YES_SIGN_OUT}, button")
    reading.hears(yoda, words.SIGNED_OUT)
    for password, answer in (("another", "says: Wrong password. 2 tries left"), (PASSWORD, None)):
        keys.fill(yoda, [(words.PASSWORD, password)])
        keys.enter(yoda, words.SIGN_IN)
        if answer:
            reading.hears(yoda, answer)
    yoda.find(words.is_everyone, words.ROW)


def chat(reading, keys, hans, yoda):
    """What arrives in the open chat is said, and so is what is refused."""
    keys.open_chat(hans, "yoda")
    reading.hears(hans, "yoda, Online, chosen")
    reading.hears(hans, f"{words.message_to('yoda')}, entry")
    keys.open_chat(yoda, "hans")
    reading.hears(yoda, f"{words.message_to('hans')}, entry")
    keys.say(hans, "Is the build green?")
    arrived = reading.hears(yoda, "Is the build green?")
    assert arrived.startswith("says: hans, "), arrived
    keys.say(yoda, "Green it is.")
    arrived = reading.hears(hans, ": Green it is.")
    assert arrived.startswith("says: yoda, "), arrived
    yoda.keys("ctrl+Up")
    reading.hears(yoda, "Green it is., chosen")
    yoda.keys("Escape")
    keys.command(yoda, "block hans")
    keys.press(yoda, words.BLOCK)
    reading.hears(yoda, f"{words.BLOCK}, button")
    reading.hears(yoda, f"says: {words.you_blocked('hans')}")
    keys.say(hans, "Did you see this?")
    reading.hears(hans, words.has_blocked_you("yoda"))
    keys.command(yoda, "unblock hans")
    yoda.gone(words.you_blocked("hans"))


def private_session(reading, keys, hans, yoda):
    """The request is said where it is asked, however far from the bar the keyboard is; then the code."""
    keys.open_chat(hans, "yoda")
    keys.ask_for_private(hans)
    reading.hears(hans, f"says: {words.waiting_for('yoda')}")
    reading.hears(yoda, f"says: {words.asks_for_private('hans')}")
    keys.press(yoda, words.ACCEPT)
    reading.hears(yoda, f"{words.ACCEPT}, button")
    codes = [reading.hears(window, "says: Code: ") for window in (hans, yoda)]
    assert codes[0] == codes[1], codes
    keys.press(yoda, words.THEY_MATCH)
    reading.hears(yoda, f"{words.THEY_MATCH}, button")
    hans.find_focused(words.private_to("yoda"), words.FIELD)
    keys.say(hans, "The plans are in the droid.")
    arrived = reading.hears(yoda, "The plans are in the droid.")
    assert arrived.startswith("says: hans, "), arrived


def line_lost(reading, keys, hans, yoda):
    """That the line is lost is said once, not with each second until the next try."""
    keys.quit(hans)
    assert hans.wait_ended() == 0, hans.log()
    reading.hears(yoda, f"says: {words.RECONNECTING}")
    # A while later, which the way to the button takes.
    keys.press(yoda, words.RETRY_NOW)
    reading.hears(yoda, f"{words.RETRY_NOW}, button")
    said = [line for line in reading.of(yoda) if f"says: {words.RECONNECTING}" in line]
    assert len(said) == 1, f"the countdown is said: {said}"
