#!/usr/bin/env python3
"""Makes an SVG picture of what a terminal shows.

Reads text with ANSI colours from stdin, as `tmux capture-pane -e -p` prints it, and writes the SVG to stdout:

    tmux capture-pane -e -p -t SESSION | docs/images/terminal-svg.py > docs/images/dev.svg

The picture follows the reader's light or dark colour scheme. Needs nothing but Python 3.
"""

import re
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, FONT, MARGIN = 8.4, 19, 14, 16
NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
LIGHT = ["#1f2328", "#b3261e", "#1a7f37", "#8a6100", "#0550ae", "#8250df", "#0b6e78", "#57606a"]
DARK = ["#484f58", "#ff7b72", "#3fb950", "#d8a32b", "#79b8ff", "#d2a8ff", "#4fc6d3", "#e6edf3"]


def apply(codes, style):
    """The style after an SGR sequence: (colour name or None, bold, dim)."""
    colour, bold, dim = style
    numbers = [int(code or 0) for code in codes.split(";")]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            colour, bold, dim = None, False, False
        elif code == 1:
            bold = True
        elif code == 2:
            dim = True
        elif code == 22:
            bold = dim = False
        elif code == 39:
            colour = None
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = NAMES[code % 10]
        elif code == 38 and numbers[:1] == [5]:
            index = numbers[1]
            colour, numbers = (NAMES[index % 8] if index < 16 else None), numbers[2:]
        elif code in (38, 48):
            # Other palettes: shown in the usual colour.
            numbers = numbers[2:] if numbers[:1] == [5] else numbers[4:]
    return colour, bold, dim


def runs(lines):
    """(row, column, style, text) of every piece of text that is not blank."""
    style = (None, False, False)
    for row, line in enumerate(lines):
        column = 0
        for position, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", line)):
            if position % 2:
                style = apply(part, style)
                continue
            for piece in re.finditer(r"\S+(?: \S+)*", part):
                yield row, column + piece.start(), style, piece.group()
            column += len(part)


def picture(lines):
    columns = max((len(re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()) for line in lines), default=0)
    width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    rules = lambda colours: "".join(f".{name}{{fill:{value}}}" for name, value in zip(NAMES, colours))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<style>",
        f"text{{font:{FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}}",
        f"rect{{fill:#f6f8fa;stroke:#d0d7de}}.bold{{font-weight:bold}}.dim{{opacity:.65}}{rules(LIGHT)}",
        f"@media(prefers-color-scheme:dark){{rect{{fill:#0d1117;stroke:#30363d}}text{{fill:#e6edf3}}{rules(DARK)}}}",
        "</style>",
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>',
    ]
    for row, column, (colour, bold, dim), text in runs(lines):
        classes = " ".join(filter(None, [colour, bold and "bold", dim and "dim"]))
        x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT + FONT
        attributes = f' class="{classes}"' if classes else ""
        # The length keeps columns straight, whichever font the reader has.
        length = f'textLength="{len(text) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
        out.append(f'<text x="{x:.1f}" y="{y}" {length}{attributes}>{escape(text)}</text>')
    return "\n".join([*out, "</svg>", ""])


def main():
    lines = sys.stdin.read().split("\n")
    prompt = lambda line: re.sub(r"\x1b\[[0-9;]*m", "", line).strip() in ("", "$")
    while lines and prompt(lines[-1]):
        lines.pop()
    sys.stdout.write(picture(lines))


main()
