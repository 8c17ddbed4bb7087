//! Attacks with accounts and logins.

use whoelse_proto::limits::MAX_SPANS_PER_USER;
use whoelse_proto::{Answer, Command, LoginRefusal, Seconds, UserName};

use super::client::{Client, failed, host, name};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::Result;

/// Accounts that one address may make in an hour, and that may be made at once in all.
const SHARE: u32 = 200;

/// What was made before the server refused, and for how long it then refuses.
struct Made {
    count: u32,
    wait: Option<Seconds>,
}

/// Makes accounts with one upload for all of them, until the server refuses: the attacker computes nothing.
async fn make(client: &mut Client, names: impl Iterator<Item = String>) -> Result<Made> {
    // Any upload of the suite fits any name: its owner never logs in.
    let upload = valid_upload();
    let mut made = Made { count: 0, wait: None };
    for user in names {
        let user = name(&user)?;
        let outcome = match client.challenge(&user, blinded()).await? {
            Ok(_) => client.upload(upload.clone()).await?,
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(()) => made.count += 1,
            Err(LoginRefusal::RegistrationClosed { retry_after, .. }) => {
                made.wait = retry_after;
                return Ok(made);
            }
            Err(refusal) => return Err(failed(format!("{user}: {refusal:?}"))),
        }
    }
    Ok(made)
}

/// The base point of ristretto255 (RFC 9496, section 4.4): a blinded element like any other.
pub(super) fn blinded() -> Vec<u8> {
    const BASE: [u8; 32] = [
        0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3,
        0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
    ];
    BASE.to_vec()
}

/// A key, a masking key and an envelope (RFC 9807, section 5.1): only the key has a form.
pub(super) fn valid_upload() -> Vec<u8> {
    const UPLOAD_BYTES: usize = 192;
    let mut upload = blinded();
    upload.resize(UPLOAD_BYTES, 7);
    upload
}

/// Accounts from one address, on one connection after the other.
pub(super) async fn flood(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let mut client = Client::enter(&site.door, host(66)).await?;
    let made = make(&mut client, (0..300).map(|n| format!("flood{n}"))).await?;
    client.cut();
    let mut again = Client::enter(&site.door, host(66)).await?;
    let more = make(&mut again, (0..10).map(|n| format!("more{n}"))).await?;
    let wait = more.wait.map_or(0, Seconds::get);
    // A share is given back while the attack lasts.
    let holds = made.count + more.count <= SHARE + 5 && wait > 0;
    Ok(Verdict::bounded_if(holds.into(), format!("{} made, the next in {wait} s", made.count + more.count)))
}

/// Accounts from many addresses at once.
pub(super) async fn flood_from_hosts(attack: &Attack) -> Result<Verdict> {
    const HOSTS: u8 = 30;
    let site = Site::start(attack, &[])?;
    let begin = std::time::Instant::now();
    let mut count = 0;
    for number in 1..=HOSTS {
        let mut client = Client::enter(&site.door, host(number)).await?;
        count += make(&mut client, (0..20).map(|n| format!("h{number}-{n}"))).await?.count;
    }
    let allowed = u64::from(SHARE) + begin.elapsed().as_secs() + 1;
    let holds = u64::from(count) <= allowed;
    Ok(Verdict::bounded_if(holds.into(), format!("{count} made, {allowed} allowed")))
}

/// Has the server evaluate a guess of the password of a name that has no account yet, twice: were the answers alike, a
/// dictionary could be worked through before the account exists.
pub(super) async fn evaluate_early(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let user = name("anna")?;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut client = Client::enter(&site.door, host(66)).await?;
        let answer = client.challenge(&user, blinded()).await?;
        answers.push(answer.map_err(|refusal| failed(format!("{refusal:?}")))?);
    }
    let holds = answers.first() != answers.last();
    let figure = format!("two answers to one guess are {}", if holds { "different" } else { "alike" });
    Ok(Verdict::refused_if(holds.into(), figure))
}

/// Asks for accounts under names that pass for somebody's, or for words of the program.
pub(super) async fn take_names(attack: &Attack) -> Result<Verdict> {
    const NAMES: [&str; 16] = [
        "Yoda",
        "YODA",
        "y0da",
        "yoda.",
        "yoda(private)",
        "yoda:",
        "You",
        "Everyone",
        "everyone",
        "server",
        "Server",
        "[12:00]",
        "you:",
        "private",
        "-yoda",
        "yoda\u{200b}",
    ];
    let site = Site::start(attack, &[])?;
    site.user(1, "yoda").await?.leave().await?;
    let mut made = Vec::new();
    for raw in NAMES {
        // Words that no client could send are no names.
        let Ok(user) = UserName::new(raw) else { continue };
        let mut client = Client::enter(&site.door, host(66)).await?;
        if client.register(&user).await?.is_ok() {
            made.push(raw);
        }
    }
    let figure = format!("{} of {} made {made:?}", made.len(), NAMES.len());
    Ok(Verdict::refused_if(Holds::from(made.is_empty()), figure))
}

/// Gives wrong passwords for a name from several addresses; its owner comes with a device that was in before.
pub(super) async fn lock_out(attack: &Attack) -> Result<Verdict> {
    const GUESSES: u8 = 30;
    let site = Site::start(attack, &[])?;
    let owner = name("owner")?;
    let first = site.user(1, "owner").await?;
    let pass = first.pass.clone();
    first.leave().await?;
    let mut heard = 0;
    for number in 0..GUESSES {
        let mut client = Client::enter(&site.door, host(60 + number % 4)).await?;
        // Every guess that the server hears is told as a wrong password.
        heard += u32::from(matches!(client.guess(&owner).await?, Err(LoginRefusal::WrongPassword { .. })));
    }
    let mut client = Client::enter(&site.door, host(1)).await?;
    client.pass = pass;
    let outcome = client.log_in(&owner).await?;
    let figure = format!("{heard} of {GUESSES} guesses heard; the owner is let in: {}", outcome.is_ok());
    Ok(Verdict::bounded_if(Holds::from(outcome.is_ok() && heard <= 3), figure))
}

/// Logs in and out to swell the answer that others get.
pub(super) async fn swell(attack: &Attack) -> Result<Verdict> {
    const LOGINS: usize = 200;
    let site = Site::start(attack, &[])?;
    let mut asker = site.user(1, "asker").await?;
    let swollen: UserName = name("swollen")?;
    site.user(66, "swollen").await?.leave().await?;
    for _ in 1..LOGINS {
        let mut client = Client::enter(&site.door, host(66)).await?;
        client.log_in(&swollen).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
        client.leave().await?;
    }
    let answer = asker.ask(Command::Whoelsesince { seconds: Seconds::new(3_600) }).await?;
    let Ok(Answer::Users(users)) = answer else { return Err(failed(format!("{answer:?}"))) };
    let spans = users.iter().find(|seen| seen.name == swollen).map_or(0, |seen| seen.sessions.len());
    let holds = Holds::from((1..=MAX_SPANS_PER_USER).contains(&spans));
    Ok(Verdict::bounded_if(holds, format!("{spans} of {LOGINS} sessions in the answer")))
}
