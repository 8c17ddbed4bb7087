"""A started program, seen as a screen reader sees it and used as a person uses it."""

import subprocess
import time
from pathlib import Path

from desk import START_TIMEOUT_S, end, wait_until

# What a person waits before thinking that something is broken; generous, for machines with other work.
TIMEOUT_S = 20.0

# Controls looked at in one walk: more than any view has; a broken tree with a loop ends there.
MAX_NODES = 20_000

# The frame that the window manager draws around a window is narrower.
FRAME_PX = 8

# Between two keys: as fast as a person types at best.
KEY_DELAY_MS = 12

_atspi = None


def atspi():
    """The accessibility library, loaded once the desk's bus is known."""
    global _atspi
    if _atspi is None:
        import gi

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi

        Atspi.init()
        # Answers come from the program each time, never from this process's memory.
        Atspi.set_timeout(5000, 20000)
        _atspi = Atspi
    return _atspi


class Control:
    """One node of the tree."""

    def __init__(self, window, node, again=None):
        self.window, self.node, self.again = window, node, again

    @property
    def name(self):
        return self.node.get_name() or ""

    @property
    def role(self):
        return self.node.get_role_name() or ""

    @property
    def text(self):
        """What is written in a field, or the name of everything else."""
        interface = self.node.get_text_iface()
        if interface is None:
            return self.name
        return atspi().Text.get_text(interface, 0, -1)

    def has_state(self, name):
        return self.node.get_state_set().contains(getattr(atspi().StateType, name))

    @property
    def place(self):
        """Left, top, width and height on the screen."""
        extents = self.node.get_component_iface().get_extents(atspi().CoordType.SCREEN)
        return extents.x, extents.y, extents.width, extents.height

    def resting_place(self):
        """Its place, once it does not move."""
        def still():
            try:
                before = self.place
                time.sleep(0.06)
                return before if before == self.place else None
            except Exception:
                # Drawn anew in the meantime: another one of the same name stands where it stood.
                if self.again is None:
                    raise
                self.node = self.again().node
                return None

        return wait_until(still, TIMEOUT_S, lambda: f"{self} does not come to rest")

    def click(self, button=1, twice=False):
        """A real click in its middle, once it takes one."""
        left, top, width, height = self.resting_place()
        wait_until(lambda: self.has_state("ENABLED"), TIMEOUT_S, lambda: f"{self} takes no click")
        if width <= 0 or height <= 0:
            raise AssertionError(f"{self} has no place on the screen")
        self.window.focus()
        # Two moves: a window that only then learns of the pointer draws its hover first.
        x, y = left + width // 2, top + height // 2
        self.window.desk.run("xdotool", "mousemove", str(x - 1), str(y), "mousemove", str(x), str(y))
        repeat = ["--repeat", "2", "--delay", "60"] if twice else []
        self.window.desk.run("xdotool", "click", *repeat, str(button))

    def press(self):
        """Its action, as a screen reader asks for it."""
        action = self.node.get_action_iface()
        if action is None or not action.do_action(0):
            raise AssertionError(f"{self} has no action")

    def write(self, text):
        """Clicks it, until it has the keyboard, and types in place of what is there."""
        def has_keyboard():
            # A window that was moved a moment ago is not everywhere where it says it is.
            self.click()
            return any(self.has_state("FOCUSED") or time.sleep(0.05) for _ in range(20))

        wait_until(has_keyboard, TIMEOUT_S, lambda: f"{self} does not take the keyboard")
        self.window.keys("ctrl+a")
        self.window.type(text)

    def __str__(self):
        return f'{self.role} "{self.name}"'


