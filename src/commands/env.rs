//! `plattr env`: the variables of the application.

use clap::Args;
use plattr_api::Variables;

use crate::commands::args;
use crate::project::Project;
use crate::project::envfile::{self, EnvFormat};
use crate::stack::Instance;
use crate::stack::observe::OpenStack;
use crate::stack::open::open;
use crate::stack::state::State;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Print the variables that the application sees
///
/// They are the same as in `.plattr/APP.env`, secrets included. Formats: env (the default), json, yaml,
/// direnv, docker.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Load them into this shell:
    $ eval \"$(plattr env)\"

  Write an .envrc for direnv:
    $ plattr env -o direnv > .envrc

  Give them to a container:
    $ plattr env -o docker > vars && docker run --env-file vars my-image

  Give a variable the name that your framework wants:
    $ plattr env --override-name DATABASE_URL=DB_URL")]
pub struct EnvArgs {
    /// Print the variable OLD under the name NEW; may be given several times
    #[arg(long, value_name = "OLD=NEW", value_parser = args::pair)]
    override_name: Vec<(String, String)>,
}

/// Runs the command.
///
/// # Errors
/// When the stack never ran, or a variable cannot be printed as asked.
pub async fn run(ui: &Ui, globals: &Globals, args: EnvArgs) -> CommandResult {
    let wanted = ui.format(&[Format::Env, Format::Json, Format::Yaml, Format::Direnv, Format::Docker])?;
    let format = match wanted {
        Format::Json => EnvFormat::Json,
        Format::Yaml => EnvFormat::Yaml,
        Format::Direnv => EnvFormat::Direnv,
        Format::Docker => EnvFormat::Docker,
        Format::Env | Format::Text | Format::Csv | Format::Table => EnvFormat::Env,
    };
    let variables = variables(&Project::find(globals.project.as_deref())?)?;
    ui.out(envfile::render(format, &variables, &args.override_name)?)
}

/// The variables of the project's application. They depend on the ports only, so a stopped stack has them too.
///
/// # Errors
/// When the stack never ran: its ports are not chosen yet.
pub fn variables(project: &Project) -> CommandResult<Variables> {
    let never_ran = |message: String| {
        CommandError::new(ErrorKind::Failed, "never-ran", message).hint("run `plattr dev` first; it chooses the ports")
    };
    let open: OpenStack = open(project, None)?;
    if State::read(&open.stack.root)?.is_none() {
        return Err(never_ran("this project never ran on this machine, so its ports are not known".into()));
    }
    let app = open.app(project)?;
    let of_app = |i: &Instance| i.app.as_ref().is_none_or(|a| *a == app.name) && i.service.wanted_here(app);
    let unknown = |i: &Instance| i.service.endpoints().iter().any(|e| open.state.ports.get(&i.id(), e.name) == 0);
    if let Some(instance) = open.instances().iter().find(|i| of_app(i) && unknown(i)) {
        let title = instance.service.title();
        return Err(never_ran(format!("{title} is new in plattr.yaml and never ran, so its port is not known")));
    }
    Ok(open.variables(app))
}
