//! Where the module comes from: an address, looked at while one types, or a file that is dropped here. Without scripts both
//! have a button.

use std::time::Duration;

use leptos::{ev, html, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys};
use marketplace_domain::{
    Problem,
    views::verdict::{ModuleView, Source},
};

use super::{
    api,
    fields::{Inputs, Line},
};
use crate::{
    components::{
        AnswerChip, FieldProblems, ModuleFacts,
        form::{field_id, input_name},
    },
    i18n::use_lang,
    press::Press,
    texts::{edit as e, module as t, problems as sentences},
};

/// Where files are sent to.
const UPLOAD: &str = "/uploads";

/// The largest file that is taken, as the server has it.
const LARGEST: f64 = 16.0 * 1024.0 * 1024.0;

/// How long nobody has typed before an address is looked at.
const PAUSE: Duration = Duration::from_millis(700);

/// What is known of the address that is typed.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    Nothing,
    Looking,
    Module(Box<ModuleView>),
}

/// The part of the form.
#[component]
pub fn ModulePart(
    /// The form's inputs.
    inputs: Inputs,
    /// What is known of what it names.
    module: Option<ModuleView>,
    /// The form.
    form: NodeRef<html::Form>,
    /// Nothing moves under a finger.
    press: Press,
) -> impl IntoView {
    let lang = use_lang();
    let hosted = inputs.draft.get("hosted").to_owned();
    let problems = inputs.problems;
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    let source = if hosted.is_empty() {
        view! { <Elsewhere inputs module press/> }.into_any()
    } else {
        view! { <Uploaded name=inputs.draft.get("hostedName").to_owned() hosted module/> }.into_any()
    };
    view! {
        <section class="card plugin-form-part" class:is-live=move || live.get() aria-labelledby="part-module" id="module">
            <h2 id="part-module">{e::module(lang)}</h2>
            {source}
            <Drop form problems live/>
        </section>
    }
}

/// An address, and what is behind it.
#[component]
fn Elsewhere(inputs: Inputs, module: Option<ModuleView>, press: Press) -> impl IntoView {
    let lang = use_lang();
    let known = RwSignal::new(module.map_or(Known::Nothing, |module| Known::Module(Box::new(module))));
    let pinned = !inputs.draft.get("sha256").trim().is_empty();
    let first = (inputs.draft.get("url").to_owned(), inputs.draft.get("sha256").to_owned());
    let mut later = debounce(PAUSE, looker(first, known, press));
    view! {
        <div class="module-box" on:input=move |_| later(())>
            {inputs.line("url", e::url_hint(lang), Line::Code)}
            <div class="module-actions">
                <button class="button only-without-scripts" type="submit" name="do" value="look">{t::check(lang)}</button>
            </div>
            <Kinds/>
            {inputs.line("sha256", e::sha256_hint(lang), Line::Optional)}
        </div>
        <div role="status">
            {move || match known.get() {
                Known::Nothing => ().into_any(),
                Known::Looking => view! { <p class="muted">{t::checking(lang)}</p> }.into_any(),
                Known::Module(module) => view! { <Answer module=*module pinned/> }.into_any(),
            }}
        </div>
    }
}

/// The answer, before anything is saved.
#[component]
fn Answer(module: ModuleView, pinned: bool) -> impl IntoView {
    let lang = use_lang();
    let pin = !pinned && matches!(module.source, Source::Fetched { .. });
    view! {
        <div class="module-answer">
            <div class="module-head"><h3>{t::will_it_load(lang)}</h3><AnswerChip verdict=module.verdict/></div>
            <ModuleFacts module full=true/>
            {pin.then(|| view! {
                <div class="module-actions">
                    <button class="button button-small" type="submit" name="do" value="pin">{t::take_digest(lang)}</button>
                </div>
            })}
        </div>
    }
}

/// A module that was uploaded, or that an edited plugin has with us.
#[component]
fn Uploaded(name: String, hosted: String, module: Option<ModuleView>) -> impl IntoView {
    let lang = use_lang();
    let title = if name.is_empty() { t::file_label(lang).to_owned() } else { name.clone() };
    view! {
        <input type="hidden" name=input_name("hosted") value=hosted.clone()/>
        <input type="hidden" name=input_name("hostedName") value=name/>
        <div class="uploaded">
            <span class="field-label">{t::uploaded(lang)}</span>
            <strong>{title}</strong>
            <code>{hosted}</code>
            <p class="field-hint">{t::served_here(lang)}</p>
            <div class="module-actions">
                <button class="button button-small" type="submit" name="do" value="no-file">{t::no_file(lang)}</button>
            </div>
        </div>
        {module.map(|module| view! { <div role="status"><Answer module pinned=true/></div> })}
    }
}

