//! TypeScript, in the shape that clients of PostgREST know (`@supabase/postgrest-js`, `supabase gen types`): one type
//! `Database`, and helpers that take pieces of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{Column, Function, Link, Relation, Returns, Scalar, Schema, Type};
use super::text::{comment, header, quoted};

/// How deep the entries of a section stand.
const ENTRY: usize = 6;

/// The file.
pub fn render(schema: &Schema) -> String {
    let mut generator = Generator {
        out: format!("// {}\n{JSON}", header(&schema.name, "typescript")),
        at: format!("Database[{}]", quoted(&schema.name)),
        views: schema.relations.iter().filter(|r| r.view).map(|r| r.name.as_str()).collect(),
        domains: schema.domains.iter().map(|d| (d.name.as_str(), &d.base)).collect(),
    };
    generator.database(schema);
    generator.line(0, &format!("\ntype DefaultSchema = {}", generator.at));
    generator.out.push_str(HELPERS);
    generator.constants(schema);
    generator.out
}

const JSON: &str = "
export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

";

/// The names and parameters are those that Supabase's users have in their code.
const HELPERS: &str = r#"
type Relations = DefaultSchema["Tables"] & DefaultSchema["Views"]

type Part<T, Name extends string> = T extends { [K in Name]: infer P } ? P : never

type Chosen<T, Name> = T extends { schema: keyof Database } ? Name : T

export type Tables<
  T extends keyof Relations | { schema: keyof Database },
  Name extends T extends { schema: keyof Database } ? keyof Relations : never = never,
> = Part<Relations[Chosen<T, Name> & keyof Relations], "Row">

export type TablesInsert<
  T extends keyof Relations | { schema: keyof Database },
  Name extends T extends { schema: keyof Database } ? keyof Relations : never = never,
> = Part<Relations[Chosen<T, Name> & keyof Relations], "Insert">

export type TablesUpdate<
  T extends keyof Relations | { schema: keyof Database },
  Name extends T extends { schema: keyof Database } ? keyof Relations : never = never,
> = Part<Relations[Chosen<T, Name> & keyof Relations], "Update">

export type Enums<
  T extends keyof DefaultSchema["Enums"] | { schema: keyof Database },
  Name extends T extends { schema: keyof Database } ? keyof DefaultSchema["Enums"] : never = never,
> = DefaultSchema["Enums"][Chosen<T, Name> & keyof DefaultSchema["Enums"]]

export type CompositeTypes<
  T extends keyof DefaultSchema["CompositeTypes"] | { schema: keyof Database },
  Name extends T extends { schema: keyof Database } ? keyof DefaultSchema["CompositeTypes"] : never = never,
> = DefaultSchema["CompositeTypes"][Chosen<T, Name> & keyof DefaultSchema["CompositeTypes"]]
"#;

struct Generator<'s> {
    out: String,
    at: String,
    views: HashSet<&'s str>,
    domains: HashMap<&'s str, &'s Type>,
}

impl<'s> Generator<'s> {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn doc(&mut self, depth: usize, text: Option<&str>) {
        let lines: Vec<String> = comment(text).iter().map(|l| l.replace("*/", "*\\/")).collect();
        match lines.as_slice() {
            [] => {}
            [one] => self.line(depth, &format!("/** {one} */")),
            several => {
                self.line(depth, "/**");
                several.iter().for_each(|l| self.line(depth, &format!(" * {l}")));
                self.line(depth, " */");
            }
        }
    }

    fn database(&mut self, schema: &'s Schema) {
        let functions = schema.functions.iter().fold(BTreeMap::<_, Vec<_>>::new(), |mut all, f| {
            all.entry(f.name.as_str()).or_default().push(f);
            all
        });
        self.line(0, "export type Database = {");
        self.line(2, &format!("{}: {{", key(&schema.name)));
        self.section("Tables", schema.relations.iter().filter(|r| !r.view), Self::relation);
        self.section("Views", schema.relations.iter().filter(|r| r.view), Self::relation);
        self.section("Functions", functions.iter(), |g, (name, all)| g.function(name, all));
        self.section("Enums", schema.enums.iter(), |g, e| {
            g.doc(ENTRY, e.comment.as_deref());
            let labels: Vec<String> = e.labels.iter().map(|l| quoted(l)).collect();
            let labels = if labels.is_empty() { "never".to_owned() } else { labels.join(" | ") };
            g.line(ENTRY, &format!("{}: {labels}", key(&e.name)));
        });
        self.section("CompositeTypes", schema.composites.iter(), |g, c| {
            g.doc(ENTRY, c.comment.as_deref());
            g.line(ENTRY, &format!("{}: {{", key(&c.name)));
            c.attributes.iter().for_each(|a| g.read(ENTRY + 2, a));
            g.line(ENTRY, "}");
        });
        self.line(2, "}");
        self.line(0, "}");
    }

