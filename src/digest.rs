//! Short names for what is too long to compare or to say.

use sha2::{Digest as _, Sha256};

/// The first `bytes` bytes of a SHA-256, in hexadecimal: two digits a byte.
pub fn short(of: impl AsRef<[u8]>, bytes: usize) -> String {
    Sha256::digest(of).iter().take(bytes).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_beginning_of_the_digest() {
        // `printf abc | sha256sum`
        assert_eq!(super::short("abc", 8), "ba7816bf8f01cfea");
        assert_eq!(super::short("abc", 2), "ba78");
    }
}
