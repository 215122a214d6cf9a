use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{CACHE_ONLY, World};
use crate::world;

/// A world that nothing was ever loaded in.
fn empty() -> World {
    let mut world = World::new();
    world.own_cache();
    world
}

/// A bundle with one package of one file, changed by `change`.
fn bundle(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut inner = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    append(&mut inner, "bin/tool", b"x");
    let entry = inner.into_inner().unwrap().finish().unwrap();
    let sha256: String = Sha256::digest(&entry).iter().map(|b| format!("{b:02x}")).collect();
    let mut contents = json!({
        "format": 1, "plattr": env!("CARGO_PKG_VERSION"),
        "platform": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        "createdAt": "2026-01-01T00:00:00Z", "cache": "/elsewhere",
        "entries": [{"name": "tool", "version": "1.2", "kind": "package", "folder": "tool-1.2-ab",
            "bytes": entry.len(), "sha256": sha256}],
    });
    change(&mut contents);
    let mut outer = tar::Builder::new(std::fs::File::create(path).unwrap());
    append(&mut outer, "bundle.json", contents.to_string().as_bytes());
    append(&mut outer, "entries/tool-1.2-ab.tar.gz", &entry);
    outer.finish().unwrap();
}

fn append(tar: &mut tar::Builder<impl std::io::Write>, name: &str, contents: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(contents.len() as u64);
    header.set_mode(0o755);
    tar.append_data(&mut header, name, contents).unwrap();
}

#[test]
fn a_bundle_is_shown_and_loaded_once() {
    let world = empty();
    let project = world.project("loads", CACHE_ONLY);
    bundle(&project.folder.join("b.tar"), |_| {});
    let shown = project.expect(0, &["bundle", "show", "b.tar"]);
    assert!(shown.out.contains("tool") && shown.out.contains("1.2") && shown.err.contains("made"), "{shown:?}");
    assert_eq!(project.expect(0, &["bundle", "show", "b.tar", "-o", "json"]).json()["entries"][0]["name"], "tool");
    let load = || project.expect(0, &["bundle", "load", "b.tar", "-o", "json"]).json()["entries"][0]["outcome"].clone();
    assert_eq!(load(), "loaded");
    assert_eq!(load(), "there");
    let cache = project.expect(0, &["cache", "ls", "-o", "json"]).json();
    let package = Path::new(cache["folder"].as_str().unwrap()).join("packages/tool-1.2-ab");
    assert_eq!(std::fs::read(package.join("bin/tool")).unwrap(), b"x");
    // Also without a project.
    std::fs::remove_file(project.folder.join("plattr.yaml")).unwrap();
    assert!(project.expect(0, &["bundle", "load", "b.tar"]).err.contains("0 loaded, 1 there already"));
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let world = empty();
    let project = world.project("refused", CACHE_ONLY);
    let path = project.folder.join("b.tar");
    let refused = |code: i32, change: &dyn Fn(&mut Value)| {
        bundle(&path, change);
        let said = project.expect(code, &["bundle", "load", "b.tar"]);
        assert_eq!(project.expect(0, &["cache", "ls", "-o", "json"]).json()["entries"], json!([]));
        said.err
    };
    assert!(refused(4, &|b| b["platform"] = "plan9-mips".into()).contains("plan9-mips"));
    assert!(refused(4, &|b| b["format"] = 9.into()).contains("format 9"));
    let damaged = refused(1, &|b| b["entries"][0]["sha256"] = "00".into());
    assert!(damaged.contains("the package tool 1.2") && damaged.contains("checksum"), "{damaged}");
    assert!(refused(1, &|b| b["entries"][0]["folder"] = "../../tool".into()).contains("outside"));
    assert!(refused(1, &|b| b["entries"][0]["folder"] = "other-1".into()).contains("the package tool 1.2"));
    bundle(&path, |_| {});
    std::fs::write(&path, &std::fs::read(&path).unwrap()[..1600]).unwrap();
    assert!(project.expect(1, &["bundle", "load", "b.tar"]).err.contains("the package tool 1.2"));
    std::fs::write(&path, "text").unwrap();
    assert!(project.expect(1, &["bundle", "show", "b.tar"]).err.contains("no bundle"));
    std::fs::remove_file(&path).unwrap();
    assert!(project.expect(1, &["bundle", "load", "b.tar"]).err.contains("b.tar"));
}

#[test]
fn images_need_an_engine_and_can_be_left_out() {
    let world = empty();
    let project = world.project("images", CACHE_ONLY);
    bundle(&project.folder.join("b.tar"), |b| {
        let mut image = b["entries"][0].clone();
        // Not even looked for: there is no engine.
        image["kind"] = "image".into();
        image["image"] = "docker.io/library/redis:7".into();
        image["names"] = json!(["plattr/tool:sha256-ab"]);
        image["bytes"] = 0.into();
        b["entries"][0]["folder"] = "tool-1.2-ab".into();
        b["entries"].as_array_mut().unwrap().push(image);
    });
    // The archive must have it, or it is not whole.
    let path = project.folder.join("b.tar");
    let mut whole = std::fs::read(&path).unwrap();
    whole.truncate(whole.len() - 1024);
    let mut more = tar::Builder::new(whole);
    append(&mut more, "entries/image-tool.tar.gz", b"");
    std::fs::write(&path, more.into_inner().unwrap()).unwrap();
    let with = |args: &[&str]| {
        let mut command = project.plattr(args);
        crate::support::Said::from(command.env("DOCKER_HOST", "unix:///nowhere.sock").output().unwrap())
    };
    let said = with(&["bundle", "load", "b.tar"]);
    assert_eq!(said.code, Some(4), "{}", said.err);
    assert!(said.err.contains("--engine native"), "{}", said.err);
    let said = with(&["bundle", "load", "b.tar", "--engine", "native"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("1 loaded"), "{}", said.err);
}

#[test]
fn create_wants_a_project_and_replaces_nothing() {
    let world = world();
    let project = world.project("creates", CACHE_ONLY);
    std::fs::write(project.folder.join("b.tar"), "mine").unwrap();
    let said = project.expect(1, &["bundle", "create", "b.tar", "--engine", "native"]);
    assert!(said.err.contains("--force"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(project.folder.join("b.tar")).unwrap(), "mine");
    project.expect(2, &["bundle", "create", ".", "--engine", "native"]);
    project.expect(2, &["bundle", "create", "--engine", "podman"]);
    std::fs::remove_file(project.folder.join("plattr.yaml")).unwrap();
    project.expect(3, &["bundle", "create", "c.tar"]);
}
