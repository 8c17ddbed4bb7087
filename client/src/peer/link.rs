//! One link from the introduction to its end: found, met, then frames to and fro.

use std::future::Future;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use whoelse_model::peers::LinkNumber;
use whoelse_model::{Closing, Route};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{Addresses, Verification};

use super::handshake::{Meeting, Met, Missed, OneTry};
use super::{Closes, PeerError, PeerLink, PeerNet, Receiver, Sender, Use, wire};

/// How long two devices look for each other.
const FIND_WITHIN: Duration = Duration::from_secs(20);

/// The pause before a device that could not be reached is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long a device that is to be served may take to come by itself before it is dialled back.
const DIAL_BACK_AFTER: Duration = Duration::from_secs(1);

/// Frames that wait to be written. A peer that does not read is left when it is full.
const MAX_FRAMES_WAITING: usize = 512;

/// Links of one introduction that wait to be tried, those of both directions. Further ones are dropped.
const MAX_SPARE_LINKS: usize = 8;

/// How often the way of a link is looked at.
const LOOK_AT_ROUTE: Duration = Duration::from_secs(1);

/// How long a farewell may take.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);

/// What a link tells its keeper.
#[derive(Debug)]
pub(crate) enum LinkNews<L> {
    /// Both ends know each other.
    Met(L, Verification, Route),
    /// It goes another way.
    Rerouted(Route),
    /// The other end says something.
    Frame(PeerFrame),
    /// It could not be made, or is gone.
    Gone(Closing),
}

/// News of a link, with its number.
pub(super) type Told<L> = (LinkNumber, LinkNews<L>);

/// What its keeper tells a link.
#[derive(Debug)]
enum Order {
    Send(PeerFrame),
    Close(Farewell),
}

