//! Attacks on the index of files.

use whoelse_proto::{
    Answer, Chunks, Command, FileName, FileRoot, FileSize, FilesCommand, Naming, Refusal, SharedFile, UserName,
};

use super::client::{Client, failed, name};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::Result;

fn file(title: &str, root: u8, size: u64) -> Result<SharedFile> {
    Ok(SharedFile {
        name: FileName::new(title).map_err(failed)?,
        size: FileSize::try_from(size).map_err(failed)?,
        root: FileRoot::from_bytes([root; 32]),
    })
}

async fn register(client: &mut Client, file: SharedFile) -> Result<std::result::Result<Answer, Refusal>> {
    let chunks = Chunks::one(1).map_err(failed)?;
    client.ask(Command::Files(FilesCommand::Register { file, chunks })).await
}

/// A user whom another has blocked; both take part in files.
async fn blocked_pair(site: &Site) -> Result<(Client, Client)> {
    let mut attacker = site.user(66, "attacker").await?;
    attacker.publish(2).await?;
    let mut blocker = site.user(1, "blocker").await?;
    blocker.publish(1).await?;
    let done = blocker.ask(Command::Block { name: name("attacker")? }).await?;
    done.map_err(|refusal| failed(format!("{refusal:?}")))?;
    Ok((attacker, blocker))
}

/// Registers the same file: the answer must not tell that one who blocked the asker holds it.
pub(super) async fn probe_index(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let (mut attacker, mut blocker) = blocked_pair(&site).await?;
    register(&mut blocker, file("plans.pdf", 9, 400_000)?).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
    let answer = register(&mut attacker, file("plans.pdf", 9, 400_000)?).await?;
    let Ok(Answer::Registered { known }) = answer else { return Err(failed(format!("{answer:?}"))) };
    Ok(Verdict::refused_if(Holds::from(!known), format!("known: {known}")))
}

/// Asks to fetch a file of one who blocked the asker: the refusal must be that of one who is away.
pub(super) async fn probe_holder(attack: &Attack) -> Result<Verdict> {
    let site = Site::start(attack, &[])?;
    let (mut attacker, blocker) = blocked_pair(&site).await?;
    let holder: UserName = name("blocker")?;
    let fetch = || FilesCommand::Fetch { root: FileRoot::from_bytes([9; 32]), holder: holder.clone() };
    let online = attacker.ask(Command::Files(fetch())).await?;
    blocker.leave().await?;
    let offline = attacker.ask(Command::Files(fetch())).await?;
    let figure = format!("online {online:?}, away {offline:?}");
    Ok(Verdict::refused_if(Holds::from(online.is_err() && online == offline), figure))
}

/// Registers many contents under the name of another's file.
pub(super) async fn crowd_search(attack: &Attack) -> Result<Verdict> {
    const CONTENTS: u8 = 150;
    let site = Site::start(attack, &[])?;
    let mut attacker = site.user(66, "attacker").await?;
    attacker.publish(2).await?;
    for root in 10..10 + CONTENTS {
        // Refused or not: what counts is what is found.
        let _answer = register(&mut attacker, file("plans.pdf", root, 10 + u64::from(root))?).await?;
    }
    let mut sharer = site.user(1, "sharer").await?;
    sharer.publish(1).await?;
    register(&mut sharer, file("plans.pdf", 9, 400_000)?).await?.map_err(|refusal| failed(format!("{refusal:?}")))?;
    let mut seeker = site.user(2, "seeker").await?;
    seeker.publish(3).await?;
    let title = FileName::new("plans.pdf").map_err(failed)?;
    let mut names = 0;
    let mut found = false;
    let asked =
        seeker.post(Command::Files(FilesCommand::Search { name: title, any_of: None, names: Naming::Whole })).await?;
    loop {
        let outcome = seeker.hear_that(|frame| match frame {
            whoelse_proto::ServerFrame::Reply { id, more, outcome } if id == asked => Some((more, outcome)),
            _ => None,
        });
        let (more, outcome) = outcome.await?;
        let whoelse_proto::Outcome::Ok(Answer::Found(files)) = outcome else {
            return Err(failed(format!("{outcome:?}")));
        };
        names += files.len();
        found |= files.iter().any(|file| file.file.root == FileRoot::from_bytes([9; 32]));
        if !more {
            break;
        }
    }
    Ok(Verdict::bounded_if(Holds::from(found), format!("{names} contents found, the other among them: {found}")))
}
