//! Each language's file for a schema with one of everything, names included.
#![allow(clippy::unwrap_used)]

use rstest::rstest;

use super::model::{
    Column, Composite, Computed, Domain, Enum, Function, Link, Relation, Returns, Scalar, Schema, Type,
};
use super::{Language, render};

fn column(name: &str, ty: Type) -> Column {
    let (sql, comment) = (String::new(), None);
    Column { name: name.into(), ty, sql, comment, nullable: false, default: false, writable: true }
}

fn text(name: &str) -> Column {
    column(name, Type::Scalar(Scalar::Text))
}

fn nullable(column: Column) -> Column {
    Column { nullable: true, ..column }
}

fn default(column: Column) -> Column {
    Column { default: true, ..column }
}

fn relation(name: &str, columns: Vec<Column>) -> Relation {
    Relation {
        name: name.into(),
        view: false,
        comment: None,
        columns,
        key: Vec::new(),
        computed: Vec::new(),
        links: Vec::new(),
        insert: true,
        update: true,
        delete: true,
    }
}

fn function(name: &str, arguments: Vec<Column>, returns: Returns, set: bool) -> Function {
    Function { name: name.into(), comment: None, arguments, returns, set, reads_only: true }
}

fn enumerated(name: &str, labels: &[&str]) -> Enum {
    Enum { name: name.into(), comment: None, labels: labels.iter().map(|l| (*l).to_owned()).collect() }
}

/// Names that a generator gets wrong most often.
const HARD: &[&str] = &[
    "1st",
    "__x",
    "aB",
    "a_b",
    "a`b",
    "a,b",
    "class",
    "größe",
    "int",
    "it's \"this\"",
    "self",
    "select",
    "string",
    "type",
    "with space",
    "日本",
    "😀",
];

fn schema() -> Schema {
    let int = || Type::Scalar(Scalar::Int4);
    let status = || Type::Enum("status".into());
    let row = || Type::Row("todos".into());
    let todos = Relation {
        comment: Some("What is to be done.\nNot: */ what was done.".into()),
        key: vec!["id".into()],
        computed: vec![Computed { name: "short".into(), ty: Type::Scalar(Scalar::Text) }],
        links: vec![Link {
            name: "todos_Hard names_fkey".into(),
            columns: vec!["id".into()],
            one_to_one: true,
            target: "Hard names".into(),
            target_columns: vec!["1st".into()],
        }],
        ..relation(
            "todos",
            vec![
                nullable(column("address", Type::Composite("address".into()))),
                nullable(column("at", Type::Scalar(Scalar::TimestampTz))),
                column("email", Type::Domain("email".into())),
                Column { writable: false, ..default(column("id", Type::Scalar(Scalar::Int8))) },
                nullable(column("meta", Type::Scalar(Scalar::Json))),
                default(nullable(column("price", Type::Scalar(Scalar::Numeric)))),
                default(column("status", status())),
                column("tags", Type::Array(Box::new(Type::Scalar(Scalar::Text)))),
                Column {
                    sql: "character varying(80)".into(),
                    comment: Some("Said in \u{202e}one line".into()),
                    ..text("title")
                },
            ],
        )
    };
    let view = Relation {
        view: true,
        insert: false,
        update: false,
        delete: false,
        ..relation("open_todos", vec![nullable(text("title"))])
    };
    Schema {
        name: "to do".into(),
        relations: vec![
            relation("Hard names", HARD.iter().map(|n| text(n)).collect()),
            relation("empty", Vec::new()),
            view,
            todos,
        ],
        functions: vec![
            function("add", vec![column("a", int()), default(column("b", int()))], Returns::Value(int()), false),
            Function { reads_only: false, ..function("clear", Vec::new(), Returns::Nothing, false) },
            function("find", vec![column("id", int())], Returns::Value(row()), true),
            function("find", vec![text("title")], Returns::Value(row()), true),
            function("raw", vec![column("", Type::Scalar(Scalar::Json))], Returns::AnyRow, false),
            function("short", vec![column("todo", row())], Returns::Value(Type::Scalar(Scalar::Text)), false),
            function("stats", vec![column("of", status())], Returns::Columns(vec![column("count", int())]), true),
        ],
        enums: vec![
            enumerated("none yet", &[]),
            enumerated("option", &["a b", "A_B", "", "1", "None", "größe", "x\"y"]),
            enumerated("status", &["open", "done"]),
            enumerated("todos_row", &["x"]),
        ],
        domains: vec![Domain {
            name: "email".into(),
            comment: Some("Has an @.".into()),
            base: Type::Scalar(Scalar::Text),
            sql: "text".into(),
        }],
        composites: vec![Composite {
            name: "address".into(),
            comment: None,
            attributes: vec![nullable(text("city")), nullable(column("kind", status()))],
        }],
    }
}

#[rstest]
#[case(Language::Typescript, "ts")]
#[case(Language::Rust, "rs")]
#[case(Language::Python, "py")]
#[case(Language::Go, "go")]
#[case(Language::Openapi, "json")]
fn one_of_everything(#[case] language: Language, #[case] extension: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("everything.{extension}"), render(language, &schema(), None));
    });
}

#[rstest]
fn an_empty_schema_has_a_file_in_each_language(
    #[values(Language::Typescript, Language::Rust, Language::Python, Language::Go, Language::Openapi)]
    language: Language,
) {
    let text = render(language, &Schema { name: "empty".into(), ..Schema::default() }, None);
    assert!(text.contains("empty") && text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
}

#[rstest]
#[case(Some("internal/db/types.go"), "package db\n")]
#[case(Some("types.go"), "package database\n")]
#[case(Some("my-app/types.go"), "package database\n")]
#[case(Some("go/types.go"), "package database\n")]
#[case(None, "package database\n")]
fn a_go_file_is_in_the_package_of_its_folder(#[case] output: Option<&str>, #[case] package: &str) {
    let text = render(Language::Go, &schema(), output.map(std::path::Path::new));
    assert!(text.contains(package), "{text}");
}
