//! The HTML of each kind of field: names that lead back to the draft, labels that belong to inputs, problems that are linked.

use leptos::prelude::*;
use marketplace_domain::{
    Lang, Localised, Problem, Reason,
    form::{FormKind, FormNode},
};

use super::{FormContext, field, input_fields};

fn node(field: &str, kind: FormKind) -> FormNode {
    FormNode {
        field: field.to_owned(),
        title: Localised::new("Largest body", "最大正文"),
        description: Localised::new("In KiB.", "单位 KiB。"),
        required: false,
        problems: Vec::new(),
        kind,
    }
}

/// The HTML of a node, in English, with a problem at each of `wrong`.
fn html(node: FormNode, wrong: &[&str]) -> String {
    html_in(node, wrong, Lang::En)
}

fn html_in(node: FormNode, wrong: &[&str], lang: Lang) -> String {
    let problems: Vec<Problem> = wrong.iter().map(|field| Problem::at(*field, Reason::Required)).collect();
    let owner = Owner::new();
    owner.with(|| field(node, FormContext { lang, problems: Signal::stored(problems) }).to_html())
}

#[track_caller]
fn check(html: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(html.contains(piece), "{piece} is not in {html}");
    }
}

fn text(field: &str, value: &str) -> FormNode {
    node(field, FormKind::Text { value: value.into(), default: "*".into(), multiline: false })
}

#[test]
fn a_text_has_label_hint_and_default() {
    let html = html(text("config/mask", "#"), &[]);
    check(
        &html,
        &[
            "<label for=\"f-config.mask\" class=\"field-label\">",
            "name=\"fields[config/mask]\"",
            "value=\"#\"",
            "placeholder=\"*\"",
            "aria-describedby=\"f-config.mask-hint\"",
            "In KiB.",
            "Largest body",
        ],
    );
    assert!(!html.contains("aria-invalid"));
}

#[test]
fn titles_are_in_the_language_of_the_page() {
    check(&html_in(text("config/mask", ""), &[], Lang::Zh), &["最大正文", "单位 KiB。"]);
}

#[test]
fn a_problem_is_linked_from_its_field() {
    let html = html(text("config/mask", ""), &["config/mask", "config/other"]);
    check(
        &html,
        &[
            "aria-invalid=\"true\"",
            "aria-describedby=\"f-config.mask-hint f-config.mask-problem\"",
            "id=\"f-config.mask-problem\"",
        ],
    );
    assert_eq!(html.matches("field-problem").count(), 1);
}

#[test]
fn a_needed_field_says_so() {
    let html = html(FormNode { required: true, ..text("config/mask", "") }, &[]);
    check(&html, &["aria-required=\"true\"", "form-required"]);
}

#[test]
fn lines_keep_a_break_at_the_beginning() {
    let kind = FormKind::Text { value: "\na </textarea> b".into(), default: String::new(), multiline: true };
    check(&html(node("config/text", kind), &[]), &["<textarea", "\n\na &lt;/textarea&gt; b"]);
}

#[test]
fn a_number_keeps_what_was_typed_and_says_its_limits() {
    let kind = FormKind::Number {
        value: "ten".into(),
        default: "256".into(),
        integer: true,
        minimum: Some("1".into()),
        maximum: Some("10240".into()),
    };
    check(
        &html(node("config/max", kind), &[]),
        &["type=\"text\"", "inputmode=\"numeric\"", "value=\"ten\"", "1 to 10240"],
    );
}

#[test]
fn a_box_says_that_it_was_there() {
    let checked = html(node("config/dry", FormKind::Bool { value: true }), &[]);
    check(
        &checked,
        &["name=\"fields[config/dry?]\" value=\"1\"", "name=\"fields[config/dry]\"", "value=\"on\"", " checked"],
    );
    let unchecked = html(node("config/dry", FormKind::Bool { value: false }), &[]);
    assert!(!unchecked.contains(" checked"), "{unchecked}");
}

