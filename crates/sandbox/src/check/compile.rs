//! Whether V8 would compile the module, and whether the sandbox would.

use std::mem;

use rayon::prelude::*;
use wasmparser::{
    BinaryReaderError, FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, Payload, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

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
}

/// Validates the module, functions on all processors.
pub fn compiles(bytes: &[u8]) -> Compiles {
    let Err(here) = validate(bytes, SANDBOX_FEATURES) else { return Compiles::Yes };
    let Err(envoy) = validate(bytes, ENVOY_FEATURES) else { return Compiles::NotHere(here) };
    match validate(bytes, WasmFeatures::all()) {
        Ok(()) => Compiles::FeatureOff(envoy),
        Err(_) => Compiles::No(envoy),
    }
}

type Function<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// What is wrong with the sections counts before what is wrong with a function, as V8 has it.
fn validate(bytes: &[u8], features: WasmFeatures) -> Result<(), String> {
    let mut validator = Validator::new_with_features(features);
    let mut sections = Parser::new(0).parse_all(bytes);
    let (functions, next) = until_code_ends(&mut validator, &mut sections).map_err(|error| error.to_string())?;
    // Go's linker makes data of tens of thousands of pieces, which are not read in parallel, but beside the functions.
    let rest =
        || next.into_iter().map(Ok).chain(sections).try_for_each(|section| validator.payload(&section?).map(drop));
    let (rest, first) = if bytes.len() < threads::WORTH_IT {
        let mut room = FuncValidatorAllocations::default();
        (rest(), functions.into_iter().find_map(|function| body(&mut room, function).err()))
    } else {
        let bodies = || {
            let all = functions.into_par_iter().map_init(FuncValidatorAllocations::default, body);
            // The first of the module, not the first that is found.
            all.filter_map(Result::err).find_first(|_| true)
        };
        threads::share(|| rayon::join(rest, bodies))
    };
    rest.and(first.map_or(Ok(()), Err)).map_err(|error| error.to_string())
}

/// The functions, and the section behind them.
fn until_code_ends<'a>(
    validator: &mut Validator,
    sections: &mut impl Iterator<Item = Result<Payload<'a>, BinaryReaderError>>,
) -> Result<(Vec<Function<'a>>, Option<Payload<'a>>), BinaryReaderError> {
    let mut functions = Vec::new();
    for section in sections {
        let section = section?;
        if !functions.is_empty() && !matches!(section, Payload::CodeSectionEntry(_)) {
            return Ok((functions, Some(section)));
        }
        if let ValidPayload::Func(function, body) = validator.payload(&section)? {
            functions.push((function, body));
        }
    }
    Ok((functions, None))
}

fn body(room: &mut FuncValidatorAllocations, (function, body): Function<'_>) -> Result<(), BinaryReaderError> {
    let mut validator = function.into_validator(mem::take(room));
    let valid = validator.validate(&body);
    *room = validator.into_allocations();
    valid
}