    fn section<I>(&mut self, name: &str, items: impl Iterator<Item = I>, entry: impl Fn(&mut Self, I)) {
        self.line(4, &format!("{name}: {{"));
        let before = self.out.len();
        items.for_each(|item| entry(self, item));
        if self.out.len() == before {
            // An object type without any key; `{}` would be any value at all.
            self.line(ENTRY, "[_ in never]: never");
        }
        self.line(4, "}");
    }

    fn relation(&mut self, relation: &Relation) {
        self.doc(ENTRY, relation.comment.as_deref());
        self.line(ENTRY, &format!("{}: {{", key(&relation.name)));
        self.object("Row", |g| {
            relation.columns.iter().for_each(|c| g.read(ENTRY + 4, c));
            for computed in &relation.computed {
                g.line(ENTRY + 4, &format!("{}: {} | null", key(&computed.name), g.ty(&computed.ty)));
            }
        });
        if relation.insert {
            self.object("Insert", |g| relation.columns.iter().for_each(|c| g.write(c, c.optional())));
        }
        if relation.update {
            self.object("Update", |g| relation.columns.iter().for_each(|c| g.write(c, true)));
        }
        if !relation.computed.is_empty() {
            let names: Vec<String> = relation.computed.iter().map(|c| quoted(&c.name)).collect();
            self.line(ENTRY + 2, &format!("ComputedFields: {}", names.join(" | ")));
        }
        if relation.links.is_empty() {
            self.line(ENTRY + 2, "Relationships: []");
        } else {
            self.line(ENTRY + 2, "Relationships: [");
            relation.links.iter().for_each(|l| self.link(l));
            self.line(ENTRY + 2, "]");
        }
        self.line(ENTRY, "}");
    }

    fn object(&mut self, name: &str, fields: impl FnOnce(&mut Self)) {
        self.line(ENTRY + 2, &format!("{name}: {{"));
        let before = self.out.len();
        fields(self);
        if self.out.len() == before {
            self.line(ENTRY + 4, "[_ in never]: never");
        }
        self.line(ENTRY + 2, "}");
    }

    /// A column as it is read.
    fn read(&mut self, depth: usize, column: &Column) {
        self.doc(depth, column.comment.as_deref());
        self.line(depth, &format!("{}: {}", key(&column.name), self.nullable(column)));
    }

    /// A column as it is written.
    fn write(&mut self, column: &Column, optional: bool) {
        let (mark, ty) = match column.writable {
            true => (if optional { "?" } else { "" }, self.nullable(column)),
            false => ("?", "never".to_owned()),
        };
        self.line(ENTRY + 4, &format!("{}{mark}: {ty}", key(&column.name)));
    }

    fn link(&mut self, link: &Link) {
        let list = |names: &[String]| names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ");
        self.line(ENTRY + 4, "{");
        self.line(ENTRY + 6, &format!("foreignKeyName: {}", quoted(&link.name)));
        self.line(ENTRY + 6, &format!("columns: [{}]", list(&link.columns)));
        self.line(ENTRY + 6, &format!("isOneToOne: {}", link.one_to_one));
        self.line(ENTRY + 6, &format!("referencedRelation: {}", quoted(&link.target)));
        self.line(ENTRY + 6, &format!("referencedColumns: [{}]", list(&link.target_columns)));
        self.line(ENTRY + 4, "},");
    }

    fn function(&mut self, name: &str, all: &[&Function]) {
        if let [one] = all {
            self.doc(ENTRY, one.comment.as_deref());
            self.call(ENTRY, &format!("{}: ", key(name)), one);
            return;
        }
        self.line(ENTRY, &format!("{}:", key(name)));
        all.iter().for_each(|one| self.call(ENTRY + 2, "| ", one));
    }

