//! An image that nobody publishes any more, made of the one static program of a package.

use std::path::Path;

use bollard::Docker;
use bollard::query_parameters::CreateImageOptions;
use futures::StreamExt as _;

use super::docker::{failed, found};
use crate::ui::error::{CommandError, CommandResult};

/// Makes the image `name` with nothing in it but `program`, in a folder where a PATH finds it, and an empty `/tmp`.
/// An image of that name is taken to be it. Returns its id.
///
/// # Errors
/// When the program cannot be read, or the engine refuses.
pub async fn make(docker: &Docker, program: &Path, name: &str) -> CommandResult<String> {
    let doing = format!("make the image {name}");
    let look = || async { found(docker.inspect_image(name).await).map_err(|e| failed(&doing, e)) };
    if let Some(there) = look().await? {
        return Ok(there.id.unwrap_or_default());
    }
    let archive = archive(program).map_err(|e| CommandError::io("read", program, e))?;
    let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let options = CreateImageOptions {
        from_src: Some("-".into()),
        repo: Some(repo.into()),
        tag: Some(tag.into()),
        ..CreateImageOptions::default()
    };
    let mut stream = std::pin::pin!(docker.create_image(Some(options), Some(bollard::body_full(archive.into())), None));
    while let Some(step) = stream.next().await {
        step.map_err(|e| failed(&doing, e))?;
    }
    Ok(look().await?.and_then(|image| image.id).unwrap_or_default())
}

/// The tree of the image.
fn archive(program: &Path) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (folder, mode) in [("usr/", 0o755), ("usr/bin/", 0o755), ("tmp/", 0o1777), ("data/", 0o1777)] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        header.set_mode(mode);
        archive.append_data(&mut header, folder, std::io::empty())?;
    }
    let mut file = std::fs::File::open(program)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(file.metadata()?.len());
    header.set_mode(0o755);
    let name = program.file_name().unwrap_or_default();
    archive.append_data(&mut header, Path::new("usr/bin").join(name), &mut file)?;
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_tree_has_the_program_where_a_path_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("minio");
        std::fs::write(&program, "static").unwrap();
        let archive = archive(&program).unwrap();
        let mut tar = tar::Archive::new(archive.as_slice());
        let names: Vec<String> =
            tar.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect();
        assert_eq!(names, ["usr/", "usr/bin/", "tmp/", "data/", "usr/bin/minio"]);
    }
}
