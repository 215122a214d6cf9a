"""Uses of the generated types: mypy checks them, and running this reads what the server prints.

What must not pass has a `type: ignore` of the very error, which is itself an error where the line passes.
"""

import json
import sys
from typing import assert_type

from database import (
    AddArgs,
    Address,
    BookInsert,
    BookRow,
    BookUpdate,
    Email,
    EverythingRow,
    HappyBookInsert,
    HardNamesInsert,
    HardNamesRow,
    Json,
    Mood,
    MoodLabel,
    StatsReturns,
)

with open(sys.argv[1], encoding="utf-8") as file:
    rows: list[EverythingRow] = json.load(file)

first, second = rows
assert_type(first["id"], int)
assert_type(first["a_money"], str)
assert_type(first["a_numeric"], float)
assert_type(first["a_json"], Json)
assert_type(first["a_mood"], MoodLabel)
assert_type(first["matrix"], list[list[int]])
assert_type(first["an_address"], Address | None)
assert_type(first["an_email"], Email)
assert_type(first["maybe_text"], str | None)

assert set(EverythingRow.__annotations__) == set(first) == set(second)
assert first["a_bigint"] == 9007199254740993 and first["maybe_text"] is None
assert Mood(first["a_mood"]) is Mood.HAPPY and Mood.SO_SO.value == "so so"
assert [Mood(mood) for mood in second["some_moods"] or []] == [Mood.HAPPY, Mood.SO_SO]

book: BookInsert = {"title": "a", "author": "b", "mood": Mood.SAD, "translator": None}
by_label: BookInsert = {"title": "a", "author": "b", "mood": "so so"}
assert json.loads(json.dumps(book))["mood"] == "sad"
no_title: BookInsert = {"author": "b"}  # type: ignore[typeddict-item]
counted: BookInsert = {"title": "a", "author": "b", "id": 1}  # type: ignore[typeddict-unknown-key]
label: BookInsert = {"title": "a", "author": "b", "mood": "furious"}  # type: ignore[typeddict-item]
null: BookUpdate = {"author": None}  # type: ignore[typeddict-item]
nothing: BookUpdate = {}
shout: HappyBookInsert = {"shout": "A"}  # type: ignore[typeddict-unknown-key]
args: AddArgs = {"a": 1}


def titles(books: list[BookRow], stats: StatsReturns) -> list[str]:
    return [book["title"] for book in books] + [str(row["how many"]) for row in stats]


def hard(row: HardNamesRow) -> HardNamesInsert:
    assert_type(row["with \"quotes\""], str | None)
    assert_type(row["__private"], str | None)
    return {"1st": row["1st"], "a_b": row["a_b"], "aB": row["aB"], "class": row["class"], "😀": None}
