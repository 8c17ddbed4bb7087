"""Makes the two font files of the app from `InterVariable.woff2` of the npm package `inter-ui` 4.1.

    pip install fonttools brotli
    npm pack inter-ui@4.1.1 && tar xzf inter-ui-4.1.1.tgz
    python3 build.py package/variable/InterVariable.woff2

`Inter.ttf` keeps every character and the weights 400 to 700 at the optical size of text.
`InterNumbers.ttf` holds the characters of times and counts, with the `tnum` feature frozen into the
character map: egui shapes text without OpenType features, so tabular digits cannot be asked for.
"""

import sys
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

NUMBERS = "0123456789:.,-/% +"
HERE = Path(__file__).parent


def text_font(source: str) -> TTFont:
    """Inter with the axis `wght` from 400 to 700 and nothing else."""
    font = TTFont(source)
    font = instantiateVariableFont(font, {"opsz": 14, "wght": (400, 400, 700)})
    buffer = BytesIO()
    font.flavor = None
    font.save(buffer)
    buffer.seek(0)
    return TTFont(buffer)


def tabular(font: TTFont) -> dict[str, str]:
    """What `tnum` puts in place of each glyph."""
    gsub = font["GSUB"].table
    lookups = {
        index
        for record in gsub.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    mapping: dict[str, str] = {}
    for index in sorted(lookups):
        for table in gsub.LookupList.Lookup[index].SubTable:
            table = getattr(table, "ExtSubTable", table)
            mapping.update(getattr(table, "mapping", {}))
    return mapping


def freeze(font: TTFont, mapping: dict[str, str]) -> None:
    """Points the character map at the tabular glyphs."""
    for table in font["cmap"].tables:
        for code, glyph in table.cmap.items():
            if chr(code) in NUMBERS:
                table.cmap[code] = mapping.get(glyph, glyph)


def subset(font: TTFont, characters: set[int], features: list[str], path: Path) -> None:
    """Keeps `characters` and writes the font without hints."""
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.glyph_names = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(path)
    print(path.name, path.stat().st_size)


def main() -> None:
    """Writes both files beside this script."""
    source = sys.argv[1]
    text = text_font(source)
    subset(text, set(text.getBestCmap()), ["kern", "mark", "mkmk", "ccmp"], HERE / "Inter.ttf")
    numbers = text_font(source)
    freeze(numbers, tabular(numbers))
    subset(numbers, {ord(c) for c in NUMBERS}, [], HERE / "InterNumbers.ttf")


if __name__ == "__main__":
    main()
