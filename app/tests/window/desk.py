"""A desk of its own: a screen, a session bus with accessibility, a window manager.

Everything is started here and ended here, each by its own process id.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

# The screen is large enough for two windows side by side, and for the settings at the largest text.
SCREEN = (1720, 1000)

# A slow machine with other work needs seconds for the first frame of software GL.
START_TIMEOUT_S = 60.0


class Desk:
    """A screen on which windows can be opened. To be used in a `with` statement."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.stack = contextlib.ExitStack()
        self.env = {}

    def __enter__(self):
        try:
            self._open()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _open(self):
        self.logs.mkdir(parents=True, exist_ok=True)
        # Nothing of this user's desk reaches the tests, nor the other way round.
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="whoelse-desk-")))
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "RUST_BACKTRACE") if name in os.environ}
        self.env = keep | {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "LC_ALL": "C.UTF-8",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "GALLIUM_DRIVER": "llvmpipe",
            "NO_AT_BRIDGE": "0",
            "GTK_MODULES": "gail:atk-bridge",
        }
        self.env["DISPLAY"] = self._start_screen()
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        self._enable_accessibility()
        self.start("openbox", ["openbox", "--config-file", str(Path(__file__).parent / "openbox.xml")])
        wait_until(lambda: self._has_window_manager(), START_TIMEOUT_S, "the window manager did not start")
        # The accessibility library of this process talks to the same bus and screen.
        os.environ.update({name: self.env[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")})
        for name in ("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "AT_SPI_BUS_ADDRESS"):
            os.environ.pop(name, None)

    def start(self, name, command, **more):
        """Starts a program that ends with the desk. Its words go to a file of this name."""
        log = self.stack.enter_context(open(self.logs / f"{name}.log", "wb"))
        process = subprocess.Popen(
            command, env=self.env | more.pop("env", {}), stdin=subprocess.DEVNULL, stderr=log,
            **({"stdout": log} | more),
        )
        self.stack.callback(end, process)
        return process

    def run(self, *command):
        """Runs a tool to its end and gives what it said."""
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=START_TIMEOUT_S)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def folder(self):
        """A new folder that goes with the desk."""
        return Path(tempfile.mkdtemp(dir=self.env["HOME"]))

    def _start_screen(self):
        reading, writing = os.pipe()
        width, height = SCREEN
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp",
                   "-noreset", "+extension", "GLX", "+extension", "RANDR"]
        self.start("screen", command, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("the screen did not start; see screen.log")
        return f":{number}"

    def _start_bus(self):
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        bus = self.start("bus", command, stdout=subprocess.PIPE)
        address = bus.stdout.readline().decode().strip()
        if not address:
            raise RuntimeError("the session bus did not start; see bus.log")
        return address

    def _enable_accessibility(self):
        # What a screen reader does at its start.
        self.run("dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus",
                 "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled",
                 "variant:boolean:true")

    def _has_window_manager(self):
        return "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")


def end(process):
    """Ends one program: asks, waits, then makes it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_true, timeout_s, otherwise):
    """Waits until something is true; gives what it was."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = is_true()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.05)


def missing_tools():
    """The tools that are not on this machine."""
    tools = ["Xvfb", "openbox", "dbus-daemon", "dbus-send", "xdotool", "xprop", "import", "convert"]
    return [tool for tool in tools if not shutil.which(tool)]
