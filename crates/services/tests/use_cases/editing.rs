//! Editing what we made ourselves.

use marketplace_domain::Reason;
use serde_json::{Value, json};

use crate::setup::{edit, new, only, refused, setup};

const NAME: &str = "data-masking-reviews";

#[tokio::test]
async fn an_edit_changes_only_what_differs() {
    let setup = setup().await;
    let before = setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let after = setup.applied(&edit("bookinfo", NAME), &[("priority", "250"), ("config/mask", "#")]).await;
    let mut wanted = before["spec"].clone();
    wanted["priority"] = json!(250);
    wanted["pluginConfig"]["mask"] = json!("#");
    assert_eq!(after["spec"], wanted);
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
}

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() {
    let setup = setup().await;
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let before = setup.everything();
    let applied = setup.send(&edit("bookinfo", NAME), &[]).await.unwrap();
    assert!(!applied.changed);
    assert_eq!(setup.everything(), before);
    let page = setup.services.activity(None).await.unwrap();
    assert!(page.entries.iter().all(|entry| entry.action != "edited"), "{:?}", page.entries);
}

#[tokio::test]
async fn what_is_taken_out_of_the_form_goes_from_the_resource() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    let env =
        [("env.0.name", "REGION"), ("env.0.from", "INLINE"), ("env.0.value", "eu"), ("failStrategy", "FAIL_OPEN")];
    let before = setup.applied(&target, &env).await;
    assert_eq!(before["spec"]["vmConfig"]["env"][0]["name"], "REGION");

    let edit = edit("bookinfo", NAME);
    let mut draft = setup.typed(&edit, &[("failStrategy", "FAIL_CLOSE"), ("mode", "yaml"), ("yaml", "")]).await;
    draft.fields.retain(|field, _| !field.starts_with("env."));
    setup.services.apply(&edit, &draft, None, "sre").await.unwrap();
    let spec = setup.stored("bookinfo", NAME)["spec"].clone();
    assert_eq!((spec.get("vmConfig"), spec.get("pluginConfig")), (None, None), "{spec}");
    assert!(matches!(spec.get("failStrategy").and_then(Value::as_str), None | Some("FAIL_CLOSE")), "{spec}");
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let setup = setup().await;
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let target = edit("bookinfo", NAME);
    let slow = setup.typed(&target, &[("priority", "5")]).await;
    setup.applied(&target, &[("priority", "6")]).await;
    let (kept, problems) = refused(setup.services.apply(&target, &slow, None, "slow").await);
    assert_eq!(only(&problems), ("", &Reason::ChangedMeanwhile));
    assert_eq!(setup.stored("bookinfo", NAME)["spec"]["priority"], 6);
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.draft.get("priority"), "5", "nothing typed is lost");

    // Having looked again, the person may.
    let mut again = view.draft;
    again.fields.remove("seen");
    setup.services.apply(&target, &again, Some(kept), "slow").await.unwrap();
    assert_eq!(setup.stored("bookinfo", NAME)["spec"]["priority"], 5);
}

#[tokio::test]
async fn a_resource_that_vanished_is_not_made_again() {
    let setup = setup().await;
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let target = edit("bookinfo", NAME);
    let draft = setup.typed(&target, &[("priority", "5")]).await;
    setup.mesh.delete("WasmPlugin", "bookinfo", NAME).unwrap();
    // Whether memory knows it by now or not.
    assert!(setup.services.apply(&target, &draft, None, "sre").await.is_err());
    assert_eq!(setup.stored("bookinfo", NAME), Value::Null);
}
