//! `migrate deprecate`: a column is renamed and says until when it stays, before it is dropped; and `up` holds files
//! to that.

mod column;
mod comment;
mod drops;
mod early_drops;
mod events;
mod kept;
mod migration;

pub use column::{Column, Found, look_up};
pub use comment::Deprecation;
pub use early_drops::{Undeprecated, refuse_early_drops};
pub use kept::{check_kept, kept};
pub use migration::{Keep, Request, draft};
