//! The first words on a link: both ends say who they take themselves and the other for, and draw the numbers of the
//! verification code (`docs/PROTOCOL.md`, section 15).

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};
use whoelse_proto::peer::{PeerHello, PeerReveal};
use whoelse_proto::{DeviceKey, End, UserName, Verification, commitment};

use super::{PeerError, PeerLink, Receiver, Sender, wire};
use crate::clock::random;

/// For the whole exchange; it takes two round trips.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the other end may take to read an answer that leads to nothing.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// Bytes of a hello or a number, with room to grow.
pub(super) const MAX_HELLO: usize = 1024;

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

/// Why two devices did not meet on a link.
#[derive(Debug)]
pub(super) enum Missed {
    /// Nothing that fits was heard: they may meet on another link.
    Early(PeerError),
    /// The other end named this introduction, and then failed. It may have learned the random number of this end, so
    /// that there must be no second try: each would be another guess at the verification code.
    Late(PeerError),
}

/// The one exchange of random numbers that an introduction allows, whatever number of links come about.
#[derive(Clone, Debug, Default)]
pub(super) struct OneTry(Arc<AtomicBool>);

impl OneTry {
    /// Takes it.
    ///
    /// # Errors
    /// [`PeerError::Stale`] if another link has.
    fn take(&self) -> Result<(), PeerError> {
        if self.0.swap(true, Ordering::SeqCst) { Err(PeerError::Stale) } else { Ok(()) }
    }
}

/// What two devices meet for.
#[derive(Clone, Debug)]
pub(super) enum Encounter {
    /// They were introduced: they draw the verification code, with the one try that there is.
    First(OneTry),
    /// Their link died. Each has proved the same key again, so that the code of the first time holds; no number is
    /// exchanged that could be a guess at it.
    Again(Verification),
}

impl Encounter {
    pub(super) const fn is_first(&self) -> bool {
        match self {
            Self::First(_) => true,
            Self::Again(_) => false,
        }
    }

    /// Whether the first words of the other end are for this.
    fn fits(&self, hello: &PeerHello) -> bool {
        hello.random.is_empty() != self.is_first()
    }

    /// Counts a link on which the other end named this introduction.
    fn begin(&self) -> Result<(), PeerError> {
        match self {
            Self::First(one) => one.take(),
            Self::Again(_) => Ok(()),
        }
    }

    /// What failed on such a link.
    fn missed(&self, error: PeerError) -> Missed {
        match self {
            Self::First(_) => Missed::Late(error),
            Self::Again(_) => Missed::Early(error),
        }
    }
}

/// A link on which the other end named this introduction.
struct Greeted {
    sender: Sender,
    receiver: Receiver,
    /// The random number of this end.
    mine: [u8; 32],
    hello: PeerHello,
}

impl Meeting {
    /// Whether this end opens the stream: of the two keys, the lower one does.
    pub(super) fn leads(&self) -> bool {
        self.my_key < self.peer_key
    }

    /// Meets the other end on a link. One on which the two do not meet for the first time is closed, unless it belongs to
    /// another introduction; one on which they do not meet again is let go: somebody else may wait for it.
    pub(super) async fn meet<L: PeerLink>(&self, link: L, encounter: &Encounter) -> Result<Met<L>, Missed> {
        let deadline = Instant::now() + DEADLINE;
        let met = match in_time(deadline, self.greet(&link, encounter)).await {
            Ok(greeted) => match encounter.begin() {
                Ok(()) => {
                    in_time(deadline, self.agree(greeted, encounter)).await.map_err(|error| encounter.missed(error))
                }
                Err(error) => Err(Missed::Early(error)),
            },
            Err(error) => Err(Missed::Early(error)),
        };
        match met {
            Ok((sender, receiver, verification)) => Ok(Met { link, sender, receiver, verification }),
            Err(missed) => {
                if encounter.is_first() && !matches!(missed, Missed::Early(PeerError::Stale)) {
                    link.close();
                }
                Err(missed)
            }
        }
    }

    /// Hears who the other end takes itself and this one for.
    async fn greet<L: PeerLink>(&self, link: &L, encounter: &Encounter) -> Result<Greeted, PeerError> {
        let mine: [u8; 32] = random();
        if self.leads() {
            let (mut sender, mut receiver) = link.open().await?;
            let random = if encounter.is_first() { commitment(&mine) } else { Vec::new() };
            wire::write(&mut sender, &self.hello(random)).await?;
            let hello: PeerHello = wire::read(&mut receiver, MAX_HELLO).await?;
            self.check(&hello, encounter)?;
            return Ok(Greeted { sender, receiver, mine, hello });
        }
        loop {
            let (mut sender, mut receiver) = link.accept().await?;
            let hello: PeerHello = wire::read(&mut receiver, MAX_HELLO).await?;
            match self.check(&hello, encounter) {
                Ok(()) => return Ok(Greeted { sender, receiver, mine, hello }),
                Err(error) => {
                    // The other end finds the same in the answer, with a number that is used for nothing else.
                    wire::write(&mut sender, &self.hello(random::<32>().to_vec())).await?;
                    // The stream of another introduction between the same devices; the next may be the one.
                    if matches!(error, PeerError::Stale) {
                        continue;
                    }
                    let _ = timeout(READ_WITHIN, link.gone()).await;
                    return Err(error);
                }
            }
        }
    }

    /// Agrees on the verification code.
    async fn agree(
        &self,
        greeted: Greeted,
        encounter: &Encounter,
    ) -> Result<(Sender, Receiver, Verification), PeerError> {
        match encounter {
            Encounter::First(_) => self.draw(greeted).await,
            Encounter::Again(verification) => {
                let Greeted { mut sender, receiver, .. } = greeted;
                if !self.leads() {
                    wire::write(&mut sender, &self.hello(Vec::new())).await?;
                }
                Ok((sender, receiver, verification.clone()))
            }
        }
    }

    /// Exchanges the random numbers of the verification code.
    async fn draw(&self, greeted: Greeted) -> Result<(Sender, Receiver, Verification), PeerError> {
        let Greeted { mut sender, mut receiver, mine, hello } = greeted;
        let theirs = if self.leads() {
            let theirs = hello.random.try_into().map_err(|_| PeerError::Malformed("a number of another length"))?;
            wire::write(&mut sender, &PeerReveal { random: mine }).await?;
            theirs
        } else {
            wire::write(&mut sender, &self.hello(mine.to_vec())).await?;
            let reveal: PeerReveal = wire::read(&mut receiver, MAX_HELLO).await?;
            if commitment(&reveal.random) != hello.random {
                return Err(PeerError::Impostor);
            }
            reveal.random
        };
        Ok((sender, receiver, self.verification(mine, theirs)))
    }

    fn hello(&self, random: Vec<u8>) -> PeerHello {
        PeerHello { from: self.me.clone(), to: self.peer.clone(), number: self.number, random }
    }

    /// A server that crosses two users is found out here: whoever it introduced does not know this name.
    fn check(&self, hello: &PeerHello, encounter: &Encounter) -> Result<(), PeerError> {
        if hello.from != self.peer || hello.to != self.me {
            Err(PeerError::Impostor)
        } else if hello.number != self.number || !encounter.fits(hello) {
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

async fn in_time<T>(deadline: Instant, work: impl Future<Output = Result<T, PeerError>>) -> Result<T, PeerError> {
    timeout_at(deadline, work).await.unwrap_or(Err(PeerError::TooSlow))
}
