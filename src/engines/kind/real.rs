//! What only a real engine can tell. The images come from the lock, so the rig's serve.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bollard::Docker;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptions, PushImageOptions, RemoveImageOptions, StartContainerOptions, StopContainerOptions,
    TagImageOptions,
};
use futures::TryStreamExt as _;

use super::containers::{self, MANAGED_BY, OneShot, PLATTR};
use super::docker::connect;
use super::lock::{ImageLock, ImageRef, Mirrors};
use super::preflight;
use super::registry::Site;
use super::{derive, images};
use crate::services::find;
use crate::services::image::{Build, Guest};
use crate::ui::progress::Silent;

/// Beside the machine's own, and below the ports that the system gives to clients.
const SITE: Site = Site { name: "plattr-registry-of-tests", port: 25050 };

async fn docker() -> Docker {
    connect().await.unwrap().client
}

/// An image that the engine has.
async fn image(docker: &Docker, key: &str) -> String {
    let lock = ImageLock::load(None).unwrap();
    images::ensure_local(docker, lock.get(key).unwrap(), &Mirrors::new(), &Silent).await.unwrap()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn the_engine_is_judged() {
    let host = connect().await.unwrap();
    let facts = preflight::observe(&host).await.unwrap();
    assert!(facts.memory.is_some() && facts.cgroup.is_some() && facts.os.as_deref() == Some("linux"), "{facts:?}");
    preflight::require(&preflight::judge(&facts)).unwrap();
}

#[tokio::test]
async fn a_command_tells_how_it_ended_and_leaves_nothing() {
    let docker = docker().await;
    let image = image(&docker, "node").await;
    let argv = strings(&["sh", "-c", "echo out; printf 'half '; echo line >&2; exit 3"]);
    let ended = containers::run(&docker, &OneShot { image: &image, argv, ..Default::default() }).await.unwrap();
    assert_eq!(ended.code, 3);
    assert!(ended.lines.contains(&"out".to_owned()), "{:?}", ended.lines);
    assert_eq!(ended.expect_success("try").unwrap_err().code, "container-command");
    // No network: only the loopback interface.
    let argv = strings(&["ls", "/sys/class/net"]);
    let ended = containers::run(&docker, &OneShot { image: &image, argv, ..Default::default() }).await.unwrap();
    assert_eq!(ended.lines, ["lo"]);
    let argv = strings(&["/no/such/program"]);
    assert!(containers::run(&docker, &OneShot { image: &image, argv, ..Default::default() }).await.is_err());
    let options = bollard::query_parameters::ListContainersOptions {
        all: true,
        filters: Some(HashMap::from([("label".to_owned(), vec!["platform.internal/throw-away=true".to_owned()])])),
        ..Default::default()
    };
    let ours = docker.list_containers(Some(options)).await.unwrap();
    assert!(ours.iter().all(|container| container.command.as_deref() != Some("/no/such/program")), "{ours:?}");
}

#[tokio::test]
async fn a_folder_of_other_users_is_emptied_and_nothing_else() {
    let docker = docker().await;
    let image = image(&docker, "node").await;
    let top = tempfile::tempdir().unwrap();
    let (folder, beside) = (top.path().join("it's $(data)"), top.path().join("beside"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&beside, "stays").unwrap();
    std::os::unix::fs::symlink(&beside, folder.join("link")).unwrap();
    let argv = strings(&["sh", "-c", "mkdir -m 700 -p /d/a/b && echo x >/d/a/b/.c && chown -R 12345:12345 /d/a"]);
    let mounts = vec![(folder.as_path(), "/d".to_owned())];
    let user = Some("0:0".to_owned());
    let shot = OneShot { image: &image, argv, mounts, user, ..Default::default() };
    containers::run(&docker, &shot).await.unwrap().expect_success("fill").unwrap();
    assert!(folder.join("a/b/.c").exists());
    containers::delete_as_root(&docker, &image, &folder).await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), "stays");
    let link = top.path().join("link");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    for wrong in [link.as_path(), Path::new("/"), &folder.join("../beside"), &top.path().join("it's $(data)/..")] {
        assert!(containers::delete_as_root(&docker, &image, wrong).await.is_err(), "{}", wrong.display());
    }
    containers::delete_as_root(&docker, &image, &top.path().join("none")).await.unwrap();
}

