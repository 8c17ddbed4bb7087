//! Finding the other device: after the introduction, and again when the link of a private session has died.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use whoelse_proto::Addresses;

use super::handshake::{Encounter, Meeting, Met, Missed, OneTry};
use super::{Admission, PeerError, PeerLink, PeerNet, Use};

/// How long two devices look for each other.
const FIND_WITHIN: Duration = Duration::from_secs(20);

/// How long they look for each other again when their link has died. A network that changes is there again by then; a
/// device that is gone is missed no longer than this beside the silence after which a link counts as dead.
pub(super) const FIND_AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// The pause before a device that could not be reached is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long a device that is to be served may take to come by itself before it is dialled back.
const DIAL_BACK_AFTER: Duration = Duration::from_secs(1);

/// Links of one introduction that wait to be tried, those of both directions. Further ones are dropped.
const MAX_SPARE_LINKS: usize = 8;

/// What a link is to be.
pub(super) struct Plan {
    pub(super) meeting: Meeting,
    pub(super) purpose: Use,
    pub(super) approach: Approach,
    /// Where the other device is dialled; whoever makes the plan has left out what must not be.
    pub(super) addresses: Addresses,
}

/// Who makes the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approach {
    /// Both devices: they agreed to meet.
    Dial,
    /// The other device, whose addresses are not to be believed. If it does not come, it is dialled once, so that
    /// something between the two that lets answers alone in lets it in.
    Await,
}

/// Where and for what the other device is looked for.
pub(super) struct Search<'a, N: PeerNet> {
    pub(super) net: &'a N,
    pub(super) plan: &'a Plan,
    /// Where it is dialled; they change while it is looked for.
    pub(super) addresses: &'a watch::Receiver<Addresses>,
}

impl<N: PeerNet> Search<'_, N> {
    /// Finds the other device for the first time. The one with the lower key chooses among the links that come about by
    /// opening a stream on it. The first link on which the other end names this introduction is the only one: its
    /// failure is the end.
    pub(super) async fn find(&self, admission: &mut Admission<N::Link>) -> Result<Met<N::Link>, PeerError> {
        self.meet_on_any(admission, &Encounter::First(OneTry::default()), FIND_WITHIN).await
    }

    /// Finds the other device again. The code of the first time holds, so that there may be as many tries as fit into
    /// the time.
    pub(super) async fn find_again(
        &self,
        admission: &mut Admission<N::Link>,
        again: &Encounter,
    ) -> Result<Met<N::Link>, PeerError> {
        self.meet_on_any(admission, again, FIND_AGAIN_WITHIN).await
    }

    async fn meet_on_any(
        &self,
        admission: &mut Admission<N::Link>,
        encounter: &Encounter,
        within: Duration,
    ) -> Result<Met<N::Link>, PeerError> {
        let deadline = Instant::now() + within;
        let meeting = &self.plan.meeting;
        let mut meetings = JoinSet::new();
        let mut dialling = Some(Box::pin(self.dial(Duration::ZERO)));
        let mut last = PeerError::TooSlow;
        let mut spare = Vec::new();
        loop {
            let link = tokio::select! {
                link = admission.next() => link,
                link = ongoing(&mut dialling) => link,
                Some(met) = meetings.join_next() => match met {
                    Ok(Ok(met)) => return Ok(met),
                    Ok(Err(Missed::Late(error))) => return Err(error),
                    // Whoever holds the key and says another name is no accident.
                    Ok(Err(Missed::Early(error @ PeerError::Impostor))) if encounter.is_first() => return Err(error),
                    Ok(Err(Missed::Early(error))) => {
                        last = error;
                        begin_meeting(&mut meetings, meeting, encounter, &mut spare);
                        if self.plan.approach == Approach::Dial {
                            dialling = Some(Box::pin(self.dial(AGAIN_AFTER)));
                        }
                        continue;
                    }
                    Err(_) => continue,
                },
                () = tokio::time::sleep_until(deadline) => return Err(last),
            };
            if spare.len() < MAX_SPARE_LINKS {
                spare.push(link);
            }
            // The one that chooses tries one after the other, or each end could take another for the one.
            if !meeting.leads() || meetings.is_empty() {
                begin_meeting(&mut meetings, meeting, encounter, &mut spare);
            }
        }
    }

    /// Dials until a link comes about; a device that is awaited, once.
    async fn dial(&self, pause: Duration) -> N::Link {
        let pause = match self.plan.approach {
            Approach::Dial => pause,
            Approach::Await => DIAL_BACK_AFTER,
        };
        sleep(pause).await;
        loop {
            let known = self.addresses.borrow().clone();
            match self.net.dial(self.plan.meeting.peer_key, &known, self.plan.purpose).await {
                Ok(link) => return link,
                Err(error) if self.plan.approach == Approach::Await => {
                    tracing::debug!(%error, "dialling back");
                    std::future::pending::<()>().await;
                }
                Err(error) => {
                    tracing::debug!(%error, "dialling");
                    sleep(AGAIN_AFTER).await;
                }
            }
        }
    }
}

/// Meets the other end on a link that waits, if one does.
fn begin_meeting<L: PeerLink>(
    meetings: &mut JoinSet<Result<Met<L>, Missed>>,
    meeting: &Meeting,
    encounter: &Encounter,
    spare: &mut Vec<L>,
) {
    if let Some(link) = spare.pop() {
        let (meeting, encounter) = (meeting.clone(), encounter.clone());
        meetings.spawn(async move { meeting.meet(link, &encounter).await });
    }
}

/// Waits for what is under way, if anything is, and clears it once it is done.
async fn ongoing<F: Future + Unpin>(work: &mut Option<F>) -> F::Output {
    let output = match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    };
    *work = None;
    output
}
