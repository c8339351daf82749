//! Moving an applied plugin to another version of the catalogue.

use marketplace_domain::{
    Loads, Reason,
    draft::Draft,
    views::apply::{ApplyTarget, ApplyView, Versions},
};
use marketplace_services::Uploaded;
use marketplace_testkit::{TINY_WASM, wasm};
use serde_json::{Value, json};

use crate::{
    modules::form,
    setup::{BASE, Setup, WHO, digest, edit, new, only, refused, setup, until},
};

const NAME: &str = "data-masking-reviews";

fn applied() -> ApplyTarget {
    edit("bookinfo", NAME)
}

/// Version 1.1.0 is applied, and 1.2.0 is in the catalogue; its schema knows one setting less.
async fn newer() -> (Setup, Value) {
    let setup = setup().await;
    let typed = [("priority", "250"), ("config/mask", "#")];
    let before = setup.applied(&new("bookinfo/reviews", "data-masking"), &typed).await;
    setup.builtin.rewrite("version = \"1.1.0\"", "version = \"1.2.0\"");
    setup.builtin.put_module(1);
    setup.services.seed(&setup.builtin.folder).await.unwrap();
    until("both are looked at", async || {
        let versions = view(&setup, None).await.versions.unwrap();
        versions.all.iter().all(|one| one.verdict.loads == Loads::Yes)
    })
    .await;
    (setup, before)
}

async fn view(setup: &Setup, kept: Option<uuid::Uuid>) -> ApplyView {
    setup.services.apply_view(&applied(), kept).await.unwrap()
}

/// Presses "use this version".
async fn chosen(setup: &Setup, mut draft: Draft, version: &str) -> ApplyView {
    draft.set("toVersion", version);
    let kept = setup.services.keep_apply(&applied(), &draft, None, Some("version")).await.unwrap();
    view(setup, Some(kept)).await
}

fn names(versions: &Versions) -> (Vec<&str>, Option<&str>, &str, &str) {
    let all = versions.all.iter().map(|one| one.version.as_str()).collect();
    (all, versions.latest(), &versions.installed, &versions.chosen)
}

