//! Whether V8 would compile the module, and whether the sandbox would.

use std::thread;

use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, ValidPayload, Validator, ValidatorResources,
    WasmFeatures,
};

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

fn validate(bytes: &[u8], features: WasmFeatures) -> Result<(), String> {
    let mut validator = Validator::new_with_features(features);
    let mut functions: Vec<Function<'_>> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| error.to_string())?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload).map_err(|error| error.to_string())? {
            functions.push((function, body));
        }
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    if threads == 1 || bytes.len() < 256 << 10 {
        return bodies(functions);
    }
    // Dealt out like cards: neighbours are of like size.
    let mut hands: Vec<Vec<Function<'_>>> = (0..threads).map(|_| Vec::new()).collect();
    for (index, function) in functions.into_iter().enumerate() {
        if let Some(hand) = hands.get_mut(index % threads) {
            hand.push(function);
        }
    }
    thread::scope(|scope| {
        let running: Vec<_> = hands.into_iter().map(|hand| scope.spawn(|| bodies(hand))).collect();
        let failed = || Err("the validator failed".to_owned());
        running.into_iter().try_for_each(|hand| hand.join().unwrap_or_else(|_| failed()))
    })
}

fn bodies(functions: Vec<Function<'_>>) -> Result<(), String> {
    let mut room = FuncValidatorAllocations::default();
    for (function, body) in functions {
        let mut validator = function.into_validator(room);
        validator.validate(&body).map_err(|error| error.to_string())?;
        room = validator.into_allocations();
    }
    Ok(())
}
