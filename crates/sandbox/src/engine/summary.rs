//! One sentence for people.

use crate::report::{LimitHit, Load, LocalReply, Outcome, ReplyBy, Trap};

pub(crate) fn of(
    outcome: &Outcome,
    load: &[Load],
    reply: Option<&LocalReply>,
    traps: &[Trap],
    limits: &[LimitHit],
) -> String {
    let name = |plugin: usize| load.get(plugin).map_or("A plugin", |load| load.name.as_str());
    match outcome {
        Outcome::Refused => match load.iter().find(|load| load.accepted == Some(false)) {
            Some(load) => match &load.envoy_text {
                Some(text) => format!("Envoy refuses {}: {text}", load.name),
                None => format!("Envoy refuses {} without a word.", load.name),
            },
            None => "Envoy refuses a plugin.".to_owned(),
        },
        Outcome::CrashedEnvoy => "Envoy itself would crash here: do not deploy.".to_owned(),
        Outcome::Limit => match limits.first() {
            Some(hit) => format!("A limit of the sandbox was hit ({}): no verdict on the plugin.", hit.limit),
            None => "A limit of the sandbox was hit: no verdict on the plugin.".to_owned(),
        },
        Outcome::Hung => "The request hangs: the client never gets a complete response.".to_owned(),
        Outcome::Reset => "The connection is closed before the response is complete.".to_owned(),
        Outcome::Responded | Outcome::Error => match (reply, traps.first()) {
            (Some(LocalReply { by: ReplyBy::Plugin, plugin, status, .. }), _) => {
                format!("{} answered {status} itself.", name(plugin.unwrap_or(0)))
            }
            (Some(reply), Some(trap)) => {
                format!("{} trapped in {}; Envoy answered {}.", name(trap.plugin), trap.function, reply.status)
            }
            (Some(reply), None) => format!("Envoy answered {} by itself.", reply.status),
            (None, Some(trap)) => format!("The upstream answered; {} trapped in {}.", name(trap.plugin), trap.function),
            (None, None) => "The upstream's answer reached the client.".to_owned(),
        },
    }
}
