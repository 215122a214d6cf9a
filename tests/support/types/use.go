// Uses of the generated types: reads what the server prints, and writes what it takes.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"time"

	"types/database"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err == nil, err)
	var rows []database.EverythingRow
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	check(decoder.Decode(&rows) == nil, "rows")
	first, second := rows[0], rows[1]
	check(first.AnInt == -2147483648 && first.ABigint == 9007199254740993, first)
	check(first.ANumeric == "12345678.90", first.ANumeric)
	check(first.ATimestamptz.Equal(time.Date(2026, 2, 28, 10, 0, 0, 0, time.UTC)), first.ATimestamptz)
	check(first.AMood == database.MoodHappy, first.AMood)
	check(reflect.DeepEqual(first.Matrix, [][]int32{{1, 2}, {3, 4}}), first.Matrix)
	check(first.MaybeText == nil && *second.MaybeText == "", second.MaybeText)
	check(reflect.DeepEqual(second.SomeMoods, &database.Moods{database.MoodHappy, database.MoodSoSo}), second.SomeMoods)
	check(*second.AnAddress.Mood == database.MoodSad, second.AnAddress)

	// What was read is written as it was.
	var again []database.EverythingRow
	check(json.Unmarshal(written(rows), &again) == nil, "again")
	check(bytes.Equal(written(again), written(rows)), "again")

	book := database.BookInsert{Title: "a", Author: first.AUUID}
	check(string(written(book)) == `{"author":"`+first.AUUID+`","title":"a"}`, string(written(book)))
	// No value leaves a column alone; a value that is none makes it NULL.
	check(string(written(database.BookUpdate{})) == "{}", "nothing")
	null := database.BookUpdate{Translator: &database.Nullable[string]{}}
	check(string(written(null)) == `{"translator":null}`, string(written(null)))
	set := database.BookUpdate{Translator: &database.Nullable[string]{Value: "b", Valid: true}}
	check(string(written(set)) == `{"translator":"b"}`, string(written(set)))

	hard := database.HardNamesRow{X1st: 1, AB4: "aB", AB5: "a_b"}
	var names map[string]any
	check(json.Unmarshal(written(hard), &names) == nil && names["1st"] == 1.0, names)
	check(names["aB"] == "aB" && names["a_b"] == "a_b" && names["a b"] == nil, names)
	_, there := names["-"]
	check(there, names)
}

func written(value any) []byte {
	text, err := json.Marshal(value)
	check(err == nil, err)
	return text
}

func check(right bool, what any) {
	if !right {
		panic(what)
	}
}
