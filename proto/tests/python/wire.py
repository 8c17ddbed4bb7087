"""Frames (PROTOCOL.md, section 3): four bytes of length, then one MessagePack message."""

import struct

import msgpack

MAX_FRAME = 65536


def pack(name, /, **fields):
    """The frame of a message with these fields."""
    return frame(body(name, **fields))


def body(name, /, **fields):
    """The body of a message with these fields."""
    return msgpack.packb({name: fields}, use_bin_type=True)


def frame(data):
    """A body behind its length."""
    return struct.pack(">I", len(data)) + data


class Reader:
    """Cuts bytes into messages: the name, and what it holds."""

    def __init__(self):
        self._unread = bytearray()

    def feed(self, data):
        self._unread += data

    def next(self):
        """The next whole message, or None."""
        if len(self._unread) < 4:
            return None
        (length,) = struct.unpack_from(">I", self._unread)
        if length > MAX_FRAME:
            raise ValueError(f"a frame of {length} bytes")
        if len(self._unread) < 4 + length:
            return None
        message = unpack(bytes(self._unread[4 : 4 + length]))
        del self._unread[: 4 + length]
        return message


def unpack(data):
    """A body as its message's name and what it holds."""
    message = msgpack.unpackb(data, raw=False, strict_map_key=True)
    ((name, held),) = message.items()
    return name, held