#[tokio::test]
async fn commands_run_in_a_container_that_runs() {
    let docker = docker().await;
    let name = "plattr-exec-of-tests";
    containers::remove(&docker, name).await.unwrap();
    let body = ContainerCreateBody {
        image: Some(image(&docker, "node").await),
        entrypoint: Some(strings(&["sleep", "300"])),
        labels: Some(HashMap::from([(MANAGED_BY.to_owned(), PLATTR.to_owned())])),
        ..Default::default()
    };
    let options = CreateContainerOptions { name: Some(name.to_owned()), ..Default::default() };
    docker.create_container(Some(options), body).await.unwrap();
    docker.start_container(name, None::<StartContainerOptions>).await.unwrap();
    let done = containers::exec(&docker, name, &["sh", "-c", "id -u; exit 4"], Some("7:7")).await.unwrap();
    assert_eq!((done.code, done.lines), (4, strings(&["7"])));
    let many = containers::exec(&docker, name, &["seq", "1000"], None).await.unwrap();
    assert_eq!((many.code, many.lines.len(), many.lines.last().unwrap().as_str()), (0, 200, "1000"));
    containers::remove(&docker, name).await.unwrap();
    assert!(containers::inspect(&docker, name).await.unwrap().is_none());
    containers::remove(&docker, name).await.unwrap();
}

#[tokio::test]
async fn an_image_is_derived_once_and_keeps_its_defaults() {
    let docker = docker().await;
    let from = image(&docker, "node").await;
    let tag = "plattr-of-tests/derived:1";
    let gone = || docker.remove_image(tag, None::<RemoveImageOptions>, None);
    let _ = gone().await;
    let build = |argv: &[&str]| Build { title: "", argv: strings(argv), user: None, guest: None };
    let failed = derive::derive(&docker, &from, &build(&["sh", "-c", "echo no; exit 1"]), None, tag).await;
    assert!(failed.unwrap_err().source.unwrap().to_string().contains("no"));
    assert_eq!(derive::made(&docker, tag).await.unwrap(), None);
    let made = derive::derive(&docker, &from, &build(&["sh", "-c", "echo yes >/made"]), None, tag).await.unwrap();
    assert_eq!(derive::made(&docker, tag).await.unwrap().as_deref(), Some(made.as_str()));
    let (before, after) = (docker.inspect_image(&from).await.unwrap(), docker.inspect_image(tag).await.unwrap());
    let (before, after) = (before.config.unwrap(), after.config.unwrap());
    assert_eq!((before.entrypoint, before.cmd, before.user), (after.entrypoint, after.cmd, after.user));
    let shot = OneShot { image: &made, argv: strings(&["cat", "/made"]), ..Default::default() };
    assert_eq!(containers::run(&docker, &shot).await.unwrap().lines, ["yes"]);
    gone().await.unwrap();
}

#[tokio::test]
async fn a_guest_of_a_build_reaches_it_and_its_failure_is_told() {
    let docker = docker().await;
    let from = image(&docker, "node").await;
    let tag = "plattr-of-tests/visited:1";
    let gone = || docker.remove_image(tag, None::<RemoveImageOptions>, None);
    let _ = gone().await;
    // What one has open to port 8123 (1FBB), the other finds among its own sockets.
    let serve = "exec 3<>/dev/udp/127.0.0.1/8123; trap 'echo ended >/var/tmp/visited; exit 0' INT; \
                 while :; do sleep 0.1; done";
    let build = |serve: &str, guest: &str| Build {
        title: "",
        argv: strings(&["bash", "-c", serve]),
        user: Some("7:7".to_owned()),
        guest: Some(Guest {
            service: find("keycloak").unwrap(),
            argv: strings(&["bash", "-c", guest]),
            env: BTreeMap::new(),
        }),
    };
    let visit = "until grep -q :1FBB /proc/net/udp; do [ $SECONDS -lt 30 ] || exit 1; sleep 0.1; done";
    let failed =
        derive::derive(&docker, &from, &build(serve, "echo lost; exit 3"), Some(&from), tag).await.unwrap_err();
    assert!(failed.source.unwrap().to_string().contains("lost"));
    assert_eq!(derive::made(&docker, tag).await.unwrap(), None);
    // Before its guest comes, and while it is there.
    for broken in [build("echo broken; exit 4", "exit 5"), build("sleep 1; echo broken; exit 4", "sleep 2; exit 5")] {
        let failed = derive::derive(&docker, &from, &broken, Some(&from), tag).await.unwrap_err();
        assert!(failed.source.unwrap().to_string().contains("broken"));
    }
    let made = derive::derive(&docker, &from, &build(serve, visit), Some(&from), tag).await.unwrap();
    let shot =
        OneShot { image: &made, argv: strings(&["sh", "-c", "cat /var/tmp/visited; id -u"]), ..Default::default() };
    assert_eq!(containers::run(&docker, &shot).await.unwrap().lines, ["ended", "0"]);
    gone().await.unwrap();
}

