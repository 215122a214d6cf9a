//! Uses of the generated types: reads what the server prints, and writes what it takes.

#[deny(warnings)]
#[allow(dead_code)]
mod database;

use database::{AddArgs, BookInsert, BookUpdate, EverythingRow, HardNamesRow, Mood};

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let text = std::fs::read_to_string(path).expect("the file");
    let rows: Vec<EverythingRow> = serde_json::from_str(&text).expect("rows");
    let [first, second] = &rows[..] else { panic!("two rows") };
    assert_eq!((first.an_int, first.a_bigint), (i32::MIN, 9007199254740993));
    assert_eq!(first.a_numeric, "12345678.90".parse().unwrap());
    assert_eq!(first.a_timestamptz, "2026-02-28T10:00:00Z".parse().unwrap());
    assert_eq!(first.a_mood, Mood::Happy);
    assert_eq!(first.matrix, [[1, 2], [3, 4]]);
    assert_eq!((&first.maybe_text, &second.maybe_text), (&None, &Some(String::new())));
    assert_eq!(second.some_moods, Some(vec![Mood::Happy, Mood::SoSo]));
    assert_eq!(second.an_address.as_ref().and_then(|a| a.mood), Some(Mood::Sad));

    // What was read is written as it was, but for the texts that numerics become.
    let again: Vec<EverythingRow> = serde_json::from_str(&serde_json::to_string(&rows).unwrap()).unwrap();
    assert_eq!(again, rows);

    let written = |value: &dyn erased::Json| value.json();
    let book = BookInsert { title: "a".into(), author: first.a_uuid, translator: None, mood: None, tags: None };
    assert_eq!(written(&book), format!(r#"{{"author":"{}","title":"a"}}"#, first.a_uuid));
    // No value leaves a column alone; a value that is none makes it NULL.
    assert_eq!(written(&BookUpdate::default()), "{}");
    let update = BookUpdate { translator: Some(None), ..BookUpdate::default() };
    assert_eq!(written(&update), r#"{"translator":null}"#);
    assert_eq!(serde_json::from_str::<BookUpdate>(r#"{"translator":null}"#).unwrap(), update);
    assert_eq!(written(&AddArgs { a: 1, b: None }), r#"{"a":1}"#);
}

mod erased {
    pub trait Json {
        fn json(&self) -> String;
    }
    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

#[allow(dead_code)]
fn hard(row: HardNamesRow) -> (i32, String, Option<String>, Option<String>) {
    (row.x_1st, row.a_b, row.a_b2, row.type_)
}
