//! Attacks with messages and questions.

use std::time::{Duration, Instant};

use whoelse_proto::limits::MAX_TEXT_BYTES;
use whoelse_proto::{Answer, Command, PrivateCommand, PrivateNews, Refusal, ServerFrame, Target, UserName};

use super::client::{Client, failed, message, message_id, name};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::Result;

/// Bytes that may wait for one user, and from one sender a tenth of it.
const INBOX_BYTES: usize = 20 * 1024 * 1024;

/// Bytes of texts that a server takes before it refuses with `full`.
async fn fill(client: &mut Client, to: &UserName, most: usize) -> Result<Option<usize>> {
    let text = "x".repeat(MAX_TEXT_BYTES);
    let mut taken = 0;
    while taken < most {
        match client.ask(message(message_id(), Target::User(to.clone()), &text)?).await? {
            Ok(_) => taken += text.len(),
            Err(Refusal::Full) => return Ok(Some(taken)),
            Err(refusal) => return Err(failed(format!("{refusal:?}"))),
        }
    }
    Ok(None)
}

/// One sender fills the inbox of a user who never comes; another still gets in.
pub(super) async fn fill_inbox(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let victim = name("victim")?;
    site.user(1, "victim").await?.leave().await?;
    let mut attacker = site.user(66, "attacker").await?;
    let Some(taken) = fill(&mut attacker, &victim, INBOX_BYTES * 2).await? else {
        return Ok(Verdict::Succeeded(format!("{} MiB taken", (INBOX_BYTES * 2) >> 20)));
    };
    let mut friend = site.user(1, "friend").await?;
    let heard = friend.ask(message(message_id(), Target::User(victim), "hello")?).await?;
    let holds = taken <= INBOX_BYTES / 10 && heard.is_ok();
    Ok(Verdict::bounded_if(holds.into(), format!("{} KiB taken; another is heard", taken >> 10)))
}

/// Many senders fill it together.
pub(super) async fn fill_inbox_together(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let victim = name("victim")?;
    site.user(1, "victim").await?.leave().await?;
    let mut taken = 0;
    for number in 0..12 {
        let mut attacker = site.user(66, &format!("attacker{number}")).await?;
        taken += fill(&mut attacker, &victim, INBOX_BYTES).await?.unwrap_or(INBOX_BYTES);
    }
    Ok(Verdict::bounded_if(Holds::from(taken <= INBOX_BYTES), format!("{} KiB taken", taken >> 10)))
}

/// Asks a user for a private session and takes the question back, again and again.
pub(super) async fn ring(attack: &Attack) -> Result<Verdict> {
    const TIMES: u32 = 300;
    let site = Site::start(attack, &[])?;
    let mut victim = site.user(1, "victim").await?;
    victim.publish(1).await?;
    let mut attacker = site.user(66, "attacker").await?;
    attacker.publish(2).await?;
    let peer = name("victim")?;
    let begin = Instant::now();
    for _ in 0..TIMES {
        for command in [PrivateCommand::Start { name: peer.clone() }, PrivateCommand::Stop { name: peer.clone() }] {
            // Refused or not: what counts is what rings.
            let _answer = attacker.ask(Command::Private(command)).await?;
        }
    }
    let allowed = 3 + begin.elapsed().as_secs() / 10 + 1;
    let mut rung = 0;
    let asked = victim.post(Command::Whoelse {}).await?;
    loop {
        match victim.hear().await? {
            ServerFrame::Private(PrivateNews::Asked { .. }) => rung += 1,
            ServerFrame::Reply { id, more: false, .. } if id == asked => break,
            _ => {}
        }
    }
    Ok(Verdict::bounded_if(Holds::from(rung <= allowed), format!("rang {rung} times, {allowed} allowed")))
}

/// Sends to everyone without waiting for answers.
pub(super) async fn shout(attack: &Attack) -> Result<Verdict> {
    const LASTS: Duration = Duration::from_secs(5);
    /// Bytes a second in the long run; half a minute's worth may come at once.
    const RATE: u128 = 1024 * 1024;
    let site = Site::start(attack, &[])?;
    let mut attacker = site.user(66, "attacker").await?;
    let text = "x".repeat(MAX_TEXT_BYTES);
    let (begin, mut taken, mut open) = (Instant::now(), 0, 0);
    while begin.elapsed() < LASTS {
        while open < 64 {
            attacker.post(message(message_id(), Target::Everyone {}, &text)?).await?;
            open += 1;
        }
        if let ServerFrame::Reply { .. } = attacker.hear().await? {
            taken += text.len();
            open -= 1;
        }
    }
    // The one that overdraws the share is taken, and those behind it wait.
    let allowed = RATE * 30 + RATE * begin.elapsed().as_millis() / 1000 + text.len() as u128;
    let figure = format!("{} MiB in 5 s, {} allowed", taken >> 20, allowed >> 20);
    Ok(Verdict::bounded_if(Holds::from(taken as u128 <= allowed), figure))
}

/// A repeated broadcast must not tell whether somebody who blocked its author is online.
pub(super) async fn probe_presence(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let mut attacker = site.user(66, "attacker").await?;
    let mut blocker = site.user(1, "blocker").await?;
    let done = blocker.ask(Command::Block { name: name("attacker")? }).await?;
    done.map_err(|refusal| failed(format!("{refusal:?}")))?;
    let id = message_id();
    let skipped = async |attacker: &mut Client| match attacker.ask(message(id, Target::Everyone {}, "hi")?).await? {
        Ok(Answer::Accepted { skipped, .. }) => Ok(Some(skipped)),
        Err(_) => Ok(None),
        Ok(other) => Err(failed(format!("{other:?}"))),
    };
    let first = skipped(&mut attacker).await?;
    let online = skipped(&mut attacker).await?;
    blocker.leave().await?;
    let offline = skipped(&mut attacker).await?;
    let figure = format!("first {first:?}, again {online:?}, blocker gone {offline:?}");
    Ok(Verdict::refused_if(Holds::from(online == offline), figure))
}