/// Everything of the registry in one, because there is one.
#[tokio::test]
async fn the_registry_is_made_repaired_and_used() {
    let docker = docker().await;
    let lock = ImageLock::load(None).unwrap();
    let (image_of_registry, none) = (lock.get("registry").unwrap(), Mirrors::new());
    SITE.remove(&docker, true).await.unwrap();
    assert_eq!(SITE.observe(&docker).await.unwrap(), None);

    // Somebody has the port.
    let stranger = std::net::TcpListener::bind(("127.0.0.1", SITE.port)).unwrap();
    let registry = SITE.ensure(&docker, image_of_registry, &none, &Silent).await.unwrap();
    assert_eq!(registry.port, SITE.port + 1);
    drop(stranger);
    assert_eq!(SITE.ensure(&docker, image_of_registry, &none, &Silent).await.unwrap(), registry);

    // What is pushed is there.
    let from = image(&docker, "redis").await;
    let tag = "plattr-of-tests/pushed:1";
    let unique = format!("echo {} >/tmp/made", std::process::id());
    let build = Build { title: "", argv: strings(&["sh", "-c", &unique]), user: None, guest: None };
    let id = derive::derive(&docker, &from, &build, None, tag).await.unwrap();
    assert!(!registry.has("a/b", "1").await.unwrap());
    let digest = registry.push(&docker, &id, "a/b", "1", &Silent).await.unwrap();
    assert!(registry.has("a/b", "1").await.unwrap());
    assert_eq!(registry.digest("a/b", "1").await.unwrap(), Some(digest));

    // What people push is pulled by its digest through the registry as a mirror.
    let repo = format!("{}/own/b", registry.address());
    let named = TagImageOptions { repo: Some(repo.clone()), tag: Some("1".to_owned()) };
    docker.tag_image(&id, Some(named)).await.unwrap();
    let options = PushImageOptions { tag: Some("1".to_owned()), platform: None };
    docker.push_image(&repo, Some(options), None).try_collect::<Vec<_>>().await.unwrap();
    let digest = registry.digest("own/b", "1").await.unwrap().unwrap();
    let pushed = ImageRef { key: "x".into(), name: "plattr.invalid/own/b:1".into(), digest };
    assert_eq!(images::find_local(&docker, &pushed).await.unwrap().as_deref(), Some(id.as_str()));
    for name in [tag, &registry.image("own/b", "1")] {
        docker.remove_image(name, None::<RemoveImageOptions>, None).await.unwrap();
    }
    assert_eq!(images::find_local(&docker, &pushed).await.unwrap(), None);
    let mirrors = Mirrors::from([("plattr.invalid".to_owned(), format!("http://{}", registry.address()))]);
    assert_eq!(images::ensure_local(&docker, &pushed, &mirrors, &Silent).await.unwrap(), id);
    assert_eq!(docker.inspect_image("plattr.invalid/own/b:1").await.unwrap().id.as_deref(), Some(id.as_str()));

    // Stopped, then removed: the same port where it can be, and the images are still there.
    docker.stop_container(SITE.name, Some(StopContainerOptions { t: Some(1), ..Default::default() })).await.unwrap();
    assert_eq!(SITE.observe(&docker).await.unwrap(), None);
    assert_eq!(SITE.ensure(&docker, image_of_registry, &none, &Silent).await.unwrap(), registry);
    SITE.remove(&docker, false).await.unwrap();
    let again = SITE.ensure(&docker, image_of_registry, &none, &Silent).await.unwrap();
    assert_eq!(again.port, SITE.port);
    assert!(again.has("a/b", "1").await.unwrap());

    // Stopped, and then its port is taken.
    docker.stop_container(SITE.name, Some(StopContainerOptions { t: Some(1), ..Default::default() })).await.unwrap();
    let stranger = std::net::TcpListener::bind(("127.0.0.1", SITE.port)).unwrap();
    let moved = SITE.ensure(&docker, image_of_registry, &none, &Silent).await.unwrap();
    assert_eq!(moved.port, SITE.port + 1);
    drop(stranger);

    // What nobody has.
    let nothing = ImageRef { digest: format!("sha256:{}", "0".repeat(64)), ..pushed.clone() };
    let mirrors = Mirrors::from([("plattr.invalid".to_owned(), format!("http://{}", moved.address()))]);
    let error = images::ensure_local(&docker, &nothing, &mirrors, &Silent).await.unwrap_err();
    assert!(error.message.contains("has nothing with the digest"), "{error}");
    let error = images::ensure_local(&docker, &nothing, &none, &Silent).await.unwrap_err();
    assert!(error.message.contains("does not reach plattr.invalid"), "{error}: {:?}", error.source);

    docker.remove_image(&id, Some(RemoveImageOptions { force: true, ..Default::default() }), None).await.unwrap();
    SITE.remove(&docker, true).await.unwrap();
}
