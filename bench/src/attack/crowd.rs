//! People who only talk, and how long the server takes to accept what they write.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::{Instant, interval_at, sleep};
use whoelse_proto::{ClientFrame, RequestId, ServerFrame, Target, UserName};

use super::client::{Client, Door, host, message, message_id, name};
use crate::error::Result;

/// How many talk, in pairs.
pub(super) const TALKERS: u8 = 50;

/// How often each writes.
const EVERY: Duration = Duration::from_millis(200);

/// Bytes of what they write.
const TEXT_BYTES: usize = 100;

/// The hosts behind this one are theirs.
const FIRST_HOST: u8 = 100;

/// The name of one who talks.
pub(super) fn talker(number: u8) -> Result<UserName> {
    name(&format!("talker{number}"))
}

/// All of them, talking.
pub(super) struct Crowd {
    /// From the moment when a message was due to `accepted`, in nanoseconds.
    latencies: Rc<RefCell<Vec<u64>>>,
    gone: Rc<Cell<u32>>,
}

impl Crowd {
    /// Makes their accounts and lets them talk.
    pub(super) async fn gather(door: &Door) -> Result<Self> {
        let crowd = Self { latencies: Rc::default(), gone: Rc::default() };
        let mut clients = Vec::new();
        for number in 0..TALKERS {
            let mut client = Client::newcomer(door, host(FIRST_HOST + number), &talker(number)?).await?;
            client.publish(FIRST_HOST + number).await?;
            clients.push(client);
        }
        for (number, client) in (0..).zip(clients) {
            let begin = Instant::now() + EVERY * u32::from(number) / u32::from(TALKERS);
            let (peer, latencies, gone) = (talker(number ^ 1)?, Rc::clone(&crowd.latencies), Rc::clone(&crowd.gone));
            spawn_local(async move {
                if let Err(error) = talk(client, peer, begin, &latencies).await {
                    eprintln!("one who only talks is gone: {error}");
                    gone.set(gone.get() + 1);
                }
            });
        }
        Ok(crowd)
    }

    /// The latencies of the next while, sorted.
    pub(super) async fn listen(&self, lasts: Duration) -> Vec<u64> {
        self.latencies.borrow_mut().clear();
        sleep(lasts).await;
        let mut latencies = self.latencies.take();
        latencies.sort_unstable();
        latencies
    }

    /// How many lost their connection.
    pub(super) fn gone(&self) -> u32 {
        self.gone.get()
    }
}

/// Writes and reads until the connection ends.
async fn talk(mut client: Client, peer: UserName, begin: Instant, latencies: &RefCell<Vec<u64>>) -> Result<()> {
    let text = "x".repeat(TEXT_BYTES);
    let mut due = interval_at(begin, EVERY);
    let mut open: BTreeMap<RequestId, Instant> = BTreeMap::new();
    loop {
        tokio::select! {
            at = due.tick() => {
                let asked = client.post(message(message_id(), Target::User(peer.clone()), &text)?).await?;
                open.insert(asked, at);
            }
            frame = client.hear() => match frame? {
                ServerFrame::Deliver(envelope) => client.say(&ClientFrame::Ack { up_to: envelope.seq }).await?,
                ServerFrame::Reply { id, .. } => {
                    let took = open.remove(&id).map(|at| u64::try_from(at.elapsed().as_nanos()).unwrap_or(u64::MAX));
                    latencies.borrow_mut().extend(took);
                }
                _ => {}
            }
        }
    }
}
