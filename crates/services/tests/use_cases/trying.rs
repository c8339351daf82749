//! Trying plugins in the sandbox: with a service and without, what is kept of it, and the form for programs.

use marketplace_domain::{
    Problem, Reason,
    draft::Draft,
    views::{
        apply::ApplyTarget,
        run::{Outcome, RunView, SideRow},
        trial::{LeftOut, SampleTitle},
    },
};
use marketplace_services::{Asked, ServiceError, Tried};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::setup::{Setup, WHO, change, new, refused, setup};

/// With a module that runs in place of the usual one.
async fn running() -> Setup {
    let setup = setup().await;
    std::fs::write(setup.builtin.plugin().join("module.wasm"), marketplace_testkit::tagger()).unwrap();
    setup.services.seed(&setup.builtin.folder).await.unwrap();
    setup
}

fn alone() -> ApplyTarget {
    ApplyTarget::Alone { plugin: "data-masking".to_owned(), version: String::new() }
}

/// What is typed for a plain request.
const PLAIN: [(&str, &str); 6] = [
    ("try.mode", "form"),
    ("try.request.method", "GET"),
    ("try.request.path", "/reviews/7"),
    ("try.upstream.status", "200"),
    ("try.upstream.body", "{\"phone\":\"138\"}"),
    ("try.more", ""),
];

/// A configuration, for a module that refuses an empty one.
const CONFIGURED: [(&str, &str); 2] = [("mode", "yaml"), ("yaml", "contentTypes: [application/json]\nmaxBodyKiB: 512")];

async fn typed(setup: &Setup, target: &ApplyTarget, changes: &[(&str, &str)]) -> Draft {
    let mut draft = setup.services.apply_view(target, None).await.unwrap().draft;
    draft.fields.retain(|name, _| !name.starts_with("try."));
    change(&mut draft, &PLAIN);
    change(&mut draft, changes);
    draft
}

async fn ran(setup: &Setup, target: &ApplyTarget, changes: &[(&str, &str)]) -> RunView {
    let draft = typed(setup, target, changes).await;
    let id = setup.services.try_apply(target, &draft, None, WHO).await.unwrap();
    setup.services.run_view(id, 1).await.unwrap()
}

