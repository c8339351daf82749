//! The configuration as a form and as YAML, on its way through kept drafts.

use marketplace_domain::form::{FormKind, FormNode};

use crate::setup::{Setup, change, new, setup};

const SERVICE: (&str, &str) = ("bookinfo/reviews", "data-masking");

/// Carries out an edit as a button without scripts does, and reads the page again.
async fn pressed(setup: &Setup, changes: &[(&str, &str)], edit: &str) -> marketplace_domain::views::apply::ApplyView {
    let target = new(SERVICE.0, SERVICE.1);
    let mut draft = setup.services.apply_view(&target, None).await.unwrap().draft;
    change(&mut draft, changes);
    let kept = setup.services.keep_apply(&target, &draft, None, Some(edit)).await.unwrap();
    setup.services.apply_view(&target, Some(kept)).await.unwrap()
}

fn child<'a>(form: &'a Option<FormNode>, field: &str) -> &'a FormNode {
    let Some(FormNode { kind: FormKind::Object { children }, .. }) = form else { panic!("no form: {form:?}") };
    children.iter().find(|child| child.field == field).unwrap()
}

#[tokio::test]
async fn the_form_begins_with_the_example() {
    let setup = setup().await;
    let view = setup.services.apply_view(&new(SERVICE.0, SERVICE.1), None).await.unwrap();
    assert_eq!(view.problems, []);
    assert_eq!(view.draft.get("mode"), "form");
    assert!(matches!(&child(&view.form, "config/mask").kind, FormKind::Text { value, .. } if value == "*"));
    let FormKind::Many { options } = &child(&view.form, "config/detectors").kind else { panic!("choices") };
    let chosen: Vec<_> = options.iter().filter(|(.., chosen)| *chosen).map(|(value, ..)| value.as_str()).collect();
    assert_eq!(chosen, ["phone", "id-card", "bank-card", "email"]);
}

#[tokio::test]
async fn from_the_form_to_yaml_and_back() {
    let setup = setup().await;
    let view = pressed(&setup, &[("config/mask", "#")], "yaml").await;
    assert_eq!(view.draft.get("mode"), "yaml");
    assert!(view.form.is_none() && view.yaml.contains("mask: '#'"), "{}", view.yaml);

    let typed = "# for the auditors\nmask: '~'\ndetectors: [email]\n";
    let view = pressed(&setup, &[("mode", "yaml"), ("yaml", typed)], "form").await;
    assert_eq!(view.draft.get("mode"), "form");
    assert!(matches!(&child(&view.form, "config/mask").kind, FormKind::Text { value, .. } if value == "~"));
    assert_eq!(view.yaml, typed, "the comment stays while the form says the same");
}

#[tokio::test]
async fn yaml_that_the_form_cannot_say_stays_yaml() {
    let setup = setup().await;
    for typed in ["mask: [", "stranger: 1\n", "- 1\n"] {
        let view = pressed(&setup, &[("mode", "yaml"), ("yaml", typed)], "form").await;
        assert_eq!((view.draft.get("mode"), view.draft.get("yaml")), ("yaml", typed));
        assert!(!view.problems.is_empty());
    }
}

#[tokio::test]
async fn items_are_added_and_removed_without_scripts() {
    let setup = setup().await;
    let items = |view: &marketplace_domain::views::apply::ApplyView| match &child(&view.form, "config/patterns").kind {
        FormKind::List { items } => items.len(),
        other => panic!("no list: {other:?}"),
    };
    assert_eq!(items(&pressed(&setup, &[], "add:config/patterns").await), 2);
    assert_eq!(items(&pressed(&setup, &[], "remove:config/patterns/0").await), 0);
}

#[tokio::test]
async fn yaml_is_what_the_plugin_gets() {
    let setup = setup().await;
    let target = new(SERVICE.0, SERVICE.1);
    let typed = "mask: '~'\ndetectors: [email, ipv4]\nplainAnswers: false\n";
    let stored = setup.applied(&target, &[("mode", "yaml"), ("yaml", typed)]).await;
    let wanted = serde_json::json!({ "mask": "~", "detectors": ["email", "ipv4"], "plainAnswers": false });
    assert_eq!(stored["spec"]["pluginConfig"], wanted);
}
