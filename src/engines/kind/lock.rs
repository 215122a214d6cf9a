//! The image lock: which image each service runs, pinned by digest.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bollard::models::ImageSummary;
use serde::Deserialize;

use crate::services;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The file beside plattr.yaml that replaces images.
pub const FILE: &str = "images.lock";
/// The variable that names another one, which goes before it.
pub const VARIABLE: &str = "PLATTR_IMAGES_LOCK";
/// Mirrors by registry: the user's `local.imageMirrors`.
pub type Mirrors = BTreeMap<String, String>;

/// The images that this plattr was made with.
static BUILT_IN: LazyLock<ImageLock> =
    LazyLock::new(|| match ImageLock::parse_built_in(include_str!("../../../assets/images.toml")) {
        Ok(lock) => lock,
        // A test parses the same text, so no build that passed its tests gets here.
        Err(error) => panic!("assets/images.toml: {error}"),
    });

/// An image, pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// What plattr knows it by: `postgres`.
    pub key: String,
    /// Its full name with its tag: `docker.io/library/postgres:17.6`.
    pub name: String,
    /// `sha256:…`, of its manifest; or the id of an image that the local engine has.
    pub digest: String,
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.digest)
    }
}

impl ImageRef {
    /// Reads `registry/path:tag@sha256:…`; all three parts are asked for.
    pub(super) fn parse(key: &str, text: &str) -> Result<Self, String> {
        let (name, digest) = text.split_once('@').ok_or("has no digest: NAME:TAG@sha256:…")?;
        let image = Self { key: key.to_owned(), name: name.to_owned(), digest: digest.to_owned() };
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(format!("`{digest}` is not sha256: and 64 hexadecimal digits"));
        }
        let plain = |text: &str, more: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.as_bytes().contains(&b))
        };
        if !name.contains('/') || !image.registry().contains(['.', ':']) && image.registry() != "localhost" {
            return Err(format!("`{name}` does not begin with its registry, such as docker.io/library/"));
        }
        if !plain(image.tag(), "._-") {
            return Err(format!("`{name}` has no tag"));
        }
        if !image.path().split('/').all(|part| plain(part, "._-")) {
            return Err(format!("`{name}` is not the name of an image"));
        }
        Ok(image)
    }

    /// Its registry: `docker.io`.
    pub fn registry(&self) -> &str {
        self.name.split_once('/').map_or("", |(registry, _)| registry)
    }

    /// Its name without registry and tag: `library/postgres`.
    pub fn path(&self) -> &str {
        let path = self.name.split_once('/').map_or("", |(_, path)| path);
        path.split_once(':').map_or(path, |(path, _)| path)
    }

    /// Its tag: `17.6`.
    pub fn tag(&self) -> &str {
        let path = self.name.split_once('/').map_or("", |(_, path)| path);
        path.split_once(':').map_or("", |(_, tag)| tag)
    }

    /// The version that its tag names: `v12.2.3` and `RELEASE.2025-09-07T16-13-09Z` have words before it.
    pub fn version(&self) -> &str {
        self.tag().trim_start_matches("RELEASE.").trim_start_matches('v')
    }

    /// The major version that its tag names; 0 where it names none.
    pub fn major(&self) -> u32 {
        services::major(self.version()).unwrap_or_default()
    }

    /// The first 12 hexadecimal digits of its digest.
    pub fn short_digest(&self) -> &str {
        self.digest.get("sha256:".len()..).and_then(|hex| hex.get(..12)).unwrap_or_default()
    }

    /// What to pull: by digest, from the registry or its mirror.
    pub fn source(&self, mirrors: &Mirrors) -> String {
        let registry = mirrors.get(self.registry()).map_or(self.registry(), |mirror| {
            mirror.split_once("://").map_or(mirror.as_str(), |(_, rest)| rest).trim_end_matches('/')
        });
        format!("{registry}/{}@{}", self.path(), self.digest)
    }

    /// The name of an image that came in a bundle: an engine that loads an image does not know the digest of its
    /// manifest, so the name has it.
    pub fn bundled(&self) -> String {
        format!("plattr/{}:{}", self.key, self.digest.replace(':', "-"))
    }

    /// Whether an image of the local engine is this one.
    pub(super) fn is(&self, there: &ImageSummary) -> bool {
        let of_manifest = |d: &String| d.split_once('@').is_some_and(|(_, digest)| digest == self.digest);
        let bundled = self.bundled();
        // Podman puts `localhost/` before it.
        let of_bundle = |tag: &String| tag.strip_prefix("localhost/").unwrap_or(tag) == bundled;
        there.id == self.digest || there.repo_digests.iter().any(of_manifest) || there.repo_tags.iter().any(of_bundle)
    }
}

/// Images by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLock(BTreeMap<String, ImageRef>);

impl ImageLock {
    /// The built-in lock with the user's replacements: those of the file that [`VARIABLE`] names, before those of
    /// the file in the project's folder.
    ///
    /// # Errors
    /// Config, when such a file cannot be read or says something wrong.
    pub fn load(project: Option<&Path>) -> CommandResult<Self> {
        let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self::merged(project.map(|folder| folder.join(FILE)).as_deref(), named.as_deref())
    }