/// Where a file is dropped or chosen. What was typed goes with it, and comes back with the answer.
#[component]
fn Drop(form: NodeRef<html::Form>, problems: Signal<Vec<Problem>>, live: RwSignal<bool>) -> impl IntoView {
    let lang = use_lang();
    let over = RwSignal::new(false);
    let sending = RwSignal::new(false);
    let too_large = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let send = move || {
        let (Some(form), Some(input)) = (form.get_untracked(), input.get_untracked()) else { return };
        let Some(size) = size_of(&input) else { return };
        too_large.set(size > LARGEST);
        if size <= LARGEST {
            sending.set(true);
            send_natively(&form);
        }
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = js_sys::Reflect::get(&event, &"dataTransfer".into())
            .and_then(|transfer| js_sys::Reflect::get(&transfer, &"files".into()));
        if let (Ok(files), Some(input)) = (files, input.get_untracked())
            && js_sys::Reflect::set(&input, &"files".into(), &files).is_ok()
        {
            send();
        }
    };
    let described = format!("{id}-hint {id}-problem", id = field_id("file"));
    view! {
        <div
            class="drop"
            class:is-over=move || over.get()
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <label class="field-label" for=field_id("file")>
                {t::file(lang)}
                <span class="field-hint">" "{move || live.get().then(|| t::drop_here(lang))}</span>
            </label>
            <input
                type="file"
                id=field_id("file")
                name="file"
                accept=".wasm,application/wasm"
                aria-describedby=described
                node_ref=input
                on:change=move |_| send()
            />
            <div class="module-actions">
                <button
                    class="button button-small only-without-scripts"
                    type="submit"
                    formaction=UPLOAD
                    formenctype="multipart/form-data"
                    formmethod="post"
                >
                    {t::upload(lang)}
                </button>
                <span role="status" class="muted">{move || sending.get().then(|| t::uploading(lang))}</span>
            </div>
            <p class="field-hint" id=format!("{}-hint", field_id("file"))>{t::file_hint(lang)}</p>
            {move || {
                too_large.get().then(|| view! {
                    <p class="field-problem" role="alert">
                        {sentences::sentence(lang, &marketplace_domain::Reason::FileTooLarge(LARGEST as u64))}
                    </p>
                })
            }}
            <FieldProblems field="file" problems/>
        </div>
    }
}

/// The two kinds of address, by example.
#[component]
fn Kinds() -> impl IntoView {
    let lang = use_lang();
    view! {
        <ul class="address-kinds" aria-label=e::url_kinds(lang)>
            <li>
                <strong>{e::kind_image(lang)}</strong>
                <code>"oci://registry:5000/check-header:latest"</code>
                {e::kind_image_about(lang)}
            </li>
            <li>
                <strong>{e::kind_file(lang)}</strong>
                <code>"https://bucket/filters/openid.wasm"</code>
                {e::kind_file_about(lang)}
            </li>
        </ul>
    }
}

/// Looks at the address as it stands. Only the newest answer counts.
fn looker(first: (String, String), known: RwSignal<Known>, press: Press) -> impl FnMut(()) + 'static {
    let turn = StoredValue::new(0_u32);
    let asked = StoredValue::new(first);
    move |()| {
        let now = (value_of("url"), value_of("sha256"));
        // The page may be gone by now, and typing elsewhere changes nothing here.
        if asked.try_get_value().is_none_or(|asked| asked == now) {
            return;
        }
        asked.set_value(now.clone());
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        press.after(move || drop(known.try_set(Known::Looking)));
        spawn_local(async move {
            let answer = api::look(now.0, now.1).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            let answer = match answer {
                Ok(Some(module)) => Known::Module(Box::new(module)),
                Ok(None) | Err(_) => Known::Nothing,
            };
            press.after(move || drop(known.try_set(answer)));
        });
    }
}

/// What stands in an input.
fn value_of(field: &str) -> String {
    let element = document().get_element_by_id(&field_id(field));
    element
        .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
        .map(|i| i.value())
        .unwrap_or_default()
}

/// The size of the file that was chosen; `None` for no file.
fn size_of(input: &web_sys::HtmlInputElement) -> Option<f64> {
    let files = js_sys::Reflect::get(input, &"files".into()).ok()?;
    let file = js_sys::Reflect::get(&files, &0.into()).ok()?;
    js_sys::Reflect::get(&file, &"size".into()).ok()?.as_f64()
}

/// Sends the form with its file as a browser does it by itself; the page that answers takes this one's place.
fn send_natively(form: &web_sys::HtmlFormElement) {
    let before = (form.get_attribute("action"), form.get_attribute("enctype"));
    let set = |name: &str, value: Option<&str>| match value {
        Some(value) => drop(form.set_attribute(name, value)),
        None => drop(form.remove_attribute(name)),
    };
    set("action", Some(UPLOAD));
    set("enctype", Some("multipart/form-data"));
    drop(form.submit());
    // Should the browser come back to this page, the form is what it was.
    set("action", before.0.as_deref());
    set("enctype", before.1.as_deref());
}