class Window:
    """A program with one window."""

    def __init__(self, desk, name, command, pictures: Path, **more):
        self.desk, self.name, self.pictures = desk, name, pictures
        self.process = desk.start(name, command, **more)
        self.window_id = None

    def wait_open(self, timeout_s=START_TIMEOUT_S):
        """Waits until there is something to see and a tree to read."""
        def is_open():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.log()}")
            self.window_id = self._window_id()
            # The application and its frame are there before the first drawing fills them.
            return self.window_id and len(self.controls()) > 2

        wait_until(is_open, timeout_s, lambda: f"{self.name} opened no window: {self.log()}")
        return self

    def log(self):
        """What it said on standard error."""
        return (self.desk.logs / f"{self.name}.log").read_text(errors="replace").strip()

    # --- finding ---

    def controls(self):
        """Every control, from the top of the tree down."""
        application = self._application()
        found, waiting = [], [application] if application else []
        while waiting and len(found) < MAX_NODES:
            node = waiting.pop(0)
            try:
                node.clear_cache()
                found.append(Control(self, node))
                children = [node.get_child_at_index(place) for place in range(node.get_child_count())]
            except Exception:  # A node that went while it was looked at: the next walk will not meet it.
                continue
            waiting.extend(child for child in children if child is not None)
        return found

    def all(self, name=None, role=None, inside=None):
        """The controls of this name and role. A name is a string, or a function that says yes."""
        is_named = name if callable(name) else (lambda text: name is None or text == name)
        roles = (role,) if isinstance(role, str) else role
        matching = []
        for control in self.controls():
            try:
                if is_named(control.name) and (roles is None or control.role in roles):
                    if inside is None or inside(control):
                        matching.append(control)
            except Exception:  # It went meanwhile.
                continue
        return matching

    def find(self, name, role=None, timeout_s=TIMEOUT_S, inside=None):
        """Waits for a control."""
        def first():
            return next(iter(self.all(name, role, inside)), None)

        found = wait_until(first, timeout_s, lambda: self._not_there(name, role))
        found.again = lambda: self.find(name, role, timeout_s, inside)
        return found

    def focused(self):
        """What has the keyboard, in words; nothing where nothing has it."""
        for control in self.controls():
            try:
                if control.role not in ("application", "frame") and control.has_state("FOCUSED"):
                    return f"{control} {control.place}"
            except Exception:  # It went meanwhile.
                continue
        return None

    def find_focused(self, name, role=None):
        """Waits for a control that has the keyboard."""
        self.focus()

        def first():
            return next((control for control in self.all(name, role) if control.has_state("FOCUSED")), None)

        return wait_until(first, TIMEOUT_S, lambda: f"{name!r} has not the keyboard: {self._not_there(name, role)}")

    def gone(self, name, role=None, timeout_s=TIMEOUT_S):
        """Waits until there is no such control."""
        wait_until(lambda: not self.all(name, role), timeout_s, lambda: f"{self.name} still shows {name!r}")

    def shows(self, text, timeout_s=TIMEOUT_S):
        """Waits until a text is somewhere to be read, in a name or in a field."""
        def reads():
            for control in self.controls():
                try:
                    if text in control.name or text in control.text:
                        return control
                except Exception:
                    continue
            return None

        return wait_until(reads, timeout_s, lambda: self._not_there(text, None))

    def never_shows(self, text, for_s=1.5):
        """A text does not come within a time in which it would have come."""
        deadline = time.monotonic() + for_s
        while time.monotonic() < deadline:
            for control in self.controls():
                assert text not in control.name, f"{self.name} shows {text!r}"
            time.sleep(0.1)

    def nameless(self):
        """Controls that a screen reader cannot name."""
        interactive = {"button", "push button", "toggle button", "check box", "radio button", "entry", "text",
                       "password text", "menu item", "page tab", "list item", "link", "slider", "combo box", "switch"}
        return [control for control in self.all(role=tuple(interactive)) if not control.name.strip()]

    def tree(self):
        """The tree in words, for whoever looks for a name."""
        lines = []
        for control in self.controls():
            try:
                lines.append(f"{control} {control.place}")
            except Exception:
                lines.append(str(control))
        return "\n".join(lines)

    # --- doing ---

    def focus(self):
        """Brings it to the front and gives it the keyboard."""
        self.desk.run("xdotool", "windowactivate", "--sync", self.window_id)

    def type(self, text):
        """Types a text with real keys."""
        self.focus()
        self.desk.run("xdotool", "type", "--delay", str(KEY_DELAY_MS), "--", text)

    def keys(self, *keys):
        """Presses keys, as `ctrl+k` or `Return`."""
        self.focus()
        self.desk.run("xdotool", "key", "--delay", str(KEY_DELAY_MS), *keys)

    def put(self, place, size):
        """Moves and resizes it, until its controls are where they say they are."""
        self.desk.run("xdotool", "windowsize", self.window_id, *map(str, size))
        self.desk.run("xdotool", "windowmove", self.window_id, *map(str, place))

        def is_there():
            frame = next(iter(self.all(role="frame")), None)
            if frame is None:
                return False
            x, y, *its_size = frame.place
            near = abs(x - place[0]) <= FRAME_PX and abs(y - place[1]) <= FRAME_PX
            return near and tuple(its_size) == tuple(size)

        wait_until(is_there, TIMEOUT_S, lambda: f"{self.name} is not at {place} with {size}: {self.tree()}")

    def rest_pointer(self):
        """Takes the pointer off every control."""
        self.desk.run("xdotool", "mousemove", "1719", "999")

    def picture(self, name):
        """Photographs the window once it is at rest, and says where the picture is."""
        self.focus()
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{name}.png"
        before = None
        for _ in range(20):
            self.desk.run("import", "-window", self.window_id, str(path))
            now = self.desk.run("convert", str(path), "-format", "%#", "info:")
            if now == before:
                break
            before = now
            time.sleep(0.15)
        return path

    def close(self, timeout_s=TIMEOUT_S):
        """Closes it as its user does, and gives the exit status."""
        self.keys("alt+F4")
        return self.wait_ended(timeout_s)

    def wait_ended(self, timeout_s=TIMEOUT_S):
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end") from None

    def kill(self):
        """Takes it away without a word."""
        self.process.kill()
        self.process.wait()

    def end(self):
        end(self.process)

    # --- inside ---

    def _application(self):
        desktop = atspi().get_desktop(0)
        desktop.clear_cache()
        for place in range(desktop.get_child_count()):
            try:
                application = desktop.get_child_at_index(place)
                if application is not None and application.get_process_id() == self.process.pid:
                    return application
            except Exception:  # One that just ended.
                continue
        return None

    def _window_id(self):
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)]
        done = subprocess.run(command, env=self.desk.env, capture_output=True, text=True)
        return next(iter(done.stdout.split()), None)

    def _not_there(self, name, role):
        try:
            picture = self.picture(f"missing-{self.name}")
        except Exception as error:  # The picture only helps to understand.
            picture = error
        what = f"{role or 'control'} {name!r}" if not callable(name) else "what was looked for"
        return f"{self.name} shows no {what}. Picture: {picture}. It shows:\n{self.tree()}"