fn added(rows: &[SideRow]) -> Vec<&SideRow> {
    rows.iter().filter(|row| row.differs()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_what_the_plugin_changed() {
    let setup = running().await;
    let accept = [("try.request.headers.3.name", "Accept"), ("try.request.headers.3.value", "*/*")];
    let run = ran(&setup, &alone(), &[CONFIGURED, accept].concat()).await;
    let tried = SideRow::Added("x-tried: yes".into());
    let (request, response) = (run.request.unwrap(), run.response.unwrap());
    assert_eq!((run.outcome, run.who.as_str()), (Outcome::Responded, WHO));
    assert_eq!((added(&request.headers), added(&response.headers)), (vec![&tried], vec![&tried]));
    assert_eq!(request.start[0], SideRow::Same("GET /reviews/7".into()));
    assert!(request.headers.contains(&SideRow::Same("accept: */*".into())), "{:?}", request.headers);
    assert!(!response.body.rows.iter().any(SideRow::differs) && response.complete);
    assert_eq!(run.plugins.iter().map(|plugin| plugin.accepted).collect::<Vec<_>>(), [Some(true)]);
    // The configuration arrives as Istio passes it: compact, with sorted keys.
    assert!(run.logs[0].text.starts_with("{\"contentTypes\":"), "{:?}", run.logs);
    assert!(run.trace.total > 3 && run.trace.calls.iter().any(|call| call.name == "env.proxy_log"));
    assert!(run.phases.iter().any(|one| one.phase == "request_headers" && one.calls == 1 && one.fuel > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_the_plugin_is_said_to_be_one() {
    let setup = running().await;
    let denied = [("try.request.headers.0.name", "x-deny"), ("try.request.headers.0.value", "1")];
    let run = ran(&setup, &alone(), &[CONFIGURED, denied].concat()).await;
    let reply = run.reply.unwrap();
    assert_eq!((reply.plugin, reply.status, reply.reached_client), (Some(0), 403, true));
    assert_eq!((run.request, run.details.as_deref()), (None, Some("denied")));
    let response = run.response.unwrap();
    assert!(response.own && !response.changed());
    assert_eq!(response.body.rows, [SideRow::Same("denied".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_the_plugin_refuses() {
    let setup = running().await;
    let run = ran(&setup, &alone(), &[("mode", "yaml"), ("yaml", "{}")]).await;
    assert_eq!((run.outcome, run.plugins[0].accepted), (Outcome::Refused, Some(false)));
    assert_eq!(run.plugins[0].stage.as_deref(), Some("configure"));
    assert_eq!((run.request, run.response), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_named_and_what_was_typed_is_kept() {
    let setup = running().await;
    let wrong = [("try.upstream.status", "2OO"), ("try.more", "seed: 1\nclok: now\n")];
    let draft = typed(&setup, &alone(), &wrong).await;
    let (kept, problems) = refused(setup.services.try_apply(&alone(), &draft, None, WHO).await);
    let found: Vec<_> = problems
        .iter()
        .map(|Problem { field, reason }| match reason {
            Reason::Exchange { code, at, .. } => (field.as_str(), code.as_str(), *at),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(found, [("try.upstream.status", "wrong_type", None), ("try.more", "unknown_field", Some((2, 1)))]);
    let view = setup.services.apply_view(&alone(), Some(kept)).await.unwrap();
    assert_eq!((view.draft.get("try.upstream.status"), view.draft.get("try.more")), ("2OO", wrong[1].1));
    assert_eq!(view.trial.problems, problems);
    // They stop a run and nothing else.
    assert_eq!(view.problems, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_service_the_plugins_that_are_there_run_too() {
    let setup = running().await;
    let target = new("shop/storefront", "data-masking");
    setup.applied(&target, &[("name", "first"), ("phase", "AUTHN")]).await;
    let view = setup.services.apply_view(&target, None).await.unwrap();
    let chain: Vec<_> = view.trial.chain.iter().map(|one| (one.name.as_str(), one.this, one.left_out)).collect();
    let wanted = [
        ("first", false, None),
        ("request-tagger", false, Some(LeftOut::ModuleUnknown)),
        ("data-masking-storefront", true, None),
    ];
    assert_eq!(chain, wanted);
    let run = ran(&setup, &target, &[]).await;
    let names: Vec<_> = run.plugins.iter().map(|plugin| (plugin.name.as_str(), plugin.this)).collect();
    assert_eq!(names, [("shop.first", false), ("shop.data-masking-storefront", true)]);
    assert_eq!(run.left_out, [("request-tagger".to_owned(), LeftOut::ModuleUnknown)]);
    assert_eq!(added(&run.response.unwrap().headers).len(), 2);
    let other_side = setup.typed(&target, &[("direction", "CLIENT")]).await;
    let view = setup.services.preview(&target, &other_side, None).await.unwrap();
    assert_eq!(view.trial.chain[0].left_out, Some(LeftOut::OtherTraffic));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_run_can_be_edited_and_run_again() {
    let setup = running().await;
    let draft = typed(&setup, &alone(), &[("try.request.path", "/kept"), ("config/mask", "#")]).await;
    let id = setup.services.try_apply(&alone(), &draft, None, WHO).await.unwrap();
    let view = setup.services.apply_view_again(&alone(), id).await.unwrap();
    assert_eq!((view.draft.get("try.request.path"), view.draft.get("config/mask")), ("/kept", "#"));
    // Of another plugin, or unknown: the form begins anew.
    let other = new("bookinfo/reviews", "data-masking");
    assert_ne!(setup.services.apply_view_again(&other, id).await.unwrap().draft.get("try.request.path"), "/kept");
    assert!(setup.services.apply_view_again(&alone(), Uuid::new_v4()).await.is_ok());
    assert!(matches!(setup.services.run_view(Uuid::new_v4(), 1).await, Err(ServiceError::NotFound)));
    // The two files are those of the command line: the exchange gives the same report again.
    let exchange = setup.services.run_file(id, false).await.unwrap();
    let mut report: Value = serde_json::from_str(&setup.services.run_file(id, true).await.unwrap()).unwrap();
    let asked = Asked { bytes: exchange.as_bytes(), yaml: false, trace: true };
    let mut again = serde_json::to_value(setup.services.try_exchange(asked, WHO).await.unwrap()).unwrap();
    for report in [&mut report, &mut again] {
        for phase in report["phases"].as_array_mut().unwrap() {
            phase["ns"] = 0.into();
        }
    }
    assert_eq!(again, report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_brings_its_exchange_and_by_itself_its_configuration() {
    let setup = setup().await;
    let manifest = setup.builtin.plugin().join("plugin.toml");
    let mut text = std::fs::read_to_string(&manifest).unwrap();
    // Whatever samples the plugin has: these two and no others.
    let end = text.find("[[sample]]").unwrap_or(text.len());
    text.truncate(end);
    text.push_str("\n[[sample]]\nversion = 1\nname = \"one\"\nrequest = { path = \"/one\" }\nplugins = [{ module = \"self\", config = { mask = \"1\" } }]\n");
    text.push_str("\n[[sample]]\nversion = 1\nname = \"two\"\nrequest = { path = \"/two\", body = { chunks = [\"a\"] } }\nplugins = [{ module = \"self\", config = { mask = \"2\" }, env = { A = \"b\" } }]\n");
    let text = match text.contains("samples = [") {
        true => text,
        false => text.replace("[zh]\n", "[zh]\nsamples = [\"一\", \"二\"]\n"),
    };
    std::fs::write(&manifest, text).unwrap();
    setup.services.seed(&setup.builtin.folder).await.unwrap();
    let view = setup.services.apply_view(&alone(), None).await.unwrap();
    assert_eq!(view.trial.samples.len(), 2);
    assert!(matches!(&view.trial.samples[1], SampleTitle::Own(title) if title.en == "two"), "{:?}", view.trial.samples);
    assert_eq!(view.draft.get("try.request.path"), "/one");
    assert_eq!((view.draft.get("config/mask"), view.yaml.trim()), ("1", "mask: '1'"));
    let mut draft = view.draft;
    draft.set("try.sample", "1");
    let kept = setup.services.keep_apply(&alone(), &draft, None, Some("sample")).await.unwrap();
    let view = setup.services.apply_view(&alone(), Some(kept)).await.unwrap();
    assert!(view.trial.by_yaml && view.trial.yaml.contains("path: /two"), "{}", view.trial.yaml);
    assert_eq!(
        (view.draft.get("config/mask"), view.draft.get("env.0.name"), view.draft.get("try.sample")),
        ("2", "A", "1")
    );
    // On a service the configuration is that of the step Configure.
    let service = new("bookinfo/reviews", "data-masking");
    let mut draft = setup.typed(&service, &[("config/mask", "#"), ("try.sample", "1")]).await;
    draft = {
        let kept = setup.services.keep_apply(&service, &draft, None, Some("sample")).await.unwrap();
        setup.services.apply_view(&service, Some(kept)).await.unwrap().draft
    };
    assert_eq!((draft.get("config/mask"), draft.get("try.mode")), ("#", "yaml"));
}

async fn asked(setup: &Setup, exchange: &Value) -> Value {
    let bytes = serde_json::to_vec(exchange).unwrap();
    let answer = setup.services.try_exchange(Asked { bytes: &bytes, yaml: false, trace: false }, WHO).await.unwrap();
    if let Tried::Report(report) = &answer {
        assert_eq!(report.trace, None);
    }
    serde_json::to_value(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_name_modules_by_plugin_or_digest_and_nothing_else() {
    let setup = running().await;
    let exchange =
        |module: &str| json!({"version": 1, "plugins": [{"module": module, "config": {"a": 1}}], "request": {}});
    let digest = marketplace_sandbox::modules::sha256_hex(&marketplace_testkit::tagger());
    for module in ["data-masking".to_owned(), "data-masking@1.1.0".to_owned(), format!("sha256:{digest}")] {
        let report = asked(&setup, &exchange(&module)).await;
        assert_eq!(
            (&report["outcome"], &report["load"][0]["sha256"]),
            (&json!("responded"), &json!(digest)),
            "{report}"
        );
    }
    for (module, code) in [
        ("/etc/passwd", "module_not_found"),
        ("./module.wasm", "module_not_found"),
        ("../data-masking", "module_not_found"),
        ("data-masking@9", "module_not_found"),
        ("https://example.com/a.wasm", "module_fetch"),
        ("self", "bad_value"),
    ] {
        let answer = asked(&setup, &exchange(module)).await;
        let wanted = (&json!("error"), &json!(code), &json!("plugins[0].module"));
        assert_eq!(
            (&answer["outcome"], &answer["errors"][0]["code"], &answer["errors"][0]["field"]),
            wanted,
            "{answer}"
        );
    }
    let mut wrong = exchange("data-masking");
    wrong["plugins"][0]["sha256"] = "0".repeat(64).into();
    assert_eq!(asked(&setup, &wrong).await["errors"][0]["code"], "module_digest");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_runs_more_than_their_share() {
    let setup = running().await;
    let asked = || Asked { bytes: b"{}", yaml: false, trace: false };
    for _ in 0..100 {
        if let Err(ServiceError::Busy { seconds }) = setup.services.try_exchange(asked(), WHO).await {
            assert!(seconds >= 1);
            assert!(setup.services.try_exchange(asked(), "somebody else").await.is_ok());
            return;
        }
    }
    panic!("a hundred runs at once");
}
