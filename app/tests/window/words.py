"""The names of controls as the window speaks them, each in one place.

A constant is a name, a function makes one. Roles are AT-SPI's.
"""

BUTTON = ("button", "push button", "toggle button")
FIELD = ("entry", "text", "password text")
ROW = "list item"

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
QUIT = "Quit"
SIGN_OUT = "Sign out"
YES_SIGN_OUT = "Yes, sign out"
WHO_WAS_ONLINE = "Who was online"
SEND = "Send"
MORE = "More"
GO_TO = "Go to a person, chat or command"
UNBLOCK = "Unblock"
SEARCH_ALL = "Search all messages"
SEARCH_ALL_KEYS = "ctrl+shift+f"
SIGNED_OUT = "You signed out."
RECONNECTING = "Reconnecting"
RETRY_NOW = "Retry now"

# Private sessions and files
START_PRIVATE = "Start private session"
ACCEPT = "Accept"
DECLINE = "Decline"
THEY_MATCH = "They match"
VERIFIED = "Verified"
END_SESSION = "End session"
ASK_AGAIN = "Ask for a private session"
SEND_A_FILE = "Send a file"
FILE = "File"
FILE_IS_WHOLE = "Verified, "
PICTURE_IS_WHOLE = ", Verified, "
SHARED_FILES = "Shared files"
SHARE_A_FILE = "Share a file"
SHARE = "Share"
NAME_OF_A_FILE = "Name of a shared file"
DOWNLOAD = "Download"


def asks_for_private(name):
    return f"{name} asks for a private session"


def private_to(name):
    """The composer of a private session."""
    return f"Private to {name}, direct"


def waiting_for(name):
    return f"Waiting for {name} to accept."


def ended_by(name):
    return f"{name} ended the private session."


def is_code(text):
    """The seven signs, by their names."""
    return text.startswith("Code: ")


def message_to(name):
    """The composer of a chat."""
    return f"Message {name}"


MESSAGE_EVERYONE = "Message everyone online"


def block(name):
    """In the contact's menu; the question behind it says what it does."""
    return f"Block {name}…"


BLOCK = "Block"


def you_blocked(name):
    return f"You blocked {name}."


def has_blocked_you(name):
    return f"{name} has blocked you"


def is_contact(name):
    """The row of a contact: name, presence, and what is new there. Rows of messages have a time behind the name."""
    return lambda text: text.startswith((f"{name}, Online", f"{name}, Offline"))


def is_everyone(text):
    """The row of the broadcasts, which stands above the contacts."""
    return text.split(",")[0] == EVERYONE


# Message states, the accessible words of the marks.
ACCEPTED = "The server has it"
DELIVERED = "On their device"
READ = "Read"
