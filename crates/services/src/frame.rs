//! What the frame around every page shows. Never fails: a frame is there even when nothing else is.

use marketplace_cluster::{Kind, KindState};
use marketplace_domain::views::frame::{ClusterView, Frame};

use crate::Services;

impl Services {
    /// Counts and the cluster's health; `user` is who looks.
    pub async fn frame(&self, user: &str) -> Frame {
        let snapshot = self.cluster().snapshot();
        let health = self.cluster().health();
        let state = |kind: &Kind| (health.of(*kind), kind.plural());
        let states: Vec<(&KindState, &str)> = Kind::WATCHED.iter().map(state).collect();
        let is_forbidden = |(state, plural): &(&KindState, &str)| {
            matches!(state, KindState::Forbidden(_)).then(|| (*plural).to_owned())
        };
        Frame {
            plugins: self.catalogue().count().await.ok(),
            database_away_since: self.catalogue().away_since().map(|since| since.timestamp()),
            installed: snapshot.plugins.len() as u64,
            cluster: ClusterView {
                name: self.cluster().name().to_owned(),
                demo: self.parts.demo,
                istio_version: snapshot.istio_version.clone(),
                stale_since: health.unreachable_since.map(|since| since.timestamp()),
                crd_missing: *health.of(Kind::Plugins) == KindState::CrdMissing,
                forbidden: states.iter().filter_map(is_forbidden).collect(),
                malformed: snapshot
                    .malformed
                    .iter()
                    .take(20)
                    .map(|odd| format!("{} {}/{}: {}", odd.kind.plural(), odd.namespace, odd.name, odd.why))
                    .collect(),
            },
            user: user.to_owned(),
        }
    }
}
