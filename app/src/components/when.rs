//! A moment. The server writes the day in UTC, which is the same for everybody; the browser then says how long ago it was.

use leptos::{prelude::*, wasm_bindgen::JsValue};

use crate::{i18n::use_lang, texts::common};

/// A moment in seconds since 1970.
#[component]
pub fn When(
    /// The moment.
    at: i64,
    /// Where there is little room, the server writes the day without the time.
    #[prop(optional)]
    day: bool,
) -> impl IntoView {
    let lang = use_lang();
    let absolute = utc(at);
    let length = if day { 10 } else { absolute.len() };
    let text = RwSignal::new(absolute.chars().take(length).collect::<String>());
    let title = RwSignal::new(format!("{absolute} UTC"));
    Effect::new(move |_| {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let (now, date) =
            ((js_sys::Date::now() / 1000.0) as i64, js_sys::Date::new(&JsValue::from_f64(at as f64 * 1000.0)));
        text.set(common::ago(lang, now - at));
        title.set(String::from(date.to_locale_string(crate::i18n::LangTag::tag(lang), &JsValue::UNDEFINED)));
    });
    view! { <time datetime=format!("{}Z", absolute.replace(' ', "T")) title=move || title.get()>{move || text.get()}</time> }
}

/// `2026-03-07 14:02`, by the calendar of the civil year (days to date as in "days_from_civil", turned round).
fn utc(at: i64) -> String {
    let (days, seconds) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00");
        assert_eq!(utc(1_767_225_599), "2025-12-31 23:59");
        assert_eq!(utc(-1), "1969-12-31 23:59");
    }
}
