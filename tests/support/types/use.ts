// Uses of the generated types. What must not compile stands below `@ts-expect-error`, which is itself an error where
// the line compiles.
import { PostgrestClient } from "@supabase/postgrest-js"
import { Constants } from "./database.js"
import type { CompositeTypes, Database, Enums, Json, Tables, TablesInsert, TablesUpdate } from "./database.js"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<_T extends true>(): void {}

// Rows.
type Row = Tables<"everything">
same<Same<Row["id"], number>>()
same<Same<Row["a_money"], string>>()
same<Same<Row["a_numeric"], number>>()
same<Same<Row["a_json"], Json>>()
same<Same<Row["a_mood"], "happy" | "so so" | "sad">>()
same<Same<Row["an_email"], string>>()
same<Same<Row["a_short_code"], string>>()
same<Same<Row["some_moods"], Enums<"mood">[] | null>>()
same<Same<Row["an_address"], CompositeTypes<"address"> | null>>()
same<Same<CompositeTypes<"address">["codes"], number[] | null>>()
same<Same<Row["matrix"], number[][]>>()
same<Same<Row["feelings"], ("happy" | "so so" | "sad")[] | null>>()
same<Same<Row["doubled"], number | null>>()
same<Same<Tables<{ schema: "types" }, "everything">, Row>>()
same<Same<Tables<"book_count">["books"], number | null>>()
same<Same<Tables<"Hard names">["with \"quotes\""], string | null>>()
// @ts-expect-error There is no such table.
type _Missing = Tables<"nothing">
// @ts-expect-error A partition is not served.
type _Partition = Tables<"event_2026">

// Inserts: what has no default is needed, what the server makes is refused.
const book: TablesInsert<"book"> = { title: "a", author: "b" }
const _nulls: TablesInsert<"book"> = { ...book, translator: null, mood: "sad", tags: [] }
// @ts-expect-error The title is missing.
const _noTitle: TablesInsert<"book"> = { author: "b" }
// @ts-expect-error The server counts.
const _id: TablesInsert<"book"> = { ...book, id: 1 }
// @ts-expect-error The server computes.
const _doubled: TablesUpdate<"everything"> = { doubled: 1 }
// @ts-expect-error No such label.
const _mood: TablesInsert<"book"> = { ...book, mood: "furious" }
// @ts-expect-error A key cannot be NULL.
const _null: TablesUpdate<"book"> = { author: null }
const _counted: TablesInsert<"everything">["counted"] = 5

// Views: one can be written to, but not in its computed column; the other cannot.
const _viewed: TablesInsert<"happy_book"> = { title: "a", author: "b" }
// @ts-expect-error It is an expression.
const _shout: TablesInsert<"happy_book"> = { shout: "A" }
same<Same<TablesInsert<"book_count">, never>>()

// Values of enumerated types exist at run time.
const _label: "happy" = Constants.types.Enums.mood[0]
same<Same<Enums<"empty_enum">, never>>()

// The client of PostgREST infers from them.
const client = new PostgrestClient<Database, object, "types">("http://localhost", { schema: "types" })

export async function queries() {
  const { data } = await client.from("book").select("title, mood, shout, author(name), translator:author!book_translator_fkey(mail)").single()
  if (data) {
    same<Same<typeof data.title, string>>()
    same<Same<typeof data.mood, Enums<"mood">>>()
    same<Same<typeof data.shout, string | null>>()
  }
  const { data: all } = await client.from("book").select("*")
  if (all?.[0]) {
    // @ts-expect-error A computed field is not in `*`.
    void all[0].shout
  }
  // One to one: an object, not a list.
  const { data: author } = await client.from("author").select("name, profile(about), book!book_author_fkey(title)").single()
  if (author) {
    same<Same<NonNullable<typeof author.profile>["about"], string | null>>()
    same<Same<(typeof author.book)[number]["title"], string>>()
  }
  await client.from("book").insert(book)
  await client.from("book").update({ tags: ["a"] }).eq("id", 1)
  // @ts-expect-error There is no such column.
  await client.from("book").update({ pages: 1 })
  // @ts-expect-error Nothing can be added to it.
  await client.from("every_title").insert({ title: "a" })

  const { data: sum } = await client.rpc("add", { a: 1 })
  same<Same<NonNullable<typeof sum>, number>>()
  // @ts-expect-error `a` is missing.
  await client.rpc("add", { b: 1 })
  const { data: found } = await client.rpc("books_of", { author: "a" }).select("title")
  same<Same<NonNullable<typeof found>[number], { title: string }>>()
  const { data: stats } = await client.rpc("stats", { of: "sad" })
  same<Same<NonNullable<typeof stats>[number]["how many"], number>>()
  const { data: two } = await client.rpc("two")
  same<Same<NonNullable<typeof two>["other"], string>>()
  await client.rpc("forget", { book: 1 })
  await client.rpc("forget", { title: "a" })
  // @ts-expect-error It has an argument without a name that is no document.
  await client.rpc("not_callable")
  // @ts-expect-error A trigger's function cannot be called.
  await client.rpc("touch")
}
