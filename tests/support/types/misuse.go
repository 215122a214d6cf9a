// Must not compile: there is no such column, a title is no number, and a column that the server counts is not written.
package main

import "types/database"

func main() {
	_ = database.BookUpdate{Pages: nil}
	_ = database.BookInsert{Title: 1}
	_ = database.BookInsert{ID: 1}
}
