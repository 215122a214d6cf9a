//! `plattr kubeconfig`: how other programs reach the cluster of a stack.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::engines::kind::record;
use crate::project::{Project, envfile};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Print the kubeconfig of the stack's cluster, or add it to your own
///
/// plattr keeps a kubeconfig of its own for each stack on the Kind engine, and never touches yours unless you say
/// `--merge`. It gives every right in the cluster, so it is for you alone.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Look into the cluster:
    $ kubectl --kubeconfig \"$(plattr kubeconfig --path)\" --namespace plattr-local get pods

  Have it as a context of your own:
    $ plattr kubeconfig --merge
    $ kubectl --context kind-plattr-todo --namespace plattr-local get pods")]
pub struct KubeconfigArgs {
    /// Print where the file is instead of what is in it
    #[arg(long, conflicts_with = "merge")]
    path: bool,
    /// Add the cluster, its user and its context to your kubeconfig; what else is in it stays
    #[arg(long)]
    merge: bool,
}

/// Runs the command.
///
/// # Errors
/// When the stack has no cluster, or the person's kubeconfig cannot be read or written.
pub async fn run(ui: &Ui, globals: &Globals, args: KubeconfigArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let root = Project::find(globals.project.as_deref())?.stack_root()?;
    let path = record::kubeconfig(&root);
    if record::Record::read(&root).is_none() {
        return Err(CommandError::new(ErrorKind::Failed, "no-cluster", "this stack has no cluster")
            .hint("`plattr dev --engine kind` makes one; services on the native engine have none"));
    }
    if args.path {
        return ui.out(format!("{}\n", path.display()));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| CommandError::io("read", &path, e))?;
    if !args.merge {
        return match format {
            Format::Text => ui.out(text),
            format => ui.value(format, &parse(&path, &text)?),
        };
    }
    let own = own_file()?;
    let folder = own.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| CommandError::io("make", folder, e))?;
    let _lock = OwnLock::take(&own)?;
    // A link stays one.
    let own = own.canonicalize().unwrap_or(own);
    let before = match std::fs::read_to_string(&own) {
        Ok(text) => parse(&own, &text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Value::Null,
        Err(error) => return Err(CommandError::io("read", &own, error)),
    };
    let cluster = parse(&path, &text)?;
    let context = cluster["current-context"].as_str().unwrap_or_default().to_owned();
    let merged = merge(before, &cluster);
    let text = serde_saphyr::to_string(&merged)
        .map_err(|e| CommandError::new(ErrorKind::Failed, "kubeconfig", "cannot write YAML").because(e))?;
    envfile::write_private(&own, &text).map_err(|e| CommandError::io("write", &own, e))?;
    ui.say(format!("{} has the context {context}; the current context is what it was", own.display()));
    Ok(())
}

/// The person's kubeconfig: the first of `KUBECONFIG`, else `~/.kube/config`, as kubectl has it.
fn own_file() -> CommandResult<PathBuf> {
    let named = std::env::var_os("KUBECONFIG").filter(|files| !files.is_empty());
    let first = named.and_then(|files| std::env::split_paths(&files).find(|path| !path.as_os_str().is_empty()));
    first.or_else(|| Some(std::env::home_dir()?.join(".kube/config"))).ok_or_else(|| {
        CommandError::new(ErrorKind::Environment, "no-home", "you have no home folder, where your kubeconfig would be")
            .hint("set KUBECONFIG to the file that is to have the cluster")
    })
}

fn parse(path: &Path, text: &str) -> CommandResult<Value> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let refused = |why: Box<dyn std::error::Error + Send + Sync>| {
        CommandError::new(ErrorKind::Environment, "kubeconfig", format!("{} is no kubeconfig", path.display()))
            .because(why)
            .hint("nothing was changed; repair the file or move it away")
    };
    match serde_saphyr::from_str(text) {
        Ok(value @ (Value::Object(_) | Value::Null)) => Ok(value),
        Ok(_) => Err(refused("it is YAML of another kind".into())),
        Err(error) => Err(refused(error.into())),
    }
}