    /// What a function is given and returns, in one line where that is readable.
    fn call(&mut self, depth: usize, before: &str, function: &Function) {
        let parts = self.parts(function);
        let line = format!("{before}{}", braces(&parts));
        if depth + line.chars().count() <= 100 {
            return self.line(depth, &line);
        }
        self.line(depth, &format!("{before}{{"));
        // What comes after a bar stands below what is behind it.
        let inner = if before == "| " { depth + 2 } else { depth };
        parts.iter().for_each(|part| self.line(inner + 2, part));
        self.line(inner, "}");
    }

    /// Arguments and result of a function, and of which table or view the result is.
    fn parts(&self, function: &Function) -> Vec<String> {
        let arguments: Vec<String> = function
            .arguments
            .iter()
            .map(|a| format!("{}{}: {}", key(&a.name), if a.default { "?" } else { "" }, self.ty(&a.ty)))
            .collect();
        let arguments = if arguments.is_empty() { "never".to_owned() } else { braces(&arguments) };
        let one = match &function.returns {
            Returns::Nothing => "undefined".to_owned(),
            Returns::Value(ty) => self.ty(ty),
            Returns::AnyRow => "Record<string, unknown>".to_owned(),
            Returns::Columns(columns) => {
                braces(&columns.iter().map(|c| format!("{}: {}", key(&c.name), self.nullable(c))).collect::<Vec<_>>())
            }
        };
        let many = if function.set { "[]" } else { "" };
        let mut parts = vec![format!("Args: {arguments}"), format!("Returns: {one}{many}")];
        if let Returns::Value(Type::Row(to)) = &function.returns {
            let from = function.arguments.iter().find_map(|a| match &a.ty {
                Type::Row(from) if function.arguments.len() == 1 => Some(from.as_str()),
                _ => None,
            });
            parts.push(format!(
                "SetofOptions: {{ from: {}; to: {}; isOneToOne: {}; isSetofReturn: {} }}",
                quoted(from.unwrap_or("*")),
                quoted(to),
                !function.set,
                function.set
            ));
        }
        parts
    }

    /// Values of the enumerated types, for code that runs.
    fn constants(&mut self, schema: &Schema) {
        self.line(0, "\nexport const Constants = {");
        self.line(2, &format!("{}: {{", key(&schema.name)));
        self.line(4, "Enums: {");
        for e in &schema.enums {
            let labels: Vec<String> = e.labels.iter().map(|l| quoted(l)).collect();
            self.line(ENTRY, &format!("{}: [{}],", key(&e.name), labels.join(", ")));
        }
        self.line(4, "},");
        self.line(2, "},");
        self.line(0, "} as const");
    }

    fn nullable(&self, column: &Column) -> String {
        format!("{}{}", self.ty(&column.ty), if column.nullable { " | null" } else { "" })
    }

    fn ty(&self, ty: &Type) -> String {
        let in_schema = |section: &str, name: &str| format!("{}[\"{section}\"][{}]", self.at, quoted(name));
        match ty {
            Type::Scalar(scalar) => of_scalar(*scalar).to_owned(),
            Type::Array(inner) => format!("{}[]", self.ty(inner)),
            Type::Enum(name) => in_schema("Enums", name),
            Type::Composite(name) => in_schema("CompositeTypes", name),
            // Supabase's clients know no domains.
            Type::Domain(name) => self.domains.get(name.as_str()).map_or("unknown".to_owned(), |base| self.ty(base)),
            Type::Row(name) => {
                let section = if self.views.contains(name.as_str()) { "Views" } else { "Tables" };
                format!("{}[\"Row\"]", in_schema(section, name))
            }
        }
    }
}

fn of_scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "boolean",
        Scalar::Int2 | Scalar::Int4 | Scalar::Int8 | Scalar::Float4 | Scalar::Float8 | Scalar::Numeric => "number",
        Scalar::Uuid | Scalar::Date | Scalar::Time | Scalar::Timestamp | Scalar::TimestampTz | Scalar::Text => "string",
        Scalar::Json => "Json",
    }
}

/// The key of a property.
fn key(name: &str) -> String {
    let plain =
        name.chars().enumerate().all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || (i > 0 && c.is_ascii_digit()));
    if plain && !name.is_empty() { name.to_owned() } else { quoted(name) }
}

fn braces(parts: &[String]) -> String {
    if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join("; ")) }
}
