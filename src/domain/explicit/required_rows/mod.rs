//! The rows that the given ones cannot do without: `organizations`, then `people`, then `links`.

mod ages;
mod links;
mod organizations;
mod people;
mod refer;

pub use ages::latest;
pub use links::links;
pub use organizations::organizations;
pub use people::{people_and_products, speaker};
