//! The first words on a link: both ends say who they take themselves and the other for, and draw the numbers of the
//! verification code (`docs/PROTOCOL.md`, section 15).

use std::time::Duration;

use tokio::time::timeout;
use whoelse_proto::peer::{PeerHello, PeerReveal};
use whoelse_proto::{DeviceKey, End, UserName, Verification, commitment};

use super::{PeerError, PeerLink, Receiver, Sender, wire};
use crate::clock::random;

/// For the whole exchange; it takes two round trips.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the other end may take to read an answer that leads to nothing.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// Bytes of a hello or a number, with room to grow.
const MAX_HELLO: usize = 1024;

/// Who is to be met.
#[derive(Clone, Debug)]
pub(super) struct Meeting {
    /// The user here.
    pub(super) me: UserName,
    /// The key here.
    pub(super) my_key: DeviceKey,
    /// The user there.
    pub(super) peer: UserName,
    /// The key there, which the link has proved.
    pub(super) peer_key: DeviceKey,
    /// The number of the introduction.
    pub(super) number: u64,
}

/// A link whose ends know each other.
pub(super) struct Met<L> {
    pub(super) link: L,
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
    pub(super) verification: Verification,
}

impl Meeting {
    /// Whether this end opens the stream: of the two keys, the lower one does.
    pub(super) fn leads(&self) -> bool {
        self.my_key < self.peer_key
    }

    /// Meets the other end on a link. One on which the two do not meet is closed.
    pub(super) async fn meet<L: PeerLink>(&self, link: L) -> Result<Met<L>, PeerError> {
        let met = async { if self.leads() { self.lead(&link).await } else { self.follow(&link).await } };
        match timeout(DEADLINE, met).await.unwrap_or(Err(PeerError::TooSlow)) {
            Ok((sender, receiver, verification)) => Ok(Met { link, sender, receiver, verification }),
            Err(error) => {
                link.close();
                Err(error)
            }
        }
    }

    async fn lead<L: PeerLink>(&self, link: &L) -> Result<(Sender, Receiver, Verification), PeerError> {
        let (mut sender, mut receiver) = link.open().await?;
        let mine: [u8; 32] = random();
        wire::write(&mut sender, &self.hello(commitment(&mine))).await?;
        let hello: PeerHello = wire::read(&mut receiver, MAX_HELLO).await?;
        self.check(&hello)?;
        let theirs = hello.random.try_into().map_err(|_| PeerError::Malformed("a number of another length"))?;
        wire::write(&mut sender, &PeerReveal { random: mine }).await?;
        Ok((sender, receiver, self.verification(mine, theirs)))
    }

    async fn follow<L: PeerLink>(&self, link: &L) -> Result<(Sender, Receiver, Verification), PeerError> {
        let (mut sender, mut receiver) = link.accept().await?;
        let hello: PeerHello = wire::read(&mut receiver, MAX_HELLO).await?;
        let mine: [u8; 32] = random();
        wire::write(&mut sender, &self.hello(mine.to_vec())).await?;
        if let Err(error) = self.check(&hello) {
            // The other end finds the same in the answer, and closes.
            let _ = timeout(READ_WITHIN, link.gone()).await;
            return Err(error);
        }
        let reveal: PeerReveal = wire::read(&mut receiver, MAX_HELLO).await?;
        if commitment(&reveal.random) != hello.random {
            return Err(PeerError::Impostor);
        }
        Ok((sender, receiver, self.verification(mine, reveal.random)))
    }

    fn hello(&self, random: Vec<u8>) -> PeerHello {
        PeerHello { from: self.me.clone(), to: self.peer.clone(), number: self.number, random }
    }

    /// A server that crosses two users is found out here: whoever it introduced does not know this name.
    fn check(&self, hello: &PeerHello) -> Result<(), PeerError> {
        if hello.from != self.peer || hello.to != self.me {
            Err(PeerError::Impostor)
        } else if hello.number != self.number {
            Err(PeerError::Stale)
        } else {
            Ok(())
        }
    }

    fn verification(&self, mine: [u8; 32], theirs: [u8; 32]) -> Verification {
        let here = End { name: &self.me, device: self.my_key, nonce: mine };
        Verification::of(here, End { name: &self.peer, device: self.peer_key, nonce: theirs })
    }
}
