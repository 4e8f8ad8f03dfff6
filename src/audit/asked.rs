//! Which lines are wanted, as it stands in an address.

use super::AuditQuery;
use crate::asked::{Fields, moment, take, unreadable};
use crate::problem::Problem;

impl AuditQuery {
    /// Takes the fields of a query out of `fields`.
    ///
    /// # Errors
    /// Names the filter that cannot be read.
    pub fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let action = take(fields, "action")?;
        Ok(Self {
            actor: take(fields, "who")?,
            action: action
                .map(|code| {
                    code.parse()
                        .map_err(|()| unreadable("action", "Choose one of the actions."))
                })
                .transpose()?,
            object: take(fields, "object")?,
            from: moment(fields, "from")?,
            to: moment(fields, "to")?,
        })
    }

    /// The fields that [`Self::take`] reads this from, without those that are not set.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("who", self.actor.clone()),
            ("action", self.action.map(|action| action.code().to_owned())),
            ("object", self.object.clone()),
            ("from", self.from.as_ref().map(ToString::to_string)),
            ("to", self.to.as_ref().map(ToString::to_string)),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}
