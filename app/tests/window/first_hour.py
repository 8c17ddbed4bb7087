"""The first hour of two people, once with keys alone and once with the pointer alone.

hans hosts and invites, both make accounts, yoda signs in with a wrong and the right password. They chat, answer, search,
look who was online, block, open a private session and send a file, look into the settings; the host is started again,
and both sign out. Words are typed in both; what differs is how a person gets about.
"""

import words
from desk import wait_until
from scenario import PASSWORD, Scene, port_of_its_own
from window import TIMEOUT_S

# Steps of Tab after which a control is not to be reached: more than any page has controls.
MOST_TABS = 60


class Keys:
    """Gets about with keys alone."""

    name = "keys"

    def press(self, window, name, role=words.BUTTON):
        """Goes to a control with Tab and presses it with Enter. Where one writes, Tab completes, and F6 leads away."""
        window.find(name, role)
        window.focus()
        writes = lambda text: text.startswith(("Message ", "Private to "))
        if any(field.has_state("FOCUSED") for field in window.all(writes, words.FIELD)):
            self.move(window, "F6")
        passed = []
        for _ in range(MOST_TABS):
            if any(control.has_state("FOCUSED") for control in window.all(name, role)):
                window.keys("Return")
                return
            passed.append(str(self.move(window, "Tab")))
        raise AssertionError(f"{window.name}: Tab does not reach {name!r}, but {passed}")

    def move(self, window, key):
        """Presses a key that moves the keyboard, and waits for where it goes."""
        before = window.focused()
        window.keys(key)
        moved = lambda: (now := window.focused()) and now != before and now
        return wait_until(moved, TIMEOUT_S, lambda: f"{window.name}: {key} leaves the keyboard at {before}")

    def fill(self, window, fields):
        """The first field has the keyboard; Tab goes on."""
        window.find_focused(fields[0][0], words.FIELD)
        for place, (_, text) in enumerate(fields):
            if place:
                window.keys("Tab")
            window.type(text)

    def enter(self, window, _button):
        window.keys("Return")

    def open_chat(self, window, name):
        self.command(window, name)
        window.find_focused(words.message_to(name), words.FIELD)

    def command(self, window, text):
        window.keys("ctrl+k")
        window.type(text)
        window.keys("Return")
        window.gone(words.GO_TO, words.FIELD)

    def say(self, window, text):
        window.type(text)
        window.keys("Return")
        window.shows(text)

    def answer(self, window, _text, answer):
        window.keys("ctrl+Up", "Return")
        window.find("Do not reply", words.BUTTON)
        self.say(window, answer)

    def search(self, window, text, hit):
        while not window.find(words.SEARCH, words.FIELD).has_state("FOCUSED"):
            self.move(window, "F6")
        window.type(text)
        window.find(hit)
        window.keys("Return", "Escape")

    def who_was_online(self, window):
        window.keys("ctrl+shift+o")

    def block(self, window, name):
        self.command(window, f"block {name}")
        self.press(window, words.BLOCK)
        window.shows(words.you_blocked(name))
        self.command(window, f"unblock {name}")

    def ask_for_private(self, window):
        window.keys("ctrl+shift+p")

    def send_file(self, window, path):
        window.keys("ctrl+shift+a")
        window.find_focused(words.FILE, words.FIELD)
        window.type(str(path))
        window.keys("Return")

    def settings(self, window):
        window.keys("ctrl+comma")
        window.find("Close settings", words.BUTTON)
        window.keys("Escape")
        window.gone("Close settings", words.BUTTON)

    def sign_out(self, window):
        self.command(window, "sign out")
        self.press(window, words.YES_SIGN_OUT)

    def quit(self, window):
        window.keys("ctrl+q")
        self.press(window, words.QUIT)


class Pointer:
    """Gets about with the pointer alone."""

    name = "pointer"

    def press(self, window, name, role=words.BUTTON):
        window.find(name, role).click()

    def fill(self, window, fields):
        for name, text in fields:
            window.find(name, words.FIELD).write(text)

    def enter(self, window, button):
        self.press(window, button)

    def open_chat(self, window, name):
        window.find(words.is_contact(name), words.ROW).click()
        window.find(words.message_to(name), words.FIELD)

    def say(self, window, text):
        window.type(text)
        self.press(window, words.SEND)
        window.shows(text)

    def answer(self, window, text, answer):
        window.find(lambda name: name.endswith(text) and ":" in name, words.ROW).click(button=3)
        window.find("Reply", "menu item").click()
        window.find("Do not reply", words.BUTTON)
        self.say(window, answer)

    def search(self, window, text, hit):
        window.find(words.SEARCH, words.FIELD).write(text)
        window.find(hit).click()
        self.press(window, "Clear search")

    def who_was_online(self, window):
        self.press(window, words.WHO_WAS_ONLINE)

    def block(self, window, name):
        self.press(window, words.MORE)
        window.find(words.block(name), "menu item").click()
        self.press(window, words.BLOCK)
        window.shows(words.you_blocked(name))
        self.press(window, words.UNBLOCK)

    def ask_for_private(self, window):
        self.press(window, words.START_PRIVATE)

    def send_file(self, window, path):
        self.press(window, words.SEND_A_FILE)
        window.find(words.FILE, words.FIELD).write(str(path))
        window.keys("Return")

    def settings(self, window):
        self.press(window, words.SETTINGS)
        self.press(window, "Close settings")
        window.gone("Close settings", words.BUTTON)

    def sign_out(self, window):
        self.press(window, words.SIGN_OUT)
        self.press(window, words.YES_SIGN_OUT)

    def quit(self, window):
        window.keys("alt+F4")
        self.press(window, words.QUIT)


