//! The migrations that are built into the binary.

use crate::migrate::files::{Migration, Source};

/// A bundled migration: its name, its text, its rollback.
pub type Bundled = (&'static str, &'static str, &'static str);

macro_rules! bundled {
    ($($name:literal),* $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".sql")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".down.sql")),
        )),*]
    };
}

/// The files in `migrations/`, built into the binary; a test holds the list to the directory.
pub const BUNDLED: &[Bundled] = bundled![
    "20250125000000_fresh_crm_schema",
    "20250126143000_add_opportunity_indexes",
    "20250127090000_create_opportunity_products_table",
    "20250127110000_create_product_inventory_table",
    "20250128090000_add_product_custom_attributes",
    "20250129090000_add_customer_segments",
    "20250130090000_add_forecast_category",
    "20250131090000_add_task_priority",
    "20250201090000_create_opportunity_pipeline_summary",
];

/// The bundled migrations, oldest first.
pub fn all() -> Vec<Migration> {
    let migration = |&(name, up, down): &Bundled| Migration {
        name: name.into(),
        version: name[..14].into(),
        is_repeatable: false,
        up: Source::new(format!("{name}.sql"), up),
        down: Some(Source::new(format!("{name}.down.sql"), down)),
    };
    BUNDLED.iter().map(migration).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::migrate::layout::listing::Listing;
    use crate::migrate::layout::own;

    #[test]
    fn the_bundled_list_is_the_directory() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let listing = Listing::of(&directory).expect("a directory");
        let read = own::read(&listing).expect("well-named files");
        let names =
            |migrations: &[Migration]| migrations.iter().map(|m| m.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&read), names(&all()));
        assert!(read.iter().all(|migration| migration.down.is_some()));
    }

    #[test]
    fn every_bundled_file_has_its_header() {
        for migration in all() {
            let date =
                format!("{}-{}-{}", &migration.name[..4], &migration.name[4..6], &migration.name[6..8]);
            for line in [
                format!("-- Migration: {}.sql", migration.name),
                "-- Description: ".into(),
                "-- Author: ".into(),
                format!("-- Date: {date}"),
            ] {
                assert!(migration.up.text.contains(&line), "{}: {line}", migration.name);
            }
        }
    }
}
