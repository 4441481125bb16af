//! What was decided of a column, put down.

use super::{Columns, Decided};
use crate::catalog::Column;
use crate::infer::column_type::ColumnType;
use crate::infer::model::{ColumnModel, Generator, LabelMap};
use crate::sqlexpr::value::Value;

impl Columns {
    /// Takes up what was decided of a column.
    pub(super) fn take(
        &mut self,
        column: &Column,
        column_type: ColumnType,
        decided: Decided,
        labels: LabelMap,
    ) {
        let write = |generator, null_percent, about| {
            self.columns.push(ColumnModel {
                column_type,
                generator,
                null_percent,
                labels,
                unique: None,
                about,
            });
        };
        match decided {
            Decided::LeftOut(why) => self.left_out.push((column.name.clone(), why)),
            Decided::ByServer(default) => {
                let why = format!("the server fills it: {default}");
                self.left_out.push((column.name.clone(), why));
                self.by_server.push((column.name.clone(), default));
            }
            // A default would be there instead.
            Decided::Null(why) if column.has_default && column.may_insert => {
                let about = format!("{why}; NULL in place of its default");
                write(Generator::Constant(Value::Null), 0, about);
            }
            Decided::Null(why) => self.left_out.push((column.name.clone(), format!("{why}; left NULL"))),
            Decided::Generated(generator, null_percent, about) => write(generator, null_percent, about),
        }
    }
}
