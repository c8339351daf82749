//! What bad input gets: a problem at its field, nothing changed, nothing typed lost.

use marketplace_domain::{Reason, module_url::BadUrl, problem::NoProxy};

use crate::setup::{Setup, WHO, change, new, only, refused, setup, until};

/// Sends the form with these changes; it must be refused for this one reason, and keep what was typed.
async fn refuses(setup: &Setup, changes: &[(&str, &str)], field: &str, reason: &dyn Fn(&Reason) -> bool) {
    let target = new("bookinfo/reviews", "data-masking");
    let before = setup.everything();
    let (kept, problems) = refused(setup.send(&target, changes).await);
    let (at, why) = only(&problems);
    assert!(at == field && reason(why), "{changes:?}: {at} {why:?}");
    assert_eq!(setup.everything(), before, "{changes:?} changed something");
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.problems, problems, "{changes:?}");
    for (name, text) in changes {
        assert_eq!(view.draft.get(name), *text, "{changes:?} was lost");
    }
}

#[tokio::test]
async fn each_mistake_stands_at_its_field() {
    let setup = setup().await;
    let same = |reason: Reason| move |found: &Reason| *found == reason;
    for typed in ["0", "1001", "ten", "", "1.5", "-1", "99999999999"] {
        refuses(&setup, &[("priority", typed)], "priority", &same(Reason::PriorityOutOfRange)).await;
    }
    for (changes, field, reason) in [
        (&[("name", "Not A Name")][..], "name", Reason::NameMalformed),
        (&[("name", "")], "name", Reason::Required),
        (&[("phase", "SOON")], "phase", Reason::NotAChoice),
        (&[("failStrategy", "FAIL_CLOSED")], "failStrategy", Reason::NotAChoice),
        (&[("direction", "UP")], "direction", Reason::NotAChoice),
        (&[("ports", "9080, 0")], "ports", Reason::PortMalformed),
        (&[("ports", "http")], "ports", Reason::PortMalformed),
        (&[("ports", "70000")], "ports", Reason::PortMalformed),
        (&[("ports", "80,80")], "ports", Reason::PortDuplicate),
        (&[("env.0.name", "ISTIO_META_X"), ("env.0.value", "1")], "env.0.name", Reason::EnvReserved),
        (&[("env.0.name", "2nd"), ("env.0.value", "1")], "env.0.name", Reason::EnvNameMalformed),
        (&[("env.0.name", ""), ("env.0.value", "1")], "env.0.name", Reason::Required),
        (
            &[("env.0.name", "A"), ("env.0.value", "1"), ("env.1.name", "A"), ("env.1.value", "2")],
            "env.1.name",
            Reason::EnvDuplicate,
        ),
        (&[("env.0.name", "A"), ("env.0.from", "HOST"), ("env.0.value", "1")], "env.0.value", Reason::EnvHostWithValue),
        (&[("mode", "yaml"), ("yaml", "- 1\n")], "yaml", Reason::ConfigNotAnObject),
        (&[("mode", "yaml"), ("yaml", "maxBodyKiB: 0\n")], "config/maxBodyKiB", Reason::SchemaMinimum("1".into())),
        (&[("mode", "yaml"), ("yaml", "stranger: 1\n")], "config", Reason::SchemaUnknown("stranger".into())),
        (&[("config/maxBodyKiB", "2000")], "config/maxBodyKiB", Reason::SchemaMaximum("1024".into())),
        (&[("config/maxBodyKiB", "much")], "config/maxBodyKiB", Reason::SchemaType("integer".into())),
        (&[("config/patterns/0/match", "")], "config/patterns/0/match", Reason::Required),
    ] {
        refuses(&setup, changes, field, &same(reason)).await;
    }
}

