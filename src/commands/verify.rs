//! `plattr verify`: a real round trip through every service.

use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::commands::args;
use crate::project::Project;
use crate::stack::observe::{Scoped, running};
use crate::stack::open::open;
use crate::stack::verify::{Verified, verify};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units::counted;

/// Prove by real round trips that every service works as the application uses it
///
/// Writes and reads rows, objects, keys and documents, signs users in, and tries what must be refused. What
/// it makes it removes again.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Check everything:
    $ plattr verify

  Check two services:
    $ plattr verify postgres keycloak

  Keep the result:
    $ plattr verify -o json > verified.json")]
pub struct VerifyArgs {
    /// Check only these services, and those that they need
    #[arg(value_name = "SERVICE", value_parser = args::service)]
    services: Vec<&'static str>,
}

/// The result. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    stack: String,
    passed: usize,
    failed: usize,
    seconds: f64,
    checks: Vec<Verified>,
}

/// Runs the command.
///
/// # Errors
/// When nothing runs, or a check fails.
pub async fn run(ui: &Ui, globals: &Globals, args: VerifyArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let open = open(&project, None)?;
    if running(&open.observe().await?).is_empty() {
        let message = format!("no service of `{}` runs", open.stack.name);
        return Err(CommandError::new(ErrorKind::Failed, "not-running", message).hint("`plattr dev` starts them"));
    }
    let scope = Scoped::of(&project, &args.services, &[], None)?;
    let began = Instant::now();
    let task = ui.progress().task("verify");
    task.doing("checking");
    let checks = verify(&open, &scope).await;
    let failed = checks.iter().filter(|c| !c.passed).count();
    let passed = checks.len() - failed;
    match failed {
        0 => task.done(&format!("{} passed", counted(passed, "check"))),
        _ => task.failed(&format!("{failed} of {} checks failed", checks.len())),
    }
    let report =
        Report { stack: open.stack.name.clone(), passed, failed, seconds: began.elapsed().as_secs_f64(), checks };
    match format {
        Format::Text => ui.out(text(&report.checks, ui.style()))?,
        format => ui.value(format, &report)?,
    }
    if failed > 0 {
        let message = format!("{failed} of {} checks failed", report.checks.len());
        let error = CommandError::new(ErrorKind::Failed, "verify-failed", message);
        return Err(
            error.hint("`plattr dev` repairs what plattr provisions; `plattr logs` shows what the services say")
        );
    }
    Ok(())
}

fn text(checks: &[Verified], style: Style) -> String {
    let several = checks.iter().any(|c| Some(&c.app) != checks.first().map(|f| &f.app));
    let mut table = Table::new(["", "APP", "SERVICE", "CHECK", "DETAIL"]);
    for check in checks {
        let mark = if check.passed { style.good("✓") } else { style.bad("✗") };
        let app = if several { check.app.to_string() } else { String::new() };
        let detail = check.detail.lines().next().unwrap_or_default().to_owned();
        table.row([mark, app, check.service.to_owned(), check.check.to_owned(), detail]);
    }
    let mut text = table.render(style);
    for (check, hint) in checks.iter().filter(|c| !c.passed).filter_map(|c| c.hint.as_ref().map(|h| (c, h))) {
        text += &format!("\n{} {} {}: {hint}", style.hint("hint:"), check.service, check.check);
    }
    if text.ends_with('\n') { text } else { text + "\n" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(app: &str, check: &'static str, passed: bool) -> Verified {
        Verified {
            app: app.parse().unwrap(),
            service: "postgres",
            check,
            passed,
            detail: "seen\nand more".into(),
            hint: (!passed).then(|| "run `plattr dev`".into()),
        }
    }

    #[test]
    fn the_application_is_named_only_where_there_are_several() {
        insta::assert_snapshot!(text(&[check("todo", "select", true), check("todo", "ddl-denied", false)], Style::new(false)), @r"
           SERVICE   CHECK       DETAIL
        ✓  postgres  select      seen
        ✗  postgres  ddl-denied  seen

        hint: postgres ddl-denied: run `plattr dev`
        ");
        assert!(
            text(&[check("todo", "select", true), check("shop", "select", true)], Style::new(false)).contains("APP")
        );
    }
}
