//! A small disk, to be filled.

use std::path::Path;
use std::process::Command;

use super::leavings;

/// A file system in memory. It is unmounted when dropped.
pub struct Small(tempfile::TempDir);

impl Small {
    /// One of `size`, as mount(8) says it; `None` where we may not mount one.
    pub fn mount(size: &str) -> Option<Self> {
        let directory = tempfile::Builder::new().prefix("disk-").tempdir_in(leavings::directory());
        let directory = directory.expect("a directory");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "tmpfs"]).arg(directory.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(directory))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Gives it another size, not below what is in use.
    pub fn resize(&self, size: &str) {
        let mut mount = Command::new("mount");
        let status = mount.args(["-o", &format!("remount,size={size}")]).arg(self.path()).status();
        assert!(status.is_ok_and(|status| status.success()), "the disk is not made {size} large");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Where it is not unmounted its directory stays, empty.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
