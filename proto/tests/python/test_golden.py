"""The golden bytes of every message, read and written by Python's msgpack."""

import json
import pathlib
import unittest

import msgpack

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "messages.txt"


def entries():
    for block in GOLDEN.read_text(encoding="utf-8").split("\n\n"):
        if block.strip() and not block.startswith("#"):
            name, notation, digits = block.strip().split("\n")
            yield name, notation.strip(), bytes.fromhex(digits.strip())


def notation(value):
    """A value as the golden file writes it for people."""
    match value:
        case dict():
            return "{" + ", ".join(f"{notation(key)}: {notation(held)}" for key, held in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(notation, value)) + "]"
        case bytes():
            return f"h'{value.hex()}'"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
    raise ValueError(f"the protocol has no {type(value)}")


class Golden(unittest.TestCase):
    def test_every_message_is_one_entry_of_a_map_as_long_as_announced(self):
        for name, _, frame in entries():
            with self.subTest(name):
                self.assertEqual(int.from_bytes(frame[:4], "big"), len(frame) - 4)
                message = msgpack.unpackb(frame[4:])
                if not name.startswith("peer hello"):
                    self.assertEqual(len(message), 1)

    def test_every_message_reads_as_its_notation_and_writes_as_its_bytes(self):
        names = set()
        for name, written, frame in entries():
            with self.subTest(name):
                message = msgpack.unpackb(frame[4:])
                self.assertEqual(notation(message), written)
                self.assertEqual(msgpack.packb(message, use_bin_type=True), frame[4:])
            names.add(name)
        self.assertGreater(len(names), 100)
