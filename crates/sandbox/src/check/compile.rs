//! Whether V8 would compile the module, and whether the sandbox would.

use std::mem;

use rayon::prelude::*;
use wasmparser::{
    BinaryReaderError, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, Parser, Payload,
    ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

use super::cost::{Allowance, Counter, Widths};
use crate::threads;

/// What V8 runs as Envoy 1.40 sets it up.
pub const ENVOY_FEATURES: WasmFeatures = WasmFeatures::WASM3.union(WasmFeatures::LEGACY_EXCEPTIONS);

/// What the sandbox runs; the engine's settings are made of it.
pub const SANDBOX_FEATURES: WasmFeatures =
    WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST).union(WasmFeatures::RELAXED_SIMD);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiles {
    /// Everywhere.
    Yes,
    /// In Envoy, but the sandbox lacks something.
    NotHere(String),
    /// It needs a proposal that V8 does not run.
    FeatureOff(String),
    /// Nowhere.
    No(String),
    /// Finding it out would cost more than it may.
    TooMuch,
}

/// Validates the module, functions on all processors, however much that costs.
pub fn compiles(bytes: &[u8]) -> Compiles {
    compiles_within(bytes, u64::MAX)
}

/// The same for at most so many units besides what its bytes cost (see [`super::cost`]).
pub(super) fn compiles_within(bytes: &[u8], units: u64) -> Compiles {
    let validation = Validation { bytes, widths: Widths::read(bytes), allowance: Allowance::new(units) };
    match validation.verdict() {
        Ok(compiles) => compiles,
        Err(Fault::TooMuch) => Compiles::TooMuch,
        Err(Fault::Frames(words) | Fault::Features(words)) => Compiles::No(words),
    }
}

type Function<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// Why a module is not valid.
enum Fault {
    /// Its sections cannot be told apart, whatever the features.
    Frames(String),
    /// With these features.
    Features(String),
    /// It was not found out.
    TooMuch,
}

/// Why a function is not.
enum Flaw {
    Invalid(BinaryReaderError),
    TooMuch,
}

impl From<BinaryReaderError> for Flaw {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid(error)
    }
}

/// Functions that were not valid the last time, by their place in the code section. `None`: all are to be read.
type Unsettled = Option<Vec<usize>>;

/// A module that is validated with more and more features. What is valid with few of them is valid with more, so that
/// a function is not validated again once it was valid.
struct Validation<'a> {
    bytes: &'a [u8],
    widths: Widths,
    allowance: Allowance,
}

