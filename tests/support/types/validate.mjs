// Validates an OpenAPI document by the published JSON Schema of OpenAPI 3.1, and that each reference leads somewhere.
import { readFileSync } from "node:fs"
import { Validator } from "@seriousme/openapi-schema-validator"

const text = readFileSync(process.argv[2], "utf8")
const document = JSON.parse(text)
const validator = new Validator()
const result = await validator.validate(document)
if (!result.valid || validator.version !== "3.1") {
  throw new Error(`not OpenAPI 3.1: ${JSON.stringify(result.errors, null, 2)}`)
}
const decoded = (part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")
for (const [, reference] of text.matchAll(/"\$ref": ("(?:[^"\\]|\\.)*")/g)) {
  const path = JSON.parse(reference).slice(2).split("/").map(decoded)
  if (path.reduce((at, part) => at?.[part], document) === undefined) throw new Error(`${reference} leads nowhere`)
}

// A few things that a reader of it counts on.
const { paths, components } = document
const same = (a, b) => {
  if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`)
}
same(Object.keys(paths["/book"]), ["summary", "get", "post", "patch", "delete"])
same(Object.keys(paths["/book_count"]), ["summary", "get"])
same(Object.keys(paths["/rpc/add"]), ["get", "post"])
same(Object.keys(paths["/rpc/forget"]), ["post"])
same(paths["/event_2026"], undefined)
same(components.schemas["book.insert"].required, ["author", "title"])
same(components.schemas["book.update"].required, undefined)
same(components.schemas.book.properties.id, { type: "integer", format: "int32" })
same(components.schemas.everything.properties.a_varchar, { type: "string", maxLength: 20 })
same(components.schemas.everything.properties.maybe_text, { type: ["string", "null"] })
same(components.schemas.mood.enum, ["happy", "so so", "sad"])
