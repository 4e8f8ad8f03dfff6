//! Which deliveries are wanted, as it stands in an address.

use super::DeliveryQuery;
use crate::asked::{Fields, moment, number, take, unreadable};
use crate::problem::Problem;

impl DeliveryQuery {
    /// Takes the fields of a query out of `fields`.
    ///
    /// # Errors
    /// Names the filter that cannot be read.
    pub fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let status = take(fields, "status")?;
        let event = take(fields, "event")?;
        let code = number(fields, "code")?;
        if code.is_some_and(|code: i64| !(0..=5).contains(&code)) {
            return Err(unreadable(
                "code",
                "Give the first digit of the answer, or 0 for no answer.",
            ));
        }
        let unknown_status = |()| unreadable("status", "Choose pending, retrying, delivered, failed or held.");
        let unknown_event = |()| unreadable("event", "Choose one of the events.");
        Ok(Self {
            status: status
                .map(|status| status.parse().map_err(unknown_status))
                .transpose()?,
            event: event.map(|event| event.parse().map_err(unknown_event)).transpose()?,
            code,
            from: moment(fields, "from")?,
            to: moment(fields, "to")?,
            q: take(fields, "q")?,
        })
    }

    /// The fields that [`Self::take`] reads this from, without those that are not set.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("status", self.status.map(|status| status.as_str().to_owned())),
            ("event", self.event.map(|event| event.as_str().to_owned())),
            ("code", self.code.map(|code| code.to_string())),
            ("from", self.from.as_ref().map(ToString::to_string)),
            ("to", self.to.as_ref().map(ToString::to_string)),
            ("q", self.q.clone()),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}