/// A link as its keeper holds it. Dropped, its task is aborted, and the link is closed without a farewell.
pub(super) struct Handle {
    orders: mpsc::Sender<Order>,
    addresses: watch::Sender<Addresses>,
    /// `None` once it is to end by itself.
    task: Option<JoinHandle<()>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Handle {
    /// Of no link.
    #[cfg(test)]
    pub(super) fn idle() -> Self {
        Self { orders: mpsc::channel(1).0, addresses: watch::channel(Addresses::default()).0, task: None }
    }

    /// Puts a frame on the link. Gives whether there was room.
    pub(super) fn send(&self, frame: PeerFrame) -> bool {
        self.orders.try_send(Order::Send(frame)).is_ok()
    }

    /// Other addresses of the same device.
    pub(super) fn moved(&self, addresses: Addresses) {
        self.addresses.send_replace(addresses);
    }

    /// Ends the link: the farewell is said, if it can be. Gives what ends when that is done.
    pub(super) fn close(mut self, farewell: Farewell) -> Option<JoinHandle<()>> {
        self.orders.try_send(Order::Close(farewell)).ok().and_then(|()| self.task.take())
    }
}

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

/// Makes a link; what becomes of it is told.
pub(super) fn start<N: PeerNet>(net: N, plan: Plan, news: mpsc::Sender<Told<N::Link>>) -> Handle {
    let (orders, taken) = mpsc::channel(MAX_FRAMES_WAITING);
    let (addresses, looked_at) = watch::channel(plan.addresses.clone());
    let number = plan.meeting.number;
    let task = tokio::spawn(async move {
        let why = run(&net, plan, looked_at, taken, &news).await;
        // Nobody listens once the keeper is gone.
        let _ = news.send((number, LinkNews::Gone(why))).await;
    });
    Handle { orders, addresses, task: Some(task) }
}

async fn run<N: PeerNet>(
    net: &N,
    plan: Plan,
    addresses: watch::Receiver<Addresses>,
    mut orders: mpsc::Receiver<Order>,
    news: &mpsc::Sender<Told<N::Link>>,
) -> Closing {
    let number = plan.meeting.number;
    let met = tokio::select! {
        met = find(net, &plan, addresses) => met,
        farewell = closed(&mut orders) => return farewell,
    };
    let met = match met {
        Ok(met) => met,
        Err(PeerError::Impostor) => return Closing::Impostor,
        Err(error) => {
            tracing::debug!(number, %error, "no link");
            return Closing::Unreachable;
        }
    };
    let Met { link, sender, receiver, verification } = met;
    let _closes = Closes(link.clone());
    let route = link.route();
    let told = LinkNews::Met(link.clone(), verification, route);
    if news.send((number, told)).await.is_err() {
        return Closing::Here;
    }
    talk(number, &link, (sender, receiver), ToldRoute(route), orders, news).await
}

/// Waits for the order to close.
async fn closed(orders: &mut mpsc::Receiver<Order>) -> Closing {
    loop {
        match orders.recv().await {
            Some(Order::Send(_)) => {}
            Some(Order::Close(_)) | None => return Closing::Here,
        }
    }
}

/// Finds the other device. The one with the lower key chooses among the links that come about by opening a stream on
/// it. The first link on which the other end names this introduction is the only one: its failure is the end.
async fn find<N: PeerNet>(
    net: &N,
    plan: &Plan,
    addresses: watch::Receiver<Addresses>,
) -> Result<Met<N::Link>, PeerError> {
    let deadline = Instant::now() + FIND_WITHIN;
    let mut admission = net.admit(plan.meeting.peer_key, plan.purpose);
    let one = OneTry::default();
    let mut meetings = JoinSet::new();
    let mut dialling = Some(Box::pin(dial(net, plan, addresses.clone(), Duration::ZERO)));
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
                Ok(Err(Missed::Early(PeerError::Impostor))) => return Err(PeerError::Impostor),
                Ok(Err(Missed::Early(error))) => {
                    last = error;
                    begin_meeting(&mut meetings, &plan.meeting, &one, &mut spare);
                    if plan.approach == Approach::Dial {
                        dialling = Some(Box::pin(dial(net, plan, addresses.clone(), AGAIN_AFTER)));
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
        if !plan.meeting.leads() || meetings.is_empty() {
            begin_meeting(&mut meetings, &plan.meeting, &one, &mut spare);
        }
    }
}

/// Meets the other end on a link that waits, if one does.
fn begin_meeting<L: PeerLink>(
    meetings: &mut JoinSet<Result<Met<L>, Missed>>,
    meeting: &Meeting,
    one: &OneTry,
    spare: &mut Vec<L>,
) {
    if let Some(link) = spare.pop() {
        let (meeting, one) = (meeting.clone(), one.clone());
        meetings.spawn(async move { meeting.meet(link, &one).await });
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

/// Dials until a link comes about; a device that is awaited, once.
async fn dial<N: PeerNet>(net: &N, plan: &Plan, addresses: watch::Receiver<Addresses>, pause: Duration) -> N::Link {
    let pause = match plan.approach {
        Approach::Dial => pause,
        Approach::Await => DIAL_BACK_AFTER,
    };
    sleep(pause).await;
    loop {
        let known = addresses.borrow().clone();
        match net.dial(plan.meeting.peer_key, &known, plan.purpose).await {
            Ok(link) => return link,
            Err(error) if plan.approach == Approach::Await => {
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

/// How a link goes, as its keeper was told.
#[derive(Debug)]
struct ToldRoute(Route);

impl ToldRoute {
    /// Tells of another way. `tell` gives whether it was heard; if not, the next look tells.
    fn look(&mut self, route: Route, tell: impl FnOnce(Route) -> bool) {
        if self.0 != route && tell(route) {
            self.0 = route;
        }
    }
}

/// Carries frames until the end, and says why it came.
async fn talk<L: PeerLink>(
    number: LinkNumber,
    link: &L,
    (mut sender, mut receiver): (Sender, Receiver),
    mut told: ToldRoute,
    mut orders: mpsc::Receiver<Order>,
    news: &mpsc::Sender<Told<L>>,
) -> Closing {
    let mut look = interval(LOOK_AT_ROUTE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let hear = async {
        loop {
            match wire::read::<PeerFrame>(&mut receiver, MAX_FRAME).await {
                Ok(frame) => {
                    if news.send((number, LinkNews::Frame(frame))).await.is_err() {
                        return Closing::Here;
                    }
                }
                Err(error) => {
                    tracing::debug!(number, %error, "the link ended");
                    return Closing::Lost;
                }
            }
        }
    };
    tokio::pin!(hear);
    loop {
        tokio::select! {
            why = &mut hear => return why,
            () = link.gone() => return Closing::Lost,
            _ = look.tick() => {
                told.look(link.route(), |route| news.try_send((number, LinkNews::Rerouted(route))).is_ok());
            }
            order = orders.recv() => match order {
                Some(Order::Send(frame)) => {
                    if wire::write(&mut sender, &frame).await.is_err() {
                        return Closing::Lost;
                    }
                }
                Some(Order::Close(farewell)) => {
                    let bye = say_bye(&mut sender, farewell, link);
                    if timeout(FAREWELL_WITHIN, bye).await.is_err() {
                        tracing::debug!(number, "a farewell was not heard");
                    }
                    return Closing::Here;
                }
                None => return Closing::Here,
            },
        }
    }
}

/// Says why, and waits until the other end has closed: it has read it then.
async fn say_bye<L: PeerLink>(sender: &mut Sender, farewell: Farewell, link: &L) {
    if wire::write(sender, &PeerFrame::Bye { farewell }).await.is_ok() && sender.shutdown().await.is_ok() {
        link.gone().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_route_that_was_not_heard_is_told_again() {
        let mut told = ToldRoute(Route::Direct);
        told.look(Route::Direct, |_| panic!("nothing has changed"));
        told.look(Route::Relayed, |_| false);
        let mut heard = Vec::new();
        told.look(Route::Relayed, |route| {
            heard.push(route);
            true
        });
        told.look(Route::Relayed, |_| panic!("it was heard"));
        assert_eq!(heard, [Route::Relayed]);
    }
}
