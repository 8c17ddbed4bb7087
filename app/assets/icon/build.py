"""Makes `icon.ico` (Windows) and `icon.icns` (macOS) from `icon.svg`.

    pip install cairosvg pillow
    python3 build.py
"""

import struct
from io import BytesIO
from pathlib import Path

import cairosvg
from PIL import Image

HERE = Path(__file__).parent
# What Explorer, the task bar and the title bar show at 100 to 400 percent.
ICO_SIDES = [16, 20, 24, 32, 40, 48, 64, 256]
# Apple Icon Image format: the types that hold PNG, with their sides in pixels.
ICNS_TYPES = {b"icp4": 16, b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}


def picture(side: int) -> bytes:
    return cairosvg.svg2png(url=str(HERE / "icon.svg"), output_width=side, output_height=side)


def bitmap(side: int) -> bytes:
    """A picture as Windows has had it since its beginning; resource compilers take PNG for a side of 256 alone."""
    pixels = Image.open(BytesIO(picture(side))).convert("RGBA").tobytes("raw", "BGRA", 0, -1)
    header = struct.pack("<IiiHHIIiiII", 40, side, 2 * side, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    # The mask of one bit a pixel, in rows of whole words: the opacity of the pixels says it all.
    return header + pixels + bytes((side + 31) // 32 * 4 * side)


def ico() -> bytes:
    pictures = [bitmap(side) if side < 256 else picture(side) for side in ICO_SIDES]
    table, at = b"", 6 + 16 * len(pictures)
    for side, data in zip(ICO_SIDES, pictures):
        # A side of 256 is written as 0; one plane, 32 bits a pixel.
        table += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(data), at)
        at += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + table + b"".join(pictures)


def icns() -> bytes:
    body = b""
    for kind, side in ICNS_TYPES.items():
        png = picture(side)
        body += kind + struct.pack(">I", 8 + len(png)) + png
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


(HERE / "icon.ico").write_bytes(ico())
(HERE / "icon.icns").write_bytes(icns())
