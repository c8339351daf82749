//! JSON values as schemas see them: 1 and 1.0 are the same number.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Number, Value};

/// The names of types. `integer` is a number without fraction, however written.
pub const KINDS: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/// The bits of the types that a value has.
pub fn kinds(value: &Value) -> u8 {
    match value {
        Value::Null => 1,
        Value::Bool(_) => 1 << 1,
        Value::Object(_) => 1 << 2,
        Value::Array(_) => 1 << 3,
        Value::Number(number) => (1 << 4) | (u8::from(is_integer(number)) << 6),
        Value::String(_) => 1 << 5,
    }
}

fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Which of two numbers is greater.
pub fn order(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// Whether a number is a multiple of another one. Fractions are taken as they are written, within what a double can tell.
pub fn is_multiple(number: &Number, of: &Number) -> bool {
    // A divisor written `2.0` is whole too; a double near a large number would be another number.
    let divisor =
        whole(of).or_else(|| of.as_f64().filter(|of| of.fract() == 0.0 && of.abs() < 1e15).map(|of| of as i128));
    if let (Some(number), Some(of)) = (whole(number), divisor) {
        return of != 0 && number % of == 0;
    }
    let quotient = number.as_f64().unwrap_or(f64::NAN) / of.as_f64().unwrap_or(f64::NAN);
    quotient.is_finite() && (quotient - quotient.round()).abs() <= quotient.abs().max(1.0) * 4.0 * f64::EPSILON
}

/// Whether two values are the same. `cost` counts what was compared.
pub fn equal(a: &Value, b: &Value, cost: &mut usize) -> bool {
    *cost += 1;
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b, cost)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b, cost)))
        }
        (Value::String(a), Value::String(b)) => {
            *cost += a.len() / 64;
            a == b
        }
        _ => a == b,
    }
}

/// The same for values that are the same.
pub fn hash(value: &Value, hasher: &mut DefaultHasher, cost: &mut usize) {
    *cost += 1;
    kinds(value).min(1 << 5).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(yes) => yes.hash(hasher),
        // Adding zero makes -0 the 0 that it equals.
        Value::Number(number) => (number.as_f64().unwrap_or(0.0) + 0.0).to_bits().hash(hasher),
        Value::String(text) => {
            *cost += text.len() / 64;
            text.hash(hasher);
        }
        Value::Array(items) => items.iter().for_each(|item| hash(item, hasher, cost)),
        Value::Object(members) => {
            for (name, member) in members {
                name.hash(hasher);
                hash(member, hasher, cost);
            }
        }
    }
    hasher.write_u8(0xff);
}

/// Whether no two items are the same.
pub fn all_differ(items: &[Value], cost: &mut usize) -> bool {
    let mut hashes: Vec<(u64, usize)> = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        hash(item, &mut hasher, cost);
        hashes.push((hasher.finish(), i));
    }
    hashes.sort_unstable();
    hashes.chunk_by(|(a, _), (b, _)| a == b).all(|same| {
        same.iter().enumerate().all(|(at, (_, i))| same[..at].iter().all(|(_, j)| !equal(&items[*i], &items[*j], cost)))
    })
}
