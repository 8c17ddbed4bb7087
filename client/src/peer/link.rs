//! One link from the introduction to its end: found, met, then frames to and fro. The link of a private session that dies
//! is looked for again before it is told as ended.

use std::future::Future;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use whoelse_model::peers::LinkNumber;
use whoelse_model::{Closing, Route};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::peer::{Farewell, PeerFrame};
use whoelse_proto::{Addresses, Verification};

use super::find::{Plan, Search};
use super::handshake::{Encounter, Meeting, Met};
use super::{Admission, Closes, Parting, PeerError, PeerLink, PeerNet, Receiver, Sender, Use, wire};

/// Frames that wait to be written. A peer that does not read is left when it is full.
const MAX_FRAMES_WAITING: usize = 512;

/// How often the way of a link is looked at.
const LOOK_AT_ROUTE: Duration = Duration::from_secs(1);

/// How long a farewell may take.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);

/// How long the end of a link may come behind the end of its stream.
const LINK_ENDS_WITHIN: Duration = Duration::from_secs(1);

/// The least time for which a link is kept before the other device may come on another one: whoever comes again and again
/// costs its peer one notice a second.
const KEPT_AT_LEAST: Duration = Duration::from_secs(1);

/// What a link tells its keeper.
#[derive(Debug)]
pub(crate) enum LinkNews<L> {
    /// Both ends know each other.
    Met(L, Verification, Route),
    /// It died; the other device is looked for again.
    Died,
    /// Both ends know each other again. What the keeper orders counts from [`Handle::go_on`] on.
    MetAgain(L, Route),
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
    /// The keeper knows that the link is another one. What it ordered before was for the one that died.
    GoOn,
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