#[tokio::test]
async fn a_newer_version_is_offered_chosen_shown_and_applied() {
    let (setup, before) = newer().await;
    let shown = view(&setup, None).await;
    let all = vec!["1.2.0", "1.1.0"];
    assert_eq!(names(shown.versions.as_ref().unwrap()), (all.clone(), Some("1.2.0"), "1.1.0", "1.1.0"));
    assert!(shown.diff.iter().all(|line| line.sign == ' '), "looking at it changes nothing: {:?}", shown.diff);

    let mut draft = shown.draft;
    draft.set("config/mask", "*");
    let shown = chosen(&setup, draft, "1.2.0").await;
    assert_eq!(names(shown.versions.as_ref().unwrap()), (all, Some("1.2.0"), "1.1.0", "1.2.0"));
    assert_eq!((shown.problems.as_slice(), shown.loading.verdict.loads), ([].as_slice(), Loads::Yes));
    assert_eq!(shown.loading.checked.as_ref().unwrap().sha256, digest(&wasm(1)));
    let changed: Vec<String> = shown
        .diff
        .iter()
        .filter(|line| line.sign != ' ')
        .map(|line| format!("{} {}", line.sign, line.text.trim()))
        .collect();
    let url = |number| format!("{BASE}/modules/{}.wasm", digest(&wasm(number)));
    for line in [
        format!("- url: {}", url(0)),
        format!("+ url: {}", url(1)),
        format!("- sha256: {}", digest(&wasm(0))),
        format!("+ sha256: {}", digest(&wasm(1))),
        "- mask: '#'".to_owned(),
        "+ mask: '*'".to_owned(),
    ] {
        assert!(changed.contains(&line), "{line} in {changed:?}");
    }
    assert_eq!(changed.len(), 6, "{changed:?}");

    setup.services.apply(&applied(), &shown.draft, None, WHO).await.unwrap();
    let after = setup.stored("bookinfo", NAME);
    let mut wanted = before["spec"].clone();
    wanted["url"] = json!(url(1));
    wanted["sha256"] = json!(digest(&wasm(1)));
    wanted["pluginConfig"]["mask"] = json!("*");
    assert_eq!((&after["spec"], &after["metadata"]["uid"]), (&wanted, &before["metadata"]["uid"]));
    let version = after["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    setup.seen("bookinfo", NAME, &version).await;
    let versions = view(&setup, None).await.versions.unwrap();
    assert_eq!((versions.installed.as_str(), versions.moves()), ("1.2.0", false));

    // And back again.
    let shown = chosen(&setup, view(&setup, None).await.draft, "1.1.0").await;
    setup.services.apply(&applied(), &shown.draft, None, WHO).await.unwrap();
    assert_eq!(setup.stored("bookinfo", NAME)["spec"]["sha256"], digest(&wasm(0)));
}

#[tokio::test]
async fn who_chooses_nothing_keeps_the_version() {
    let (setup, before) = newer().await;
    // The list has the newest selected; that alone is no choice.
    let draft = setup.typed(&applied(), &[("priority", "260"), ("toVersion", "1.2.0")]).await;
    setup.services.apply(&applied(), &draft, None, WHO).await.unwrap();
    let after = setup.stored("bookinfo", NAME)["spec"].clone();
    assert_eq!((&after["url"], &after["priority"]), (&before["spec"]["url"], &json!(260)));
    // Chosen and thought better of.
    let shown = chosen(&setup, view(&setup, None).await.draft, "1.2.0").await;
    let shown = chosen(&setup, shown.draft, "1.1.0").await;
    assert!(!shown.versions.unwrap().moves());
    assert!(shown.diff.iter().all(|line| line.sign == ' '), "{:?}", shown.diff);
}

#[tokio::test]
async fn a_configuration_typed_as_yaml_stays_as_it_was_typed() {
    let (setup, _) = newer().await;
    let yaml = "# why\nmask: '+'\n";
    let draft = setup.typed(&applied(), &[("mode", "yaml"), ("yaml", yaml)]).await;
    let shown = chosen(&setup, draft, "1.2.0").await;
    assert_eq!((shown.draft.get("mode"), shown.yaml.as_str()), ("yaml", yaml));
    // One that does not parse is no reason to lose it.
    let broken = "mask: [";
    let draft = setup.typed(&applied(), &[("mode", "yaml"), ("yaml", broken)]).await;
    let shown = chosen(&setup, draft, "1.2.0").await;
    assert_eq!((shown.yaml.as_str(), shown.versions.unwrap().chosen.as_str()), (broken, "1.2.0"));
}

#[tokio::test]
async fn a_version_that_is_not_there_is_no_choice() {
    let (setup, before) = newer().await;
    let draft = setup.typed(&applied(), &[("version", "9.9.9")]).await;
    let (_, problems) = refused(setup.services.apply(&applied(), &draft, None, WHO).await);
    assert_eq!(only(&problems), ("version", &Reason::NotAChoice));
    assert_eq!(setup.stored("bookinfo", NAME), before);
}

#[tokio::test]
async fn a_version_that_envoy_refuses_is_taken_only_after_a_word() {
    let setup = setup().await;
    let upload = async |mut draft: Draft, bytes: Vec<u8>, version: &str, editing: Option<&str>| {
        let editing = editing.map(|name| name.parse().unwrap());
        draft.set("version", version);
        let file = Uploaded::File { name: "x.wasm".into(), bytes };
        let kept = setup.services.upload(editing.as_ref(), draft, None, file).await.unwrap();
        let draft = setup.services.plugin_form(editing.as_ref(), Some(kept)).await.unwrap().draft;
        setup.services.save_plugin(editing.as_ref(), &draft, Some(kept), WHO).await.unwrap();
    };
    upload(form("moving", ""), wasm(3), "1.0.0", None).await;
    setup.applied(&new("bookinfo/ratings", "moving"), &[("name", NAME), ("pullSecret", "")]).await;
    upload(form("moving", ""), TINY_WASM.to_vec(), "2.0.0", Some("moving")).await;
    let shown = chosen(&setup, view(&setup, None).await.draft, "2.0.0").await;
    assert_eq!(shown.loading.verdict.loads, Loads::No);
    assert_eq!(only(&shown.problems), ("confirmRefused", &Reason::WouldNotLoad));
    let mut draft = shown.draft;
    draft.set("confirmRefused", "yes");
    // The word was given for that version, and for no other.
    let shown = chosen(&setup, draft, "1.0.0").await;
    assert_eq!((shown.draft.get("confirmRefused"), shown.problems.as_slice()), ("", [].as_slice()));
}

#[tokio::test]
async fn from_an_image_to_a_file_the_pull_settings_go() {
    let setup = setup().await;
    setup.services.save_plugin(None, &form("moving", "oci://127.0.0.1:9/p:1"), None, WHO).await.unwrap();
    let typed = [("name", NAME), ("pullSecret", "registry-pull"), ("pullPolicy", "Always"), ("confirmRefused", "yes")];
    setup.applied(&new("bookinfo/ratings", "moving"), &typed).await;
    let mut next = form("moving", "http://127.0.0.1:9/p.wasm");
    next.set("version", "1.1.0");
    setup.services.save_plugin(Some(&"moving".parse().unwrap()), &next, None, WHO).await.unwrap();
    let shown = chosen(&setup, view(&setup, None).await.draft, "1.1.0").await;
    assert!(
        !shown.image && shown.problems.iter().all(|problem| problem.field == "confirmRefused"),
        "{:?}",
        shown.problems
    );
    let mut draft = shown.draft;
    draft.set("confirmRefused", "yes");
    setup.services.apply(&applied(), &draft, None, WHO).await.unwrap();
    let spec = setup.stored("bookinfo", NAME)["spec"].clone();
    assert_eq!(spec["url"], "http://127.0.0.1:9/p.wasm");
    assert_eq!(spec.get("imagePullSecret"), None, "{spec}");
    let policy = spec.get("imagePullPolicy").and_then(Value::as_str);
    assert!(matches!(policy, None | Some("UNSPECIFIED_POLICY")), "{spec}");
}

#[tokio::test]
async fn what_somebody_else_wrote_stays_and_what_they_own_is_a_conflict() {
    let (setup, before) = newer().await;
    let foreign = json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": { "namespace": "bookinfo", "name": "theirs", "annotations": { "why": "audit 7" } },
        "spec": {
            "url": before["spec"]["url"], "sha256": before["spec"]["sha256"], "verificationKey": "key",
            "selector": { "matchLabels": { "app": "ratings" } }, "pluginConfig": { "mask": "#" },
        },
    });
    setup.mesh.create_as("argocd-controller", &foreign).unwrap();
    until("it is in the list", async || setup.row("bookinfo", "theirs").await.is_some()).await;
    let target = edit("bookinfo", "theirs");
    let mut draft = setup.services.apply_view(&target, None).await.unwrap().draft;
    draft.set("toVersion", "1.2.0");
    let kept = setup.services.keep_apply(&target, &draft, None, Some("version")).await.unwrap();
    let shown = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    let kept_lines = ["verificationKey: key", "why: audit 7", "app: ratings", "mask: '#'"];
    for line in kept_lines {
        assert!(shown.diff.iter().any(|one| one.sign == ' ' && one.text.trim() == line), "{line}: {:?}", shown.diff);
    }
    let (_, problems) = refused(setup.services.apply(&target, &shown.draft, None, WHO).await);
    let ("", Reason::Conflict(owners)) = only(&problems) else { panic!("{problems:?}") };
    assert!(owners.iter().all(|(_, owner)| owner == "argocd-controller"), "{owners:?}");
    assert!(owners.iter().any(|(field, _)| field == "spec.url"), "{owners:?}");
}
