"""The names of controls as the window speaks them, each in one place.

A constant is a name, a function makes one. Roles are AT-SPI's.
"""

BUTTON = ("button", "push button", "toggle button")
FIELD = ("entry", "text", "password text")
CHECK = ("check box", "switch", "toggle button")

# Sign-in
HOST_HERE = "Host on this computer"
PORT = "Port"
START_SERVER = "Start the server"
INVITATION = "Invitation"
SIGN_IN_HERE = "Sign in here"
CREATE_ACCOUNT = "Create account"
SIGN_IN = "Sign in"
SERVER = "Server"
NAME = "Name"
PASSWORD = "Password"
PASSWORD_AGAIN = "Password again"
RUNNING_AT = "Running at "

# Main window
CONTACTS = "Contacts"
SEARCH = "Search people and messages"
EVERYONE = "Everyone"
SETTINGS = "Settings"
SIGN_OUT = "Sign out"
SIGN_OUT_CONFIRM = "Sign out"
WHO_WAS_ONLINE = "Who was online"
SEND = "Send"
MORE = "More"
GO_TO = "Go to a person, chat or command"
UNBLOCK = "Unblock"
BLOCK_CONFIRM = "Block"
SEARCH_ALL = "Search all messages"
SIGNED_OUT = "You signed out."
RECONNECTING = "Reconnecting"
RETRY_NOW = "Retry now"


def message_to(name):
    """The composer of a chat."""
    return f"Message {name}"


MESSAGE_EVERYONE = "Message everyone online"


def block(name):
    return f"Block {name}…"


def you_blocked(name):
    return f"You blocked {name}."


def has_blocked_you(name):
    return f"{name} has blocked you"


def is_contact(name):
    """The row of a contact: its name is followed by presence and more."""
    return lambda text: text == name or text.startswith((f"{name},", f"{name} "))


# Message states, the accessible words of the marks.
ACCEPTED = "The server has it"
DELIVERED = "On their device"
