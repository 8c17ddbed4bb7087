//! Attacks on the places for connections.

use std::time::Instant;

use super::client::{Client, dial, host, name};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::Result;

/// Open files of the server under attack: 308 places for sessions, 112 for those on their way in.
const FILES: u32 = 512;

/// Logs in as often as one address may, with open files for 308 sessions; then one comes from elsewhere.
pub(super) async fn fill_sessions(attack: &Attack) -> Result<Verdict> {
    const ACCOUNTS: u32 = 190;
    let site = Site::start_with_files(attack, Some(FILES), &[])?;
    site.user(77, "victim").await?.leave().await?;
    let mut held = Vec::new();
    let mut refused = 0;
    for n in 0..ACCOUNTS {
        let user = name(&format!("many{n}"))?;
        // A connection that finds no place is closed.
        match Client::newcomer(&site.door, host(66), &user).await {
            Ok(client) => held.push(client),
            Err(_) => refused += 1,
        }
    }
    let mut victim = Client::enter(&site.door, host(77)).await?;
    let heard = matches!(victim.log_in(&name("victim")?).await, Ok(Ok(())));
    let holds = heard && refused > 0;
    let figure = format!("{} sessions, {refused} refused; another address is let in: {heard}", held.len());
    Ok(Verdict::bounded_if(Holds::from(holds), figure))
}

/// Opens sockets and says nothing; then one comes from elsewhere.
pub(super) async fn fill_entrance(attack: &Attack) -> Result<Verdict> {
    let site = Site::start_with_files(attack, Some(FILES), &[])?;
    site.user(77, "victim").await?.leave().await?;
    let mut held = Vec::new();
    for _ in 0..1_000 {
        // One that is not taken any more is what the attacker expects.
        held.extend(dial(&site.door, host(66)).await);
    }
    let begin = Instant::now();
    let entering = async {
        let mut victim = Client::enter(&site.door, host(77)).await?;
        victim.log_in(&name("victim")?).await
    };
    let heard = matches!(entering.await, Ok(Ok(())));
    let took = begin.elapsed().as_millis();
    Ok(Verdict::bounded_if(Holds::from(heard), format!("another address is let in: {heard}, after {took} ms")))
}
