"""What two people do on their first day, in the real window.

hans hosts the server in the app and makes an account. yoda follows the invitation in a second program. Both chat,
one blocks and unblocks the other, both open a private session, compare its code and send a file, share another with
everybody, look back and sign out.
"""

import json
import random
import socket

import words
from window import Window

# Below the ports that Linux, Windows and macOS give to outgoing connections.
PORTS = range(20_000, 30_000)

PASSWORD = "s0me-Long*password"


def port_of_its_own(desk):
    """The folder of a new profile that hosts at a port which nobody uses at this moment."""
    port = free_port()
    folder = desk.folder() / "default"
    folder.mkdir(mode=0o700)
    (folder / "settings.json").write_text(json.dumps({"hosting": {"port": port}}))
    return str(folder)


def free_port():
    """A port that is free and that no system gives to whoever asks for any: it is still free when the program binds it."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue
    raise AssertionError(f"no port is free in {PORTS}")


class Scene:
    """Two users at one desk."""

    def __init__(self, desk, program, pictures):
        self.desk, self.program, self.pictures = desk, program, pictures
        self.step = 0

    def open(self, name, *arguments, at=(0, 0), size=(850, 700)):
        return self.open_in(name, str(self.desk.folder()), *arguments, at=at, size=size)

    def open_in(self, name, folder, *arguments, at=(0, 0), size=(850, 700)):
        """Opens the profile of a folder, perhaps once more."""
        command = [str(self.program), *arguments, "--data-dir", folder]
        window = Window(self.desk, name, command, self.pictures).wait_open()
        window.put(at, size)
        return window

    def photograph(self, window, what):
        self.step += 1
        window.picture(f"{self.step:02}-{window.name}-{what}")


def run(desk, program, pictures):
    scene = Scene(desk, program, pictures)
    hans = scene.open_in("hans", port_of_its_own(desk))
    invitation = host(scene, hans)
    create_account(hans, "hans")
    scene.photograph(hans, "first-here")
    yoda = join(scene, invitation)
    chat(scene, hans, yoda)
    broadcast(scene, hans, yoda)
    block_and_unblock(scene, hans, yoda)
    private_session(scene, hans, yoda)
    share(scene, hans, yoda)
    look_back(scene, hans)
    search(scene, hans)
    second_start(scene, hans)
    for window in (hans, yoda):
        assert not window.nameless(), f"{window.name} has controls without a name: {list(map(str, window.nameless()))}"
    sign_out(scene, hans, yoda)


def host(scene, hans):
    """The server starts inside the app and says how to reach it."""
    hans.find(words.HOST_HERE, words.BUTTON).click()
    hans.find(words.START_SERVER, words.BUTTON).click()
    hans.shows(words.RUNNING_AT)
    invitation = hans.find(words.INVITATION, words.FIELD).text
    assert invitation.startswith("whoelse://") and "#" in invitation, invitation
    scene.photograph(hans, "hosting")
    hans.find(words.CREATE_ACCOUNT, words.BUTTON).click()
    return invitation


def create_account(window, name):
    window.find(words.NAME, words.FIELD).write(name)
    window.find(words.PASSWORD, words.FIELD).write(PASSWORD)
    window.find(words.PASSWORD_AGAIN, words.FIELD).write(PASSWORD)
    window.find(words.CREATE_ACCOUNT, words.BUTTON).click()
    window.find(words.is_everyone, words.ROW)


def join(scene, invitation):
    """A second program opened with the invitation: the pin comes along, nothing is asked."""
    yoda = scene.open("yoda", invitation, at=(860, 0))
    yoda.find(words.CREATE_ACCOUNT, words.BUTTON).click()
    create_account(yoda, "yoda")
    scene.photograph(yoda, "joined")
    return yoda


def open_chat(window, name):
    window.find(words.is_contact(name), words.ROW).click()
    return window.find(words.message_to(name), words.FIELD)


def say(window, to, text):
    open_chat(window, to).click()
    window.type(text)
    window.keys("Return")
    window.shows(text)


def chat(scene, hans, yoda):
    say(hans, "yoda", "Is the build green?")
    open_chat(yoda, "hans")
    yoda.shows("Is the build green?")
    say(yoda, "hans", "Green it is.")
    hans.shows("Green it is.")
    hans.find(words.READ, words.BUTTON)
    scene.photograph(hans, "chat")
    scene.photograph(yoda, "chat")


def broadcast(scene, hans, yoda):
    hans.find(words.is_everyone, words.ROW).click()
    hans.find(words.MESSAGE_EVERYONE, words.FIELD).click()
    hans.type("The demo is at ten.")
    hans.keys("Return")
    yoda.find(words.is_everyone, words.ROW).click()
    yoda.shows("The demo is at ten.")
    scene.photograph(yoda, "everyone")


def block_and_unblock(scene, hans, yoda):
    """yoda blocks hans: hans is refused, and free again afterwards."""
    yoda.find(words.is_contact("hans"), words.ROW).click(button=3)
    yoda.find(words.block("hans")).click()
    yoda.find(words.BLOCK, words.BUTTON).click()
    open_chat(yoda, "hans")
    yoda.shows(words.you_blocked("hans"))
    scene.photograph(yoda, "blocked")
    say(hans, "yoda", "Did you see this?")
    hans.shows(words.has_blocked_you("yoda"))
    yoda.never_shows("Did you see this?")
    scene.photograph(hans, "refused")
    yoda.find(words.UNBLOCK, words.BUTTON).click()
    yoda.gone(words.you_blocked("hans"))
    say(hans, "yoda", "And this?")
    open_chat(yoda, "hans")
    yoda.shows("And this?")


def private_session(scene, hans, yoda):
    """hans asks, yoda agrees; both see the same code; words and a file go straight over."""
    open_chat(hans, "yoda")
    hans.find(words.START_PRIVATE, words.BUTTON).click()
    hans.shows(words.waiting_for("yoda"))
    yoda.shows(words.asks_for_private("hans"))
    scene.photograph(yoda, "asked")
    yoda.find(words.ACCEPT, words.BUTTON).click()
    code = hans.find(words.is_code).name
    assert yoda.find(words.is_code).name == code, "the codes differ"
    scene.photograph(hans, "code")
    for window in (hans, yoda):
        window.find(words.THEY_MATCH, words.BUTTON).click()
        window.shows(words.VERIFIED)
    hans.find(words.private_to("yoda"), words.FIELD).click()
    hans.type("The plans are in the droid.")
    hans.keys("Return")
    yoda.shows("The plans are in the droid.")
    file = scene.desk.folder() / "plans.txt"
    file.write_text("two metres wide\n" * 1000)
    send(hans, file)
    yoda.find(words.ACCEPT, words.BUTTON).click()
    for window in (hans, yoda):
        window.shows(words.FILE_IS_WHOLE)
    scene.photograph(yoda, "file")
    yoda.find(words.END_SESSION, words.BUTTON).click()
    hans.shows(words.ended_by("yoda"))
    scene.photograph(hans, "ended")


def send(window, path):
    """Sends a file to whom the open chat is with; the desk has no dialog to choose one."""
    window.find(words.SEND_A_FILE, words.BUTTON).click()
    window.find(words.FILE, words.FIELD).write(str(path))
    window.keys("Return")


def share(scene, hans, yoda):
    """hans shares a file, yoda finds and fetches it."""
    file = scene.desk.folder() / "firmware.img"
    file.write_bytes(bytes(range(256)) * 4096)
    hans.find(words.SHARED_FILES, words.BUTTON).click()
    hans.find(words.SHARE_A_FILE, words.BUTTON).click()
    hans.find(words.FILE, words.FIELD).write(str(file))
    hans.keys("Return")
    hans.find("More about firmware.img", words.BUTTON)
    yoda.find(words.SHARED_FILES, words.BUTTON).click()
    yoda.find(words.NAME_OF_A_FILE, words.FIELD).write("firmware.img")
    yoda.keys("Return")
    yoda.find(words.DOWNLOAD, words.BUTTON).click()
    yoda.shows("firmware.img, Verified")
    scene.photograph(yoda, "shared-files")


def look_back(scene, hans):
    hans.find(words.WHO_WAS_ONLINE, words.BUTTON).click()
    hans.shows("yoda")
    scene.photograph(hans, "who-was-online")


def search(scene, hans):
    """A word leads back to its message."""
    hans.keys(words.SEARCH_ALL_KEYS)
    hans.find(words.SEARCH_ALL, words.FIELD).write("Green it")
    hans.find(lambda text: text.endswith("yoda: Green it is.")).click()
    hans.find(words.message_to("yoda"), words.FIELD)
    scene.photograph(hans, "search")


def second_start(scene, hans):
    """A second start of the same profile ends at once and well."""
    folder = hans.process.args[-1]
    second = Window(scene.desk, "second", [str(scene.program), "--data-dir", folder], scene.pictures)
    assert second.wait_ended() == 0, second.log()


def sign_out(scene, hans, yoda):
    yoda.find(words.SIGN_OUT, words.BUTTON).click()
    yoda.find(words.YES_SIGN_OUT, words.BUTTON).click()
    yoda.shows(words.SIGNED_OUT)
    scene.photograph(yoda, "signed-out")
    assert yoda.close() == 0, yoda.log()
    # The server runs in hans's program: it asks before everybody is cut off.
    hans.keys("alt+F4")
    hans.find(words.QUIT, words.BUTTON).click()
    assert hans.wait_ended() == 0, hans.log()
