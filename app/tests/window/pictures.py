"""The pictures of `screenshots/`, from real windows that talk to a real server.

A server of its own and profiles of its own; the people and their words are made by the command-line client.
"""

import json
import queue
import subprocess
import threading
from pathlib import Path

import words
from scenario import send
from window import TIMEOUT_S, Window

PASSWORD = "falcon-9-*"

# The window of most pictures, in pixels, and the narrow one.
SIZE = (1280, 800)
NARROW = (420, 760)

# Enough that a list needs its scroll bar and its sections.
MANY = 300

# What is hard to draw: wide, narrow, joined, combining, right-to-left, endless.
SCRIPTS = [
    "日本語と中文和한국어 in one line",
    "👩‍🚀🚀✨ 👍🏽 🏳️‍🌈 😀😃😄",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢ e\u0301 n\u0303",
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 4,
    "`let café = \"naïve\";` and *emphasis*, **weight**",
]


# A block of code, typed line by line.
TABLE = ["```", "clients     p50      p99", "  1,000  0.4 ms   1.1 ms", " 10,000  0.9 ms   3.1 ms", "```"]


class Server:
    """whoelse-server on a port of its own, until the desk ends."""

    def __init__(self, desk, program, people):
        self.desk, self.program, self.folder = desk, program, desk.folder()
        self.credentials = self.folder / "credentials.txt"
        self.credentials.write_text("".join(f"{name} {PASSWORD}\n" for name in people))
        self.port, self.process = 0, None
        self.start()

    def start(self):
        """Starts it, again at the same port if it ran before."""
        command = [str(self.program), str(self.port), "--title", "Echo Base", "--credentials", str(self.credentials),
                   "--data-dir", str(self.folder / "data")]
        self.process = self.desk.start("server", command, stdout=subprocess.PIPE)
        told = {}
        for line in self.process.stdout:
            what, _, value = line.decode().strip().partition("  ")
            told[what] = value.strip()
            if "data folder" in told:
                self.port = int(told["listening on"].rsplit(":", 1)[1])
                self.invitation = f"whoelse://127.0.0.1:{self.port}#{told['fingerprint']}"
                return
        raise AssertionError("the server did not start; see server.log")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Client:
    """whoelse-cli as one of the people."""

    def __init__(self, desk, program, server, name):
        address, _, pin = server.invitation.removeprefix("whoelse://").partition("#")
        command = [str(program), "127.0.0.1", address.rsplit(":", 1)[1], "--json", "--user", name, "--password-stdin",
                   "--data-dir", str(desk.folder()), "--trust-fingerprint", pin]
        log = open(desk.logs / f"cli-{name}.log", "wb")
        self.process = subprocess.Popen(command, env=desk.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=log, text=True)
        # What nobody reads has not arrived: its author would wait for the tick.
        self.told = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        desk.stack.callback(self.end)
        desk.stack.callback(log.close)
        self.say(PASSWORD)
        event = self.wait("login")
        assert event["ok"], event

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def listen(self):
        for line in self.process.stdout:
            self.told.put(json.loads(line))
        self.told.put(None)

    def wait(self, event):
        while (told := self.told.get(timeout=TIMEOUT_S)) is not None:
            if told["event"] == event:
                return told
        raise AssertionError(f"the client ended before {event}")

    def end(self):
        """Lets it send what it has and log out."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(TIMEOUT_S)


class Studio:
    """Where the pictures are made."""

    def __init__(self, desk, program, pictures: Path):
        self.desk, self.program, self.pictures = desk, program, pictures
        self.server_program = program.parent / "whoelse-server"
        self.client_program = program.parent / "whoelse-cli"

    def window(self, name, server=None, folder=None, size=SIZE):
        arguments = [server.invitation] if server else []
        folder = folder or self.settings()
        command = [str(self.program), *arguments, "--data-dir", str(folder)]
        window = Window(self.desk, name, command, self.pictures).wait_open()
        window.put((0, 0), size)
        window.rest_pointer()
        return window

    def both(self, name, *windows):
        """Photographs windows that stand side by side in one picture."""
        parts = []
        for window in windows:
            window.rest_pointer()
            parts.append(window.picture(f"part-{window.name}"))
        self.desk.run("convert", *map(str, parts), "+append", str(self.pictures / f"{name}.png"))
        for part in parts:
            part.unlink()

    def settings(self, **chosen):
        """A profile with these settings."""
        folder = self.desk.folder() / "default"
        folder.mkdir(mode=0o700)
        (folder / "settings.json").write_text(json.dumps(chosen))
        return folder

    def signed_in(self, name, server, user="hans", size=SIZE, **chosen):
        window = self.window(name, server, self.settings(**chosen), size)
        window.find(words.NAME, words.FIELD).write(user)
        window.find(words.PASSWORD, words.FIELD).write(PASSWORD)
        window.find(lambda text: text.startswith(words.SIGN_IN), words.BUTTON).click()
        window.find(words.is_everyone, words.ROW)
        return window


def make(desk, program, pictures, only=None):
    """Makes every picture, or those asked for."""
    studio = Studio(desk, program, pictures)
    for name, draw in PICTURES.items():
        if only is None or name in only:
            print(name, flush=True)
            draw(studio, name)


def sign_in(studio, name):
    window = studio.window("sign-in")
    window.picture(name)
    window.end()


def small_team(studio):
    """Six people of whom four are online and some have written."""
    server = Server(studio.desk, studio.server_program, ["hans", "yoda", "leia", "luke", "vader", "chewy"])
    people = {name: Client(studio.desk, studio.client_program, server, name) for name in ("yoda", "leia", "luke")}
    lines = [("leia", "message hans The plans are in the droid."),
             ("luke", "message hans Can I borrow the falcon on Friday?"),
             ("yoda", "message hans Morning. Is the load test still running on the small box?"),
             ("yoda", "message hans The numbers, the Tokyo team needs by ten: 明日のレビューは10時からです 👍"),
             ("leia", "message hans Notes of yesterday: wiki.echo-base.lan/load-tests")]
    for who, line in lines:
        people[who].say(line)
        people[who].wait("sent")
    return server, people


def chat(theme, density="compact"):
    def draw(studio, name):
        server, people = small_team(studio)
        window = studio.signed_in(name, server, theme=theme, density=density)
        window.find(words.is_contact("yoda"), words.ROW).click()
        window.find(words.message_to("yoda"), words.FIELD).click()
        window.type("Until ten. p99 stays under *4 ms* with 10,000 clients:")
        window.keys("Return")
        for line in TABLE[:-1]:
            window.type(line)
            window.keys("shift+Return")
        window.type(TABLE[-1])
        window.keys("Return")
        window.shows(words.DELIVERED)
        people["yoda"].say("message hans Good numbers. To https://wiki.echo-base.lan/load-tests add them, please. 💚")
        window.shows("Good numbers")
        window.rest_pointer()
        window.picture(name)
        finish(window, server, people)
    return draw


def everyone(studio, name):
    server, people = small_team(studio)
    window = studio.signed_in(name, server, theme="dark")
    window.find(words.is_everyone, words.ROW).click()
    window.find(words.MESSAGE_EVERYONE, words.FIELD).click()
    window.type("The demo is at ten, in the hangar.")
    window.keys("Return")
    people["leia"].wait("broadcast")
    people["leia"].say("broadcast I bring the coffee.")
    window.shows("coffee")
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def who_was_online(studio, name):
    server, people = small_team(studio)
    people.pop("luke").end()
    window = studio.signed_in(name, server, theme="light")
    window.find(words.WHO_WAS_ONLINE, words.BUTTON).click()
    window.shows("luke")
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def switcher(studio, name):
    server, people = small_team(studio)
    window = studio.signed_in(name, server, theme="dark")
    window.keys("ctrl+k")
    window.find(words.GO_TO)
    window.type("l")
    window.picture(name)
    finish(window, server, people)


def settings(studio, name):
    server, people = small_team(studio)
    window = studio.signed_in(name, server, theme="dark")
    window.find(words.SETTINGS, words.BUTTON).click()
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def narrow(studio, name):
    server, people = small_team(studio)
    window = studio.signed_in(name, server, size=NARROW, theme="dark", density="bubbles")
    window.picture(f"{name}-list")
    window.find(words.is_contact("yoda"), words.ROW).click()
    window.shows("The numbers")
    window.rest_pointer()
    window.picture(f"{name}-chat")
    finish(window, server, people)


def scripts(studio, name):
    server, people = small_team(studio)
    for text in SCRIPTS:
        people["leia"].say(f"message hans {text}")
        people["leia"].wait("sent")
    window = studio.signed_in(name, server, theme="light")
    window.find(words.is_contact("leia"), words.ROW).click()
    window.shows("日本語")
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def contacts(studio, name):
    names = ["hans", *(f"pilot-{number:03}" for number in range(1, MANY + 1))]
    server = Server(studio.desk, studio.server_program, names)
    people = {who: Client(studio.desk, studio.client_program, server, who) for who in names[1:21]}
    window = studio.signed_in(name, server, theme="dark")
    window.find(words.is_contact("pilot-001"), words.ROW)
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def reconnecting(studio, name):
    server, people = small_team(studio)
    window = studio.signed_in(name, server, theme="dark")
    window.find(words.is_contact("yoda"), words.ROW).click()
    for client in people.values():
        client.end()
    server.stop()
    window.shows(words.RECONNECTING)
    window.find(words.message_to("yoda"), words.FIELD).click()
    window.type("Still here, still writing.")
    window.keys("Return")
    window.shows("Still here, still writing.")
    window.rest_pointer()
    window.picture(name)
    window.end()


def in_session(studio, name, theme="dark", size=SIZE):
    """hans in a private session with luke, who writes from the command line; the file both speak of."""
    server, people = small_team(studio)
    window = studio.signed_in(name, server, theme=theme, size=size)
    window.find(words.is_contact("luke"), words.ROW).click()
    window.find(words.START_PRIVATE, words.BUTTON).click()
    luke = people["luke"]
    luke.wait("private_request")
    luke.say("accept hans")
    luke.wait("private_open")
    window.find(words.private_to("luke"), words.FIELD)
    return server, people, window


def sparse(folder, name, size):
    """A file of this size that takes no room."""
    path = folder / name
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def private(theme):
    def draw(studio, name):
        server, people, window = in_session(studio, name, theme)
        luke, folder = people["luke"], studio.desk.folder()
        luke.say("private hans Line is up. Is this good enough for the big file?")
        window.shows("big file")
        window.find(words.private_to("luke"), words.FIELD).click()
        window.type("Yes, direct on the same switch. Vector sheet first:")
        window.keys("Return")
        luke.wait("private")
        send(window, sparse(folder, "approach-vector.pdf", 2_400_000))
        luke.say(f"takefile {luke.wait('file_offer')['id']}")
        window.shows(words.FILE_IS_WHOLE)
        luke.say("private hans Got it, thanks. Sending the logs from the last run.")
        luke.say(f"sendfile hans {sparse(folder, 'nav-logs-2026-11.tar.zst', 1_200_000_000)}")
        window.find(lambda text: text == words.ACCEPT, words.BUTTON, timeout_s=60).click()
        window.find(lambda text: text.startswith("Pause "), words.BUTTON).click()
        window.shows("kept on disk")
        people["leia"].say("startprivate hans")
        window.shows(words.asks_for_private("leia"))
        window.rest_pointer()
        window.picture(name)
        finish(window, server, people)
    return draw


def verified(studio, name):
    server, people, window = in_session(studio, name, "light")
    people["luke"].say("private hans fox, key, moon: is that what you see?")
    window.shows("is that what you see?")
    window.find(words.THEY_MATCH, words.BUTTON).click()
    window.shows(words.VERIFIED)
    people["luke"].say("stopprivate hans")
    window.shows(words.ended_by("luke"))
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def private_narrow(studio, name):
    server, people, window = in_session(studio, name, size=NARROW)
    people["luke"].say("private hans Line is up. Is this good enough for the big file?")
    window.shows("big file")
    window.rest_pointer()
    window.picture(name)
    finish(window, server, people)


def shared_files(theme):
    def draw(studio, name):
        server, people = small_team(studio)
        folder = studio.desk.folder()
        plans = sparse(folder, "firmware-3.2.img", 2_600_000_000)
        for who in ("yoda", "leia"):
            people[who].say(f"register {plans}")
            people[who].wait("ok")
        other = sparse(studio.desk.folder(), "firmware-3.2.img", 80_900_000)
        people["luke"].say(f"register {other}")
        people["luke"].wait("ok")
        window = studio.signed_in(name, server, theme=theme)
        window.find(words.SHARED_FILES, words.BUTTON).click()
        for shared, size in (("approach-vector.pdf", 2_400_000), ("hangar-racks.png", 1_800_000)):
            window.find(words.SHARE_A_FILE, words.BUTTON).click()
            window.find(words.FILE, words.FIELD).write(str(sparse(folder, shared, size)))
            window.keys("Return")
            window.find(f"More about {shared}", words.BUTTON)
        window.find(words.NAME_OF_A_FILE, words.FIELD).write("firmware-3.2.img")
        window.keys("Return")
        window.find(words.DOWNLOAD, words.BUTTON).click()
        window.find(lambda text: text.startswith("Pause "), words.BUTTON).press()
        window.shows("kept on disk")
        window.rest_pointer()
        window.picture(name)
        finish(window, server, people)
    return draw


def two_windows(studio, name):
    """What the README tells: hans asks yoda, both compare the code, and a file goes over."""
    server = Server(studio.desk, studio.server_program, ["hans", "yoda"])
    size, folder = (840, 700), studio.desk.folder()
    hans = studio.signed_in(f"{name}-hans", server, size=size, theme="dark")
    yoda = studio.signed_in(f"{name}-yoda", server, user="yoda", size=size, theme="light")
    yoda.put((860, 0), size)
    hans.find(words.is_contact("yoda"), words.ROW).click()
    hans.find(words.START_PRIVATE, words.BUTTON).click()
    yoda.shows(words.asks_for_private("hans"))
    studio.both(f"{name}-1-asks", hans, yoda)
    yoda.find(words.ACCEPT, words.BUTTON).click()
    code = hans.find(words.is_code).name
    assert yoda.find(words.is_code).name == code
    studio.both(f"{name}-2-code", hans, yoda)
    for window in (hans, yoda):
        window.find(words.THEY_MATCH, words.BUTTON).click()
        window.shows(words.VERIFIED)
    picture = studio.desk.folder() / "hangar-racks.png"
    studio.desk.run("convert", "-size", "640x420", "gradient:steelblue-navy", str(picture))
    send(hans, picture)
    yoda.find(words.ACCEPT, words.BUTTON).click()
    for window in (hans, yoda):
        window.shows(words.PICTURE_IS_WHOLE)
        window.find("hangar-racks.png", "image")
    studio.both(f"{name}-3-file", hans, yoda)
    for window in (hans, yoda):
        window.end()
    server.stop()


def finish(window, server, people):
    window.end()
    for client in people.values():
        client.end()
    server.stop()


PICTURES = {
    "sign-in": sign_in,
    "chat-dark": chat("dark"),
    "chat-light": chat("light"),
    "bubbles-dark": chat("dark", "bubbles"),
    "everyone": everyone,
    "who-was-online": who_was_online,
    "switcher": switcher,
    "settings": settings,
    "narrow": narrow,
    "cjk-and-emoji": scripts,
    "300-contacts": contacts,
    "reconnecting": reconnecting,
    "private-dark": private("dark"),
    "private-light": private("light"),
    "private-over": verified,
    "private-narrow": private_narrow,
    "shared-files-dark": shared_files("dark"),
    "shared-files-light": shared_files("light"),
    "two-windows": two_windows,
}
