//! Times as text.

/// A day of the calendar, at a time of the day.
#[derive(Debug, PartialEq, Eq)]
struct Moment {
    year: u64,
    month: usize,
    day: u64,
    weekday: usize,
    second: u64,
}

const DAY: u64 = 86_400;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/// The last second of the year 9999: later ones have no text.
const LAST: u64 = 253_402_300_799;

impl Moment {
    fn of(seconds: u64) -> Self {
        let seconds = seconds.min(LAST);
        let days = seconds / DAY;
        let (mut year, mut rest) = (1970 + days / 146_097 * 400, days % 146_097);
        while rest >= length(year) {
            rest -= length(year);
            year += 1;
        }
        let mut month = 0;
        while rest >= month_length(year, month) {
            rest -= month_length(year, month);
            month += 1;
        }
        Self { year, month, day: rest + 1, weekday: (days % 7) as usize, second: seconds % DAY }
    }

    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.second / 3600, self.second / 60 % 60, self.second % 60)
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn length(year: u64) -> u64 {
    365 + u64::from(is_leap(year))
}

fn month_length(year: u64, month: usize) -> u64 {
    match month {
        1 => 28 + u64::from(is_leap(year)),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// As in HTTP's `Date`, from seconds since 1970.
pub fn http_date(seconds: u64) -> String {
    let moment = Moment::of(seconds);
    let (weekday, month) = (WEEKDAYS[moment.weekday], MONTHS[moment.month]);
    format!("{weekday}, {:02} {month} {} {} GMT", moment.day, moment.year, moment.clock())
}

/// As in RFC 3339, with milliseconds, from nanoseconds since 1970.
pub fn rfc3339(nanoseconds: u64) -> String {
    let moment = Moment::of(nanoseconds / 1_000_000_000);
    let milliseconds = nanoseconds / 1_000_000 % 1000;
    format!("{}-{:02}-{:02}T{}.{milliseconds:03}Z", moment.year, moment.month + 1, moment.day, moment.clock())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_known_seconds() {
        for (seconds, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_764_114_645, "Tue, 25 Nov 2025 23:50:45 GMT"),
            (2_145_916_555, "Thu, 31 Dec 2037 23:55:55 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(seconds), date);
        }
        assert_eq!(rfc3339(1_764_114_645_007_999_999), "2025-11-25T23:50:45.007Z");
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let mut before = http_date(0);
        for day in 1..200_000 {
            let date = http_date(day * DAY);
            assert_ne!(date, before);
            let moment = Moment::of(day * DAY);
            assert!(moment.day >= 1 && moment.day <= month_length(moment.year, moment.month), "{date}");
            before = date;
        }
    }
}