#[test]
fn a_choice_has_its_value_selected_and_an_entry_for_none() {
    let options =
        vec![("fast".to_owned(), Localised::new("Fast", "快")), ("safe".to_owned(), Localised::new("Safe", "稳"))];
    let kind = FormKind::Choice { value: "safe".into(), options: options.clone(), default: "fast".into() };
    let chosen = html(node("config/mode", kind), &[]);
    check(&chosen, &["<select", "<option value=\"\">default: Fast", "<option value=\"safe\" selected>Safe"]);
    let kind = FormKind::Choice { value: "odd".into(), options, default: String::new() };
    check(
        &html(node("config/mode", kind), &["config/mode"]),
        &["<option value=\"odd\" selected>odd", "aria-invalid=\"true\""],
    );
}

#[test]
fn many_are_boxes_of_a_group() {
    let options = vec![
        ("phone".to_owned(), Localised::new("Phone", "电话"), true),
        ("a[b]".to_owned(), Localised::new("Odd", ""), false),
    ];
    let html = html(node("config/find", FormKind::Many { options }), &["config/find"]);
    check(
        &html,
        &[
            "<fieldset",
            "<legend",
            "fields[config/find?]",
            "name=\"fields[config/find#phone]\"",
            "name=\"fields[config/find#a%5Bb%5D]\"",
            "aria-describedby=\"f-config.find-hint f-config.find-problem\"",
        ],
    );
    assert_eq!(html.matches(" checked").count(), 1);
}

#[test]
fn lists_grow_and_shrink_by_buttons() {
    let items = vec![text("config/list/0", "a"), text("config/list/1", "b")];
    let html = html(node("config/list", FormKind::List { items }), &[]);
    check(
        &html,
        &[
            "name=\"do\" value=\"add:config/list\"",
            "name=\"do\" value=\"remove:config/list/0\"",
            "name=\"fields[config/list/1?]\"",
            "name=\"fields[config/list/1]\"",
            "Remove Largest body, item 2",
        ],
    );
}

#[test]
fn maps_have_keys_and_values() {
    let rows = vec![("config/map/0:key".to_owned(), "x".to_owned(), text("config/map/0", "1"))];
    let html = html(node("config/map", FormKind::Map { rows }), &[]);
    check(
        &html,
        &["name=\"fields[config/map/0:key]\"", "value=\"x\"", "name=\"fields[config/map/0]\"", "remove:config/map/0"],
    );
}

#[test]
fn variants_are_chosen_and_changed_without_scripts() {
    let child = node("config/when", FormKind::Object { children: vec![text("config/when/until", "noon")] });
    let kind = FormKind::OneOf {
        chosen: 1,
        options: vec![Localised::new("Never", ""), Localised::new("Until", "")],
        child: Box::new(FormNode { title: Localised::default(), description: Localised::default(), ..child }),
    };
    let html = html(node("config/when", kind), &[]);
    check(
        &html,
        &[
            "name=\"fields[config/when@variant]\"",
            "<option value=\"1\" selected>Until",
            "value=\"change:config/when@variant\"",
            "name=\"fields[config/when/until]\"",
        ],
    );
    let ids: Vec<_> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), different.len(), "{ids:?}");
}

#[test]
fn an_object_frames_its_fields() {
    let html = html(node("config/limits", FormKind::Object { children: vec![text("config/limits/a", "")] }), &[]);
    check(&html, &["<legend class=\"field-label\">", "fields[config/limits/a]"]);
}

#[test]
fn anything_else_is_yaml() {
    check(&html(node("config/any", FormKind::Raw { value: "a: 1".into() }), &[]), &["<textarea", "form-code", "a: 1"]);
}

#[test]
fn all_inputs_are_known_by_name() {
    let rows = vec![("config/map/0:key".to_owned(), "x".to_owned(), text("config/map/0", "1"))];
    let options = vec![("phone".to_owned(), Localised::default(), true)];
    let root = node(
        "config",
        FormKind::Object {
            children: vec![
                text("config/mask", "#"),
                node("config/dry", FormKind::Bool { value: true }),
                node("config/find", FormKind::Many { options }),
                node("config/list", FormKind::List { items: vec![text("config/list/0", "a")] }),
                node("config/map", FormKind::Map { rows }),
            ],
        },
    );
    let mut known = Vec::new();
    input_fields(&root, &mut known);
    let html = html(root, &[]);
    let drawn: std::collections::BTreeSet<_> =
        html.split("name=\"fields[").skip(1).filter_map(|rest| rest.split("]\"").next()).map(str::to_owned).collect();
    assert_eq!(drawn, known.into_iter().collect());
}
