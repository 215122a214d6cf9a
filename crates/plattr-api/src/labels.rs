//! Labels, annotations and other names of the cluster that command line and operator share.

/// Prefix of plattr's own labels and annotations: the API group (checklist 4).
pub const GROUP: &str = "platform.internal";
/// Who looks after an object (Kubernetes' recommended labels): [`MANAGER`].
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// What an object is a part of (Kubernetes' recommended labels): the stack or the application.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// What a pod runs (Kubernetes' recommended labels): `postgres`.
pub const NAME: &str = "app.kubernetes.io/name";
/// The value of [`MANAGED_BY`], and the field manager of server-side apply on a developer's machine.
pub const MANAGER: &str = "plattr";
/// Which instance of a service an object belongs to: `postgrest-todo`.
pub const INSTANCE: &str = "platform.internal/instance";
/// Which application a pod belongs to.
pub const APPLICATION: &str = "platform.internal/application";
/// Identifies what was applied, to tell later whether something else is wanted.
pub const HASH: &str = "platform.internal/hash";
/// The version of the program that runs, as its image says.
pub const VERSION: &str = "platform.internal/version";
/// The namespace of everything on a developer's machine (checklist 2).
pub const LOCAL_NAMESPACE: &str = "plattr-local";
