#!/usr/bin/env python3
"""Follows a tutorial: tutorial.py FILE.md FOLDER.

Blocks of ```console are run, `$ ` line by `$ ` line, in FOLDER; each line that the tutorial shows must be printed, in
that order, with any numbers in place of its numbers, and `…` standing for anything. A block after a line that ends in
"Write `name`:" is written to that file; "Add to `name`:" appends it. All else is for people.
"""

import pathlib
import re
import subprocess
import sys


def blocks(text):
    """Yields (language, words before the block, lines)."""
    before, language, lines = "", None, []
    for number, line in enumerate(text.splitlines(), 1):
        if language is None and line.startswith("```"):
            language, lines, start = line[3:].strip(), [], number
        elif language is not None and line == "```":
            yield language, before, lines, start
            language, before = None, ""
        elif language is not None:
            lines.append(line)
        elif line.strip():
            before = line.strip()


def pattern(line):
    """A line of output as a pattern: its numbers and times may be others."""
    parts = re.split(r"(\d+(?:[.:-]\d+)*|…)", line.rstrip())
    shown = "".join(".*" if p == "…" else r"\d+(?:[.:-]\d+)*" if p[:1].isdigit() else re.escape(p) for p in parts)
    # Columns are as wide as what stands in them.
    return re.compile(r"^\s*" + re.sub(r"(?:\\ )+", r"\\s+", shown) + r"\s*$")


def follow(command, wanted, folder, where):
    done = subprocess.run(["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = iter(done.stdout.splitlines())
    for line in wanted:
        if not any(pattern(line).match(got) for got in said):
            sys.exit(f"{where}: $ {command}\nexpected: {line}\n{done.stdout}(exit code {done.returncode})")
    # What a tutorial shows to fail, it says: a line that begins with "error:".
    fails = any(line.startswith("error:") for line in wanted)
    if (done.returncode != 0) != fails:
        sys.exit(f"{where}: $ {command}\nended with {done.returncode}\n{done.stdout}")


def main():
    tutorial, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    steps = 0
    for language, before, lines, start in blocks(tutorial.read_text()):
        where = f"{tutorial}:{start}"
        if named := re.search(r"(Write|Add to) `([^`]+)`:$", before):
            path = folder / named[2]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if named[1] == "Add to" else "w") as file:
                file.write("\n".join(lines) + "\n")
            steps += 1
        elif language == "console":
            command, wanted = None, []
            for line in [*lines, "$ "]:
                if line.startswith("$ "):
                    if command:
                        print(f"$ {command}", flush=True)
                        follow(command, wanted, folder, where)
                        steps += 1
                    command, wanted = line[2:], []
                elif line.strip():
                    wanted.append(line)
    if steps == 0:
        sys.exit(f"{tutorial}: nothing to follow")
    print(f"{steps} steps followed")


main()
