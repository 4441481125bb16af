//! The local database run by the PostgreSQL that is installed on this machine: a private cluster in `.crm-seed/`, with as
//! many connections as an app and psql want. It is started when it is needed and goes on when the command has ended;
//! `crm-seed stop` stops it, and it stops by itself when nobody has used it for a while (`idle`).

mod account;
mod binaries;
mod cluster;
mod control;
mod idle;
mod names;
mod running;

pub use binaries::Binaries;
pub use cluster::{Cluster, exists, is_noted, version};
pub use control::{Unfit, fit, start, stop};
pub use idle::{PATIENCE, watch};
pub use names::{DATABASE, PORT, ROLE, WATCH_COMMAND};
pub use running::Running;
