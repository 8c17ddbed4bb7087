"""A screen reader without a voice: it listens on the accessibility bus and prints what it would say, a line each.

It is a program of its own, as a screen reader is. It says what has the keyboard, in which dialog that lies, what is
typed, and what a program wants said at once. A line begins with the process id of the program that it is about.
"""

import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

# AT-SPI's words of several versions, and the ones that are said.
ROLES = {"push button": "button", "password text": "password", "text": "entry", "toggle button": "switch"}

# What can be on or off.
CHECKED = ("check box", "radio button", "switch", "toggle button", "menu item")

# Steps up the tree from a control to its window: more than any view has.
MOST_STEPS = 60


class Reader:
    def __init__(self):
        # The dialog in which the keyboard was, and what was said of the control that has it, by program.
        self.dialogs, self.said = {}, {}

    def listen(self):
        listener = Atspi.EventListener.new(self.hear)
        for event in ("object:state-changed:focused", "object:state-changed:checked", "object:text-changed:insert",
                      "object:announcement"):
            listener.register(event)
        print("0\tlistening", flush=True)
        Atspi.event_main()

    def hear(self, event):
        try:
            node, kind = event.source, event.type
            pid = node.get_process_id()
            if kind == "object:announcement":
                if event.any_data.strip():
                    self.say(pid, f"says: {event.any_data}")
            elif kind.startswith("object:text-changed:insert"):
                self.say(pid, f"typed: {event.any_data}")
            elif event.detail1 and kind == "object:state-changed:focused":
                self.focused(pid, node)
            elif kind == "object:state-changed:checked" and node.get_state_set().contains(Atspi.StateType.FOCUSED):
                self.say(pid, words_of(node))
        except Exception as error:  # It went while it was looked at.
            print(f"reader: {event.type}: {error}", file=sys.stderr, flush=True)

    def focused(self, pid, node):
        node.clear_cache()
        dialog = dialog_of(node)
        if dialog and dialog != self.dialogs.get(pid):
            self.say(pid, f"{dialog}, dialog")
        words = words_of(node)
        # What has the keyboard already is not said again.
        if words != self.said.get(pid):
            self.say(pid, words)
        self.dialogs[pid], self.said[pid] = dialog, words

    def say(self, pid, words):
        one_line = " / ".join(part for part in words.splitlines() if part.strip())
        print(f"{pid}\t{one_line.strip()}", flush=True)


def words_of(node):
    """Name, role and state, and what a field holds."""
    name, role = node.get_name() or "", node.get_role_name() or ""
    states = node.get_state_set()
    parts = [name, ROLES.get(role, role)]
    if role in CHECKED:
        is_on = states.contains(Atspi.StateType.CHECKED) or states.contains(Atspi.StateType.PRESSED)
        parts.append("on" if is_on else "off")
    if states.contains(Atspi.StateType.SELECTED):
        parts.append("selected")
    if not states.contains(Atspi.StateType.ENABLED):
        parts.append("disabled")
    text = node.get_text_iface() if role in ("entry", "text") else None
    held = Atspi.Text.get_text(text, 0, -1) if text else ""
    return ", ".join(parts) + (f": {held}" if held else "")


def dialog_of(node):
    """The name of the dialog around a control, if there is one."""
    for _ in range(MOST_STEPS):
        node = node.get_parent()
        if node is None:
            return None
        if node.get_role_name() in ("dialog", "alert"):
            return node.get_name()
    return None


if __name__ == "__main__":
    Atspi.init()
    Reader().listen()
