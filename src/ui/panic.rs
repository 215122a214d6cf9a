//! What is said when plattr itself is wrong.

use std::panic::PanicHookInfo;

/// Replaces Rust's message by one for people.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        tracing::error!(target: "plattr::panic", "{info}");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), message(info).as_bytes());
    }));
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = text.unwrap_or("something unexpected");
    let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
    format!(
        "error: plattr made a mistake: {what}{place}\n\nhint: what was running runs on, and no data was deleted; the same \
         command may be run again\nhint: please report it with the newest file in .plattr/logs: {}/issues\n",
        env!("CARGO_PKG_REPOSITORY"),
    )
}