#[tokio::test]
async fn yaml_that_does_not_parse_has_a_line_and_a_column() {
    let setup = setup().await;
    let broken = [("mode", "yaml"), ("yaml", "mask: \"*\"\ndetectors: [phone,\n")];
    refuses(&setup, &broken, "yaml", &|reason| matches!(reason, Reason::YamlSyntax { line: 2.., column: 1.., .. }))
        .await;
}

#[tokio::test]
async fn a_name_that_is_taken() {
    let setup = setup().await;
    setup.applied(&new("bookinfo/ratings", "data-masking"), &[("name", "taken")]).await;
    refuses(&setup, &[("name", "taken")], "name", &|reason| *reason == Reason::ResourceTaken).await;
    // The name proposed for a second plugin is another one.
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let draft = setup.typed(&new("bookinfo/reviews", "data-masking"), &[]).await;
    assert_eq!(draft.get("name"), "data-masking-reviews-2");
}

#[tokio::test]
async fn services_that_no_plugin_can_reach() {
    let setup = setup().await;
    for (service, why) in
        [("plain/legacy", NoProxy::NoSidecar), ("ambient-bare/inventory", NoProxy::AmbientWithoutWaypoint)]
    {
        let before = setup.everything();
        let (_, problems) = refused(setup.send(&new(service, "data-masking"), &[]).await);
        assert_eq!(only(&problems), ("", &Reason::NoProxy(why)), "{service}");
        assert_eq!(setup.everything(), before);
    }
}

#[tokio::test]
async fn on_a_waypoint_ports_and_outbound_never_match() {
    let setup = setup().await;
    let target = new("ambient/orders", "data-masking");
    let (_, problems) = refused(setup.send(&target, &[("ports", "80")]).await);
    assert_eq!(only(&problems), ("ports", &Reason::PortsOnWaypoint));
    let (_, problems) = refused(setup.send(&target, &[("direction", "CLIENT")]).await);
    assert_eq!(only(&problems), ("direction", &Reason::DirectionOnWaypoint));
}

#[tokio::test]
async fn a_service_that_vanished_meanwhile() {
    let setup = setup().await;
    let target = new("bookinfo/ratings", "data-masking");
    let draft = setup.typed(&target, &[("priority", "77")]).await;
    setup.mesh.delete("Service", "bookinfo", "ratings").unwrap();
    until("the service is gone", async || {
        let view = setup.services.apply_view(&target, None).await.unwrap();
        view.problems.iter().any(|problem| problem.reason == Reason::ServiceGone)
    })
    .await;
    let before = setup.everything();
    let (kept, problems) = refused(setup.services.apply(&target, &draft, None, WHO).await);
    assert_eq!(only(&problems), ("", &Reason::ServiceGone));
    assert_eq!(setup.everything(), before);
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.draft.get("priority"), "77");
}

#[tokio::test]
async fn a_plugin_of_the_catalogue_is_checked_the_same_way() {
    let setup = setup().await;
    let mut draft = setup.services.plugin_form(None, None).await.unwrap().draft;
    change(
        &mut draft,
        &[
            ("name", "check-header"),
            ("titleZh", "检查请求头"),
            ("descriptionEn", "Checks a header."),
            ("descriptionZh", "检查一个请求头。"),
            ("version", "1.0.0"),
            ("url", "10.0.0.5:5000/p"),
        ],
    );
    let (kept, problems) = refused(setup.services.save_plugin(None, &draft, None, WHO).await);
    let scheme = BadUrl::NoScheme("oci://10.0.0.5:5000/p".into());
    assert_eq!(only(&problems), ("url", &Reason::AddressBad(scheme)));
    let form = setup.services.plugin_form(None, Some(kept)).await.unwrap();
    assert_eq!((form.draft, form.problems), (draft.clone(), problems));

    change(&mut draft, &[("url", "oci://registry:5000/check-header:latest"), ("name", "data-masking")]);
    let (_, problems) = refused(setup.services.save_plugin(None, &draft, Some(kept), WHO).await);
    assert_eq!(only(&problems), ("name", &Reason::NameTaken));
}