    /// Takes up a link that both ends met on again: frames are sent on it from here on. Gives whether there was room.
    pub(super) fn go_on(&self) -> bool {
        self.orders.try_send(Order::GoOn).is_ok()
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

/// Makes a link; what becomes of it is told.
pub(super) fn start<N: PeerNet>(net: N, plan: Plan, news: mpsc::Sender<Told<N::Link>>) -> Handle {
    let (orders, taken) = mpsc::channel(MAX_FRAMES_WAITING);
    let (addresses, looked_at) = watch::channel(plan.addresses.clone());
    let number = plan.meeting.number;
    let task = tokio::spawn(async move {
        let search = Search { net: &net, plan: &plan, addresses: &looked_at };
        let mut talk = Talk { number, orders: taken, news: &news };
        let why = run(&search, &mut talk).await;
        // Nobody listens once the keeper is gone.
        let _ = news.send((number, LinkNews::Gone(why))).await;
    });
    Handle { orders, addresses, task: Some(task) }
}

async fn run<N: PeerNet>(search: &Search<'_, N>, talk: &mut Talk<'_, N::Link>) -> Closing {
    let meeting = &search.plan.meeting;
    let mut admission = search.net.admit(meeting.peer_key, search.plan.purpose);
    let met = tokio::select! {
        met = search.find(&mut admission) => met,
        farewell = closed(&mut talk.orders) => return farewell,
    };
    let met = match met {
        Ok(met) => met,
        Err(PeerError::Impostor) => return Closing::Impostor,
        Err(error) => {
            tracing::debug!(number = meeting.number, %error, "no link");
            return Closing::Unreachable;
        }
    };
    if !talk.tell(LinkNews::Met(met.link.clone(), met.verification.clone(), met.link.route())).await {
        return Closing::Here;
    }
    match search.plan.purpose {
        Use::Session => keep(search, talk, &mut admission, met).await,
        Use::Fetch => {
            drop(admission);
            match talk.carry(met, Orders::Count, std::future::pending()).await {
                Over::Closed(why) => why,
                // Whoever fetches asks for another introduction.
                Over::Died | Over::Elsewhere(_) => Closing::Lost,
            }
        }
    }
}

/// Keeps two devices linked: when a link dies, they look for each other again.
async fn keep<N: PeerNet>(
    search: &Search<'_, N>,
    talk: &mut Talk<'_, N::Link>,
    admission: &mut Admission<N::Link>,
    mut met: Met<N::Link>,
) -> Closing {
    let meeting = &search.plan.meeting;
    let again = Encounter::Again(met.verification.clone());
    let mut orders = Orders::Count;
    loop {
        let elsewhere = match talk.carry(met, orders, comes_again(admission, meeting, &again)).await {
            Over::Closed(why) => return why,
            Over::Died => None,
            Over::Elsewhere(met) => Some(met),
        };
        if !talk.tell(LinkNews::Died).await {
            return Closing::Here;
        }
        met = if let Some(met) = elsewhere {
            met
        } else {
            let found = tokio::select! {
                found = search.find_again(admission, &again) => found,
                farewell = closed(&mut talk.orders) => return farewell,
            };
            match found {
                Ok(met) => met,
                Err(error) => {
                    tracing::debug!(number = meeting.number, %error, "not found again");
                    return Closing::Lost;
                }
            }
        };
        if !talk.tell(LinkNews::MetAgain(met.link.clone(), met.link.route())).await {
            return Closing::Here;
        }
        orders = Orders::CountFromGoOn;
    }
}

/// Waits for the order to close.
async fn closed(orders: &mut mpsc::Receiver<Order>) -> Closing {
    loop {
        match orders.recv().await {
            Some(Order::Send(_) | Order::GoOn) => {}
            Some(Order::Close(_)) | None => return Closing::Here,
        }
    }
}

/// Waits until the other device comes on another link: for it, this one has died.
async fn comes_again<L: PeerLink>(admission: &mut Admission<L>, meeting: &Meeting, again: &Encounter) -> Met<L> {
    sleep(KEPT_AT_LEAST).await;
    loop {
        let link = admission.next().await;
        match meeting.meet(link, again).await {
            Ok(met) => return met,
            Err(missed) => tracing::debug!(number = meeting.number, ?missed, "another link led to nothing"),
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

/// Which orders of the keeper are for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Orders {
    /// All.
    Count,
    /// Those behind the word that the keeper knows of it.
    CountFromGoOn,
}

/// What became of a link.
enum Over<L> {
    /// It is closed, for this reason.
    Closed(Closing),
    /// It died.
    Died,
    /// The other device came on another one.
    Elsewhere(Met<L>),
}

impl<L> From<Parting> for Over<L> {
    fn from(parting: Parting) -> Self {
        match parting {
            Parting::Closed => Self::Closed(Closing::Lost),
            Parting::Died => Self::Died,
        }
    }
}

/// What a link and its keeper tell each other.
struct Talk<'a, L: PeerLink> {
    number: LinkNumber,
    orders: mpsc::Receiver<Order>,
    news: &'a mpsc::Sender<Told<L>>,
}

impl<L: PeerLink> Talk<'_, L> {
    /// Gives whether anybody listens.
    async fn tell(&self, news: LinkNews<L>) -> bool {
        self.news.send((self.number, news)).await.is_ok()
    }

    /// Carries frames until the end of a link, and closes it.
    async fn carry(&mut self, met: Met<L>, mut counting: Orders, comes: impl Future<Output = Met<L>>) -> Over<L> {
        let Met { link, mut sender, receiver, .. } = met;
        let _closes = Closes(link.clone());
        let mut told = ToldRoute(link.route());
        let mut look = interval(LOOK_AT_ROUTE);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let heard = hear(self.number, &link, receiver, self.news);
        tokio::pin!(heard, comes);
        loop {
            tokio::select! {
                over = &mut heard => return over,
                met = &mut comes => return Over::Elsewhere(met),
                parting = link.gone() => return parting.into(),
                _ = look.tick() => {
                    let news = self.news;
                    let tell = |route| news.try_send((self.number, LinkNews::Rerouted(route))).is_ok();
                    told.look(link.route(), tell);
                }
                order = self.orders.recv() => match order {
                    Some(Order::Send(frame)) if counting == Orders::Count => {
                        if wire::write(&mut sender, &frame).await.is_err() {
                            return end_of(&link).await;
                        }
                    }
                    Some(Order::Send(_)) => {}
                    Some(Order::GoOn) => counting = Orders::Count,
                    Some(Order::Close(farewell)) => {
                        let bye = say_bye(&mut sender, farewell, &link);
                        if timeout(FAREWELL_WITHIN, bye).await.is_err() {
                            tracing::debug!(number = self.number, "a farewell was not heard");
                        }
                        return Over::Closed(Closing::Here);
                    }
                    None => return Over::Closed(Closing::Here),
                },
            }
        }
    }
}

/// Passes on what the other end says, until it says nothing more.
async fn hear<L: PeerLink>(
    number: LinkNumber,
    link: &L,
    mut receiver: Receiver,
    news: &mpsc::Sender<Told<L>>,
) -> Over<L> {
    loop {
        match wire::read::<PeerFrame>(&mut receiver, MAX_FRAME).await {
            Ok(frame) => {
                let is_last = matches!(frame, PeerFrame::Bye { .. });
                if news.send((number, LinkNews::Frame(frame))).await.is_err() {
                    return Over::Closed(Closing::Here);
                }
                if is_last {
                    // The keeper closes the link.
                    std::future::pending::<()>().await;
                }
            }
            Err(error @ PeerError::Malformed(_)) => {
                tracing::debug!(number, %error, "the link ended");
                return Over::Closed(Closing::Lost);
            }
            Err(error) => {
                tracing::debug!(number, %error, "the stream ended");
                return end_of(link).await;
            }
        }
    }
}

/// How a link ended whose stream has: with it, or the other end closed the stream alone.
async fn end_of<L: PeerLink>(link: &L) -> Over<L> {
    timeout(LINK_ENDS_WITHIN, link.gone()).await.map_or(Over::Closed(Closing::Lost), Over::from)
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
