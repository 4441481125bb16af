//! What several columns of a row are made of together.

use crate::infer::names;
use crate::random::Slot;

/// Words of a column that say what it tells of a person or a place; the others say of whom, or of which.
const TELLING: &str = "first last full given family middle sur name surname firstname lastname fname lname display \
     nick user username login email mail address phone number mobile cell tel telephone fax work personal primary \
     secondary main alternate url link linkedin twitter facebook instagram avatar photo image picture signature \
     initial title job handle slug city town municipality locality state province zip zipcode postal postcode code \
     street line county country region company organization account business employer dba latitude longitude lat lng lon timezone time zone tz area abbr 1 2";

/// Words that say that something was done, of which several columns may tell: `responded`, `responded_at`.
const DONE: &str = "completed closed resolved paid shipped opened replied responded won sent clicked contacted delivered \
     received approved converted answered viewed accepted signed";

/// What several columns of a row are made of together: a person, a place, or whether something was done.
pub fn together(column: &str) -> String {
    let words = names::words(column);
    let done = words.iter().find_map(|word| match word.as_str() {
        "complete" | "done" | "finished" => Some("completed"),
        word => DONE.split_whitespace().find(|done| *done == word),
    });
    done.map_or_else(|| whose(column), |done| format!("whether {done}"))
}

/// Of whom, or of which place, a column tells: `billing` for `billing_city`, nothing for `city`.
fn whose(column: &str) -> String {
    let words = names::words(column);
    let is_telling = |word: &&String| TELLING.split_whitespace().any(|telling| telling == word.as_str());
    words.iter().filter(|word| !is_telling(word)).cloned().collect::<Vec<_>>().join(" ")
}

/// Whether what several columns tell of was done.
pub fn is_done(hidden: Slot) -> bool {
    hidden.child(9).chance(60)
}
