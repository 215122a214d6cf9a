//! Must not compile: the title is missing (E0063), there is no such column (E0560), a key cannot be NULL (E0308).
#[allow(dead_code)]
mod database;

fn main() {
    let _ = database::BookInsert { author: uuid::Uuid::nil(), translator: None, mood: None, tags: None };
    let _ = database::BookUpdate { pages: Some(1), ..Default::default() };
    let _ = database::BookUpdate { author: Some(None), ..Default::default() };
}
