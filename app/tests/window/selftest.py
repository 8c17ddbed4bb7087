"""The harness itself against a window: it sees names, clicks and keys reach the field, pictures are not empty.

Run with the gallery of the kit (`cargo build -p whoelse --example gallery`).
"""

import words
from window import Window


def run(desk, program, pictures, scene="chat"):
    window = Window(desk, "gallery", [str(program), scene], pictures).wait_open()
    names = [control.name for control in window.controls() if control.name]
    assert len(names) > 20, f"only {len(names)} named controls:\n{window.tree()}"
    window.find(lambda text: text.startswith("Message "), words.FIELD).write("typed with real keys 42")
    window.shows("typed with real keys 42")
    path = window.picture(f"selftest-{scene}")
    colours = int(desk.run("convert", str(path), "-format", "%k", "info:"))
    assert colours > 50, f"the picture {path} has {colours} colours"
    print(f"{len(names)} named controls, {colours} colours, {len(window.nameless())} controls without a name")
    assert window.close() == 0, window.log()
