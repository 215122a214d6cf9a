//! `plattr doctor`: what of this machine is in the way, why that matters, and what to do about it.

mod docker;
mod machine;
mod ports;
mod tools;

use clap::Args;
use serde::Serialize;

use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;

/// Find what on this machine is in the way
///
/// Looks at the platform, disks, memory, limits, ports, programs and the Docker engine. Changes nothing, and works
/// without a project too. Exits with 4 if something must be repaired before services can run.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Look:
    $ plattr doctor

  Attach to a report:
    $ plattr doctor -o json > doctor.json")]
pub struct DoctorArgs {}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Level {
    /// As it should be.
    Ok,
    /// Works, with a limit.
    Warn,
    /// Services cannot run like this.
    Fail,
}

/// Something that was looked at. The JSON form is stable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// What: `disk-cache`.
    check: String,
    level: Level,
    /// What was seen.
    detail: String,
    /// Why it matters.
    why: &'static str,
    /// What to do, where it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Finding {
    fn ok(check: impl Into<String>, why: &'static str, detail: impl Into<String>) -> Self {
        Self { check: check.into(), level: Level::Ok, detail: detail.into(), why, fix: None }
    }

    /// Not as it should be.
    fn but(self, level: Level, fix: impl Into<String>) -> Self {
        Self { level, fix: Some(fix.into()), ..self }
    }
}

/// Runs the command.
///
/// # Errors
/// Environment, if something fails.
pub async fn run(ui: &Ui, globals: &Globals, _args: DoctorArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    // Without a project, or with a broken one, there is still a machine to look at.
    let project = Project::find(globals.project.as_deref()).ok();
    let mut findings = machine::findings(project.as_ref());
    findings.extend(ports::findings(project.as_ref()));
    findings.extend(tools::findings(project.as_ref()));
    findings.extend(docker::findings(project.as_ref()).await);
    match format {
        Format::Text => ui.out(text(&findings, ui.style()))?,
        format => ui.value(format, &findings)?,
    }
    let failed = findings.iter().filter(|f| f.level == Level::Fail).count();
    if failed > 0 {
        let message = format!("{failed} of {} findings must be repaired before services can run", findings.len());
        return Err(CommandError::new(ErrorKind::Environment, "doctor", message).hint("each says how, above"));
    }
    Ok(())
}

fn text(findings: &[Finding], style: Style) -> String {
    let mut table = Table::new(["", "CHECK", "FOUND"]);
    for finding in findings {
        let mark = match finding.level {
            Level::Ok => style.good("✓"),
            Level::Warn => style.warning("!"),
            Level::Fail => style.bad("✗"),
        };
        table.row([mark, finding.check.clone(), finding.detail.clone()]);
    }
    let mut text = table.render(style);
    for finding in findings.iter().filter(|f| f.level != Level::Ok) {
        let label = if finding.level == Level::Fail { style.bad("fail:") } else { style.warning("warning:") };
        text += &format!("\n{label} {}: {}\n  {}\n", finding.check, finding.detail, finding.why);
        if let Some(fix) = &finding.fix {
            text += &format!("  {} {fix}\n", style.hint("fix:"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_says_why_it_matters_and_what_to_do() {
        let findings = [
            Finding::ok("memory", "Services need it.", "8 GB"),
            Finding::ok("disk-cache", "Packages are unpacked there.", "10 MB free").but(Level::Fail, "free 1 GB"),
        ];
        insta::assert_snapshot!(text(&findings, Style::new(false)), @r"
           CHECK       FOUND
        ✓  memory      8 GB
        ✗  disk-cache  10 MB free

        fail: disk-cache: 10 MB free
          Packages are unpacked there.
          fix: free 1 GB
        ");
    }
}