    fn merged(beside: Option<&Path>, named: Option<&Path>) -> CommandResult<Self> {
        let mut lock = BUILT_IN.clone();
        if let Some(path) = beside.filter(|path| path.exists()) {
            lock.replace(path)?;
        }
        if let Some(path) = named {
            lock.replace(path)?;
        }
        Ok(lock)
    }

    fn replace(&mut self, path: &Path) -> CommandResult {
        let wrong = |problem: String| {
            CommandError::new(ErrorKind::Config, "images-lock", format!("{}: {problem}", path.display()))
                .hint("one line an image: postgres = \"docker.io/library/postgres:17.6@sha256:…\"")
        };
        let text = std::fs::read_to_string(path).map_err(|error| CommandError::io("read", path, error))?;
        let lines: BTreeMap<String, String> =
            toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        for (key, text) in lines {
            if !self.0.contains_key(&key) {
                let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
                return Err(wrong(format!("plattr uses no image `{key}`, but {}", known.join(", "))));
            }
            let image = ImageRef::parse(&key, &text).map_err(|problem| wrong(format!("`{key}` {problem}")))?;
            self.0.insert(key, image);
        }
        Ok(())
    }

    fn parse_built_in(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Built {
            images: BTreeMap<String, Image>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Image {
            image: String,
            digest: String,
        }
        let built: Built = toml::from_str(text).map_err(|error| error.to_string())?;
        let images = built.images.into_iter().map(|(key, Image { image, digest })| {
            let image = ImageRef::parse(&key, &format!("{image}@{digest}")).map_err(|e| format!("{key}: {e}"))?;
            Ok((key, image))
        });
        images.collect::<Result<_, String>>().map(Self)
    }

    /// Puts an image in the place of the one with its key.
    pub fn pin(&mut self, image: ImageRef) {
        self.0.insert(image.key.clone(), image);
    }

    /// The image `key`.
    ///
    /// # Errors
    /// When plattr knows none: a mistake of plattr.
    pub fn get(&self, key: &str) -> CommandResult<&ImageRef> {
        self.0.get(key).ok_or_else(|| {
            CommandError::new(ErrorKind::Failed, "unknown-image", format!("plattr knows no image `{key}`"))
        })
    }

    /// All images.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &ImageRef> {
        self.0.values()
    }
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    pub const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    pub fn postgres() -> ImageRef {
        ImageRef::parse("postgres", &format!("docker.io/library/postgres:17.6@{A}")).unwrap()
    }

    #[test]
    fn every_image_of_the_lock_is_pinned() {
        let lock = ImageLock::parse_built_in(include_str!("../../../assets/images.toml")).unwrap();
        for key in
            ["node", "registry", "postgres", "postgrest", "minio", "keycloak", "redis", "opensearch", "dashboards"]
        {
            assert!(lock.get(key).is_ok(), "{key}");
        }
        assert!(lock.iter().all(|image| image.tag() != "latest"));
    }

    #[test]
    fn a_name_has_its_parts() {
        let image = postgres();
        assert_eq!((image.registry(), image.path(), image.tag()), ("docker.io", "library/postgres", "17.6"));
        assert_eq!(image.short_digest(), "aaaaaaaaaaaa");
        let own = ImageRef::parse("x", &format!("localhost:5050/a/b:1@{A}")).unwrap();
        assert_eq!((own.registry(), own.path(), own.tag()), ("localhost:5050", "a/b", "1"));
        for wrong in
            ["docker.io/a:1", "docker.io/a@sha256:1", "a:1@", "library/a:1@", "docker.io/a@", "docker.io/a b:1@"]
        {
            let text = if wrong.ends_with('@') { format!("{wrong}{A}") } else { wrong.to_owned() };
            assert!(ImageRef::parse("x", &text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mirror_takes_the_place_of_its_registry() {
        let mirrors = Mirrors::from([("docker.io".into(), "https://mirror.example.com/hub/".into())]);
        assert_eq!(postgres().source(&mirrors), format!("mirror.example.com/hub/library/postgres@{A}"));
        assert_eq!(postgres().source(&Mirrors::new()), format!("docker.io/library/postgres@{A}"));
    }

    #[test]
    fn peoples_own_images_replace_and_the_named_file_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let line = |key: &str, name: &str| format!("{key} = \"docker.io/own/{name}:1@{B}\"\n");
        let beside = file("images.lock", line("postgres", "beside") + &line("redis", "beside"));
        let named = file("named", line("postgres", "named"));
        let lock = ImageLock::merged(Some(&beside), Some(&named)).unwrap();
        let path = |key: &str| lock.get(key).unwrap().path().to_owned();
        assert_eq!((path("postgres"), path("redis")), ("own/named".into(), "own/beside".into()));
        assert_eq!(path("minio"), "minio/minio");
        assert!(ImageLock::merged(Some(&folder.path().join("none")), None).is_ok());

        let wrong = |text: &str| {
            let path = file("wrong", text.to_owned());
            let error = ImageLock::merged(None, Some(&path)).unwrap_err();
            assert_eq!((error.kind, error.code), (ErrorKind::Config, "images-lock"));
            error.message
        };
        assert!(wrong("postgras = \"x\"").contains("postgras"));
        assert!(wrong("postgres = \"docker.io/library/postgres:17\"").contains("no digest"));
        assert!(wrong("postgres = ").contains("line 1"));
        assert!(ImageLock::merged(None, Some(&folder.path().join("none"))).is_err());
    }
}