/// The lock of a kubeconfig, as kubectl has it (`k8s.io/client-go/tools/clientcmd`, `lockFile`).
struct OwnLock(PathBuf);

impl OwnLock {
    fn take(own: &Path) -> CommandResult<Self> {
        let mut lock = own.to_owned();
        lock.as_mut_os_string().push(".lock");
        match std::fs::File::create_new(&lock) {
            Ok(_) => Ok(Self(lock)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let message = format!("another program changes {} just now", own.display());
                Err(CommandError::new(ErrorKind::Environment, "kubeconfig", message)
                    .hint(format!("run this again; if nothing does, delete {}", lock.display())))
            }
            Err(error) => Err(CommandError::io("make", &lock, error)),
        }
    }
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A kubeconfig with another one's clusters, users and contexts in it, in the place of those of the same name.
fn merge(mut own: Value, more: &Value) -> Value {
    if !own.is_object() {
        own = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "" });
    }
    for list in ["clusters", "users", "contexts"] {
        let entries = more[list].as_array().cloned().unwrap_or_default();
        if !own[list].is_array() {
            own[list] = json!([]);
        }
        let Some(kept) = own[list].as_array_mut() else { continue };
        kept.retain(|entry| !entries.iter().any(|new| new["name"] == entry["name"]));
        kept.extend(entries);
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_a_kubeconfig_has_stays() {
        let own = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "work", "preferences": { "colors": true },
            "clusters": [{ "name": "work", "cluster": {} }, { "name": "kind-plattr-todo", "cluster": { "server": "old" } }],
            "users": [{ "name": "me", "user": {} }],
            "contexts": [{ "name": "work", "context": {} }],
        });
        let more = json!({
            "current-context": "kind-plattr-todo",
            "clusters": [{ "name": "kind-plattr-todo", "cluster": { "server": "new" } }],
            "users": [{ "name": "kind-plattr-todo", "user": {} }],
            "contexts": [{ "name": "kind-plattr-todo", "context": {} }],
        });
        let merged = merge(own, &more);
        assert_eq!(merged["current-context"], "work");
        assert_eq!(merged["preferences"]["colors"], true);
        let names = |list: &str| -> Vec<String> {
            merged[list].as_array().into_iter().flatten().map(|e| e["name"].as_str().unwrap_or("").to_owned()).collect()
        };
        assert_eq!(names("clusters"), ["work", "kind-plattr-todo"]);
        assert_eq!(merged["clusters"][1]["cluster"]["server"], "new");
        assert_eq!(names("users"), ["me", "kind-plattr-todo"]);
        // Twice is once.
        assert_eq!(merge(merged.clone(), &more), merged);
    }

    #[test]
    fn what_is_no_kubeconfig_is_left_alone() {
        let path = Path::new("config");
        for text in ["- a\n- b\n", "just words", "{"] {
            assert_eq!(parse(path, text).err().map(|e| e.code), Some("kubeconfig"), "{text}");
        }
        assert_eq!(parse(path, "\n").ok(), Some(Value::Null));
    }

    #[test]
    fn kubectl_and_others_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let own = folder.path().join("config");
        let first = OwnLock::take(&own);
        assert!(first.is_ok() && folder.path().join("config.lock").exists());
        assert_eq!(OwnLock::take(&own).err().map(|e| e.code), Some("kubeconfig"));
        drop(first);
        assert!(OwnLock::take(&own).is_ok());
    }

    #[test]
    fn no_kubeconfig_becomes_one() {
        let merged = merge(Value::Null, &json!({ "users": [{ "name": "kind-plattr-todo" }] }));
        assert_eq!(merged["kind"], "Config");
        assert_eq!(merged["users"][0]["name"], "kind-plattr-todo");
    }
}