def run(desk, program, pictures, way):
    scene = Scene(desk, program, pictures / way.name)
    hans = scene.open_in("hans", port_of_its_own(desk))
    invitation = host(way, hans)
    create_account(way, hans, "hans")
    yoda = scene.open("yoda", invitation, at=(860, 0))
    way.press(yoda, words.CREATE_ACCOUNT)
    create_account(way, yoda, "yoda")
    sign_in_again(way, yoda)
    chat(scene, way, hans, yoda)
    private_session(scene, way, hans, yoda)
    way.settings(hans)
    hans = host_again(scene, way, hans, yoda)
    way.sign_out(yoda)
    yoda.shows(words.SIGNED_OUT)
    way.quit(hans)
    assert hans.wait_ended() == 0, hans.log()
    yoda.keys("ctrl+q")
    assert yoda.wait_ended() == 0, yoda.log()


def host(way, hans):
    way.press(hans, words.HOST_HERE)
    way.press(hans, words.START_SERVER)
    hans.shows(words.RUNNING_AT)
    invitation = hans.find(words.INVITATION, words.FIELD).text
    way.press(hans, words.CREATE_ACCOUNT)
    return invitation


def create_account(way, window, name):
    way.fill(window, [(words.NAME, name), (words.PASSWORD, PASSWORD), (words.PASSWORD_AGAIN, PASSWORD)])
    way.enter(window, words.CREATE_ACCOUNT)
    window.find(words.is_everyone, words.ROW)


def sign_in_again(way, yoda):
    """A wrong password is told, and the next one is typed at once."""
    way.sign_out(yoda)
    yoda.shows(words.SIGNED_OUT)
    way.fill(yoda, [(words.PASSWORD, "another")])
    way.enter(yoda, words.SIGN_IN)
    yoda.shows("Wrong password")
    way.fill(yoda, [(words.PASSWORD, PASSWORD)])
    way.enter(yoda, lambda name: name in (words.SIGN_IN, "Try again"))
    yoda.find(words.is_everyone, words.ROW)


def chat(scene, way, hans, yoda):
    way.open_chat(hans, "yoda")
    way.say(hans, "Is the build green?")
    way.open_chat(yoda, "hans")
    yoda.shows("Is the build green?")
    way.answer(yoda, "Is the build green?", "Green it is.")
    hans.shows("Green it is.")
    hans.shows("In answer to You")
    scene.photograph(hans, "answered")
    way.search(hans, "green it", lambda text: text.endswith("yoda: Green it is.") and text.startswith("yoda, "))
    way.who_was_online(hans)
    hans.find("Export CSV", words.BUTTON)
    way.open_chat(hans, "yoda")
    way.block(hans, "yoda")
    hans.gone(words.you_blocked("yoda"))


def private_session(scene, way, hans, yoda):
    way.open_chat(hans, "yoda")
    way.ask_for_private(hans)
    yoda.shows(words.asks_for_private("hans"))
    way.press(yoda, words.ACCEPT)
    code = hans.find(words.is_code).name
    assert yoda.find(words.is_code).name == code, "the codes differ"
    for window in (hans, yoda):
        way.press(window, words.THEY_MATCH)
        window.shows(words.VERIFIED)
    file = scene.desk.folder() / "plans.txt"
    file.write_text("two metres wide\n" * 1000)
    way.send_file(hans, file)
    way.press(yoda, words.ACCEPT)
    for window in (hans, yoda):
        window.shows(words.FILE_IS_WHOLE)
    scene.photograph(yoda, "file")


def host_again(scene, way, hans, yoda):
    """The server goes with its program and comes with it, at the same address; nobody signs in anew."""
    folder = hans.process.args[-1]
    way.quit(hans)
    assert hans.wait_ended() == 0, hans.log()
    yoda.shows(words.RECONNECTING)
    again = scene.open_in("hans-again", folder)
    again.find(words.is_everyone, words.ROW)
    way.open_chat(again, "yoda")
    way.say(again, "Back again.")
    way.open_chat(yoda, "hans")
    yoda.shows("Back again.")
    return again