impl Validation<'_> {
    fn verdict(&self) -> Result<Compiles, Fault> {
        let (here, left) = self.words(SANDBOX_FEATURES, None);
        let Some(here) = here? else { return Ok(Compiles::Yes) };
        let settled = left.as_ref().is_some_and(Vec::is_empty);
        let (envoy, anywhere) = if settled {
            // Only sections are left to be read, which takes one processor.
            let words = |features| self.words(features, Some(Vec::new())).0;
            threads::share(|| rayon::join(|| words(ENVOY_FEATURES), || Some(words(WasmFeatures::all()))))
        } else {
            let (envoy, left) = self.words(ENVOY_FEATURES, left);
            let anywhere = matches!(envoy, Ok(Some(_))).then(|| self.words(WasmFeatures::all(), left).0);
            (envoy, anywhere)
        };
        let Some(envoy) = envoy? else { return Ok(Compiles::NotHere(here)) };
        match anywhere.transpose()?.flatten() {
            None => Ok(Compiles::FeatureOff(envoy)),
            Some(_) => Ok(Compiles::No(envoy)),
        }
    }

    /// What is wrong with these features, and the functions that are not settled then.
    fn words(&self, features: WasmFeatures, unsettled: Unsettled) -> (Result<Option<String>, Fault>, Unsettled) {
        let mut left = unsettled;
        let words = match self.validate(features, &mut left) {
            Ok(()) => Ok(None),
            Err(Fault::Features(words)) => Ok(Some(words)),
            Err(fault) => Err(fault),
        };
        (words, left)
    }

    /// What is wrong with the sections counts before what is wrong with a function, as V8 has it.
    fn validate(&self, features: WasmFeatures, unsettled: &mut Unsettled) -> Result<(), Fault> {
        let mut validator = Validator::new_with_features(features);
        let mut sections = Parser::new(0).parse_all(self.bytes);
        let (functions, next) = until_code_ends(&mut validator, &mut sections)?;
        // Go's linker makes data of tens of thousands of pieces, which are not read in parallel, but beside the functions.
        let rest = || {
            let mut sections = next.into_iter().map(Ok).chain(sections);
            sections.try_for_each(|section| step(&mut validator, section).map(drop))
        };
        let (rest, flaws) = if self.bytes.len() < threads::WORTH_IT {
            let mut room = FuncValidatorAllocations::default();
            let functions = functions.into_iter().enumerate();
            (rest(), functions.filter_map(|function| self.flaw(&mut room, function, unsettled)).collect())
        } else {
            let bodies = || {
                let functions = functions.into_par_iter().enumerate();
                let flaw = |room: &mut _, function| self.flaw(room, function, unsettled);
                functions.map_init(FuncValidatorAllocations::default, flaw).flatten_iter().collect::<Vec<_>>()
            };
            threads::share(|| rayon::join(rest, bodies))
        };
        if flaws.iter().any(|(_, flaw)| matches!(flaw, Flaw::TooMuch)) {
            return Err(Fault::TooMuch);
        }
        *unsettled = Some(flaws.iter().map(|(at, _)| *at).collect());
        rest?;
        match flaws.into_iter().next() {
            Some((_, Flaw::Invalid(error))) => Err(Fault::Features(error.to_string())),
            _ => Ok(()),
        }
    }

    /// What is wrong with one function, if it is to be read at all.
    fn flaw(
        &self,
        room: &mut FuncValidatorAllocations,
        (at, (function, body)): (usize, Function<'_>),
        unsettled: &Unsettled,
    ) -> Option<(usize, Flaw)> {
        if let Some(unsettled) = unsettled {
            unsettled.binary_search(&at).ok()?;
            // What its bytes cost was paid for the first time.
            if !self.allowance.take(body.as_bytes().len() as u64) {
                return Some((at, Flaw::TooMuch));
            }
        }
        let mut validator = function.into_validator(mem::take(room));
        let valid = validate_body(&mut validator, &body, &self.widths, &self.allowance);
        *room = validator.into_allocations();
        valid.err().map(|flaw| (at, flaw))
    }
}

/// One section's turn.
fn step<'a>(
    validator: &mut Validator,
    section: Result<Payload<'a>, BinaryReaderError>,
) -> Result<ValidPayload<'a>, Fault> {
    let section = section.map_err(|error| Fault::Frames(error.to_string()))?;
    validator.payload(&section).map_err(|error| match section {
        Payload::UnknownSection { .. } => Fault::Frames(error.to_string()),
        _ => Fault::Features(error.to_string()),
    })
}

/// The functions, and the section behind them.
fn until_code_ends<'a>(
    validator: &mut Validator,
    sections: &mut impl Iterator<Item = Result<Payload<'a>, BinaryReaderError>>,
) -> Result<(Vec<Function<'a>>, Option<Payload<'a>>), Fault> {
    let mut functions = Vec::new();
    for section in sections {
        if !functions.is_empty() && !matches!(section, Err(_) | Ok(Payload::CodeSectionEntry(_))) {
            return Ok((functions, section.ok()));
        }
        if let ValidPayload::Func(function, body) = step(validator, section)? {
            functions.push((function, body));
        }
    }
    Ok((functions, None))
}

/// As [`FuncValidator::validate`] has it, but for the counting.
fn validate_body(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    widths: &Widths,
    allowance: &Allowance,
) -> Result<(), Flaw> {
    /// Units that are taken at once.
    const STEP: u64 = 4096;
    let mut counter = Counter::new(widths, body);
    let mut owed = counter.flat();
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    reader.set_features(*validator.features());
    while !reader.eof() {
        let at = reader.original_position();
        owed += u64::from(counter.besides(at));
        if owed >= STEP {
            if !allowance.take(owed) {
                return Err(Flaw::TooMuch);
            }
            owed = 0;
        }
        reader.visit_operator(&mut validator.visitor(at))??;
    }
    reader.finish_expression(&validator.visitor(reader.original_position()))?;
    if allowance.take(owed) { Ok(()) } else { Err(Flaw::TooMuch) }
}
