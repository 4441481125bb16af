//! All rows of a run's scenarios, from what was given to what is written.

use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::row::{Fault, Made, Situation};
use crate::domain::explicit::{contacts, deals, imply, organizations, products, small};
use crate::domain::world::World;

/// `world` with the rows of `situations`.
///
/// # Errors
/// Everything that is wrong with them.
pub fn with_rows(mut world: World, situations: &[Situation]) -> Result<World, Vec<Fault>> {
    world.explicit = complete(&world, situations)?;
    Ok(world)
}

/// All rows of `situations` with all their values, in the order of their tables, and what stands
/// beside them.
///
/// # Errors
/// Everything that is wrong, row by row.
fn complete(world: &World, situations: &[Situation]) -> Result<Vec<Made>, Vec<Fault>> {
    if situations.iter().all(|situation| situation.rows.is_empty()) {
        return Ok(Vec::new());
    }
    let mut cast = Cast::new(world, situations);
    cast.check_base();
    for (number, situation) in situations.iter().enumerate() {
        for row in &situation.rows {
            cast.admit(number, row);
        }
    }
    cast.resolve();
    imply::organizations(&mut cast);
    cast.resolve();
    imply::people_and_products(&mut cast);
    cast.resolve();
    imply::links(&mut cast);
    cast.resolve();
    cast.refuse_unresolved();
    cast.check_ends();
    cast.check_unique();
    if cast.is_sound() {
        finish(&mut cast);
    }
    cast.into_made()
}

fn finish(cast: &mut Cast<'_>) {
    imply::latest(cast);
    organizations::finish(cast);
    contacts::finish(cast);
    products::finish(cast);
    deals::finish(cast);
    small::finish(cast);
}
