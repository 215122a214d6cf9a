//! `plattr.yaml`: what it says, what is wrong with it, and what plattr keeps beside it.
