//! The sole owner of the hub: hands it commands, performs its effects.
//!
//! Waits for nobody but the store, and goes on taking the store's results while it does, so that neither can wait
//! for the other. Connections wait for the driver, in a bounded queue.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, Sleep, sleep};
use whoelse_hub::{Command, ConnId, Effect, Hub, StoreFault, Ticket};
use whoelse_proto::{ServerFrame, SessionEnd, Timestamp};

use super::bus::Bus;
use super::clock::Clock;
use super::encode::{encode, mark};
use super::failures::FailureLog;
use super::outbox::{Order, Outbox, Overflow, Room};
use super::relay::RelayGuests;
use crate::store::{Job, StoreQueue};

/// Inputs that may wait: a burst of every kind at some 300 bytes each. Connections wait for room.
const INPUTS: usize = 4_096;

/// Inputs taken at once. Between two batches connections get their turn to write what the last one brought.
const BATCH: usize = 256;

/// Results of the store that may wait. The store waits for room.
const RESULTS: usize = 1_024;

/// Orders of the administrator that may wait. Whoever watches for them waits for room.
const ADMIN_ORDERS: usize = 16;

/// Steps of lists between two batches of anything else: each takes some hundred microseconds, so that nobody waits for
/// those who read long lists.
const STEPS_PER_TURN: usize = 8;

/// The alarm of a hub that waits for nothing.
const FAR_AWAY: Duration = Duration::from_hours(24);

/// What reaches the driver from connections and from the server's owner.
#[derive(Debug)]
pub(super) enum Input {
    /// A connection may be spoken to.
    Attach {
        /// Which.
        conn: ConnId,
        /// Where its frames go.
        outbox: Arc<Outbox>,
    },
    /// Something for the hub.
    Hub(Command),
    /// A connection is gone.
    Detach {
        /// Which.
        conn: ConnId,
    },
    /// The server stops: everything that came before is done, nothing that comes behind.
    Stop,
}

/// The ends of the driver's queues that others hold.
#[derive(Debug)]
pub(super) struct Ends {
    /// For connections.
    pub(super) inputs: Sender<Input>,
    /// For the store's thread alone: once this end is dropped, the driver knows that the thread is gone.
    pub(super) results: Sender<Command>,
    /// For the administrator's orders.
    pub(super) admin: Sender<Command>,
}

/// The driver's own ends.
#[derive(Debug)]
pub(super) struct Queues {
    inputs: Receiver<Input>,
    results: Receiver<Command>,
    admin: Receiver<Command>,
}

/// Every queue that leads to the driver.
pub(super) fn queues() -> (Ends, Queues) {
    let (inputs, inputs_end) = channel(INPUTS);
    let (results, results_end) = channel(RESULTS);
    let (admin, admin_end) = channel(ADMIN_ORDERS);
    (Ends { inputs, results, admin }, Queues { inputs: inputs_end, results: results_end, admin: admin_end })
}

/// Whether the driver goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Running {
    On,
    Stopping,
}

/// The hub's next time, as a timer.
struct Alarm {
    set_for: Option<Timestamp>,
    timer: Pin<Box<Sleep>>,
}

impl Alarm {
    fn new() -> Self {
        Self { set_for: None, timer: Box::pin(sleep(FAR_AWAY)) }
    }

    /// Sets it, if it is not set for that time.
    fn set(&mut self, at: Option<Timestamp>, clock: &mut Clock) {
        if self.set_for != at {
            self.set_for = at;
            let wait = at.map_or(FAR_AWAY, |at| clock.until(at).min(FAR_AWAY));
            self.timer.as_mut().reset(Instant::now() + wait);
        }
    }

    /// Rings when the time has come.
    async fn ring(&mut self) {
        self.timer.as_mut().await;
        self.set_for = None;
    }
}

/// The hub with its hands.
#[derive(Debug)]
pub(super) struct Driver {
    hub: Hub,
    clock: Clock,
    conns: BTreeMap<ConnId, Arc<Outbox>>,
    queues: Queues,
    store: StoreQueue,
    /// What the store was asked and has not answered, in order.
    asked: VecDeque<Ticket>,
    bus: Bus,
    /// What the driver itself has to tell the hub, before anything else.
    own: VecDeque<Command>,
    /// Connections that have room for a page, in the order in which that was heard.
    roomy: VecDeque<ConnId>,
    running: Running,
    /// Who may use the relay, where there is one.
    relay: Option<Arc<dyn RelayGuests>>,
    failures: FailureLog,
}

impl Driver {
    /// A driver for this hub.
    pub(super) fn new(hub: Hub, clock: Clock, queues: Queues, store: StoreQueue) -> Self {
        Self {
            hub,
            clock,
            conns: BTreeMap::new(),
            queues,
            store,
            asked: VecDeque::new(),
            bus: Bus::in_process(),
            own: VecDeque::new(),
            roomy: VecDeque::new(),
            running: Running::On,
            relay: None,
            failures: FailureLog::new(),
        }
    }

    /// The same with the guest list of a relay.
    pub(super) fn with_relay(self, relay: Option<Arc<dyn RelayGuests>>) -> Self {
        Self { relay, ..self }
    }

    /// Performs the hub's first effects, then works until [`Input::Stop`], or until nobody can ask it any more. At
    /// its end the store has answered everything.
    pub(super) async fn run(mut self, first: Vec<Effect>) {
        self.perform_all(first).await;
        self.settle().await;
        let mut alarm = Alarm::new();
        let (mut inputs, mut results) = (Vec::new(), Vec::new());
        while self.running == Running::On {
            self.wake(&mut alarm).await;
            tokio::select! {
                biased;
                count = self.queues.results.recv_many(&mut results, BATCH), if !self.asked.is_empty() => {
                    self.take_results(count, results.drain(..));
                }
                Some(command) = self.queues.admin.recv() => self.own.push_back(command),
                count = self.queues.inputs.recv_many(&mut inputs, BATCH) => self.take_inputs(count, &mut inputs).await,
                () = std::future::ready(()), if !self.roomy.is_empty() => {}
                () = alarm.ring() => {}
            }
            self.settle().await;
            self.turn_pages().await;
        }
        self.finish().await;
    }

    async fn take_inputs(&mut self, count: usize, batch: &mut Vec<Input>) {
        if count == 0 {
            self.running = Running::Stopping;
        }
        for input in batch.drain(..) {
            self.take(input).await;
            self.settle().await;
        }
        if count == BATCH {
            tokio::task::yield_now().await;
        }
    }

    async fn take(&mut self, input: Input) {
        if self.running == Running::Stopping {
            return;
        }
        match input {
            Input::Attach { conn, outbox } => {
                self.conns.insert(conn, outbox);
            }
            Input::Hub(Command::Room { conn }) => self.roomy.push_back(conn),
            Input::Hub(command) => self.tell(command).await,
            Input::Detach { conn } => {
                if self.conns.remove(&conn).is_some() {
                    self.tell(Command::Disconnected { conn }).await;
                }
            }
            Input::Stop => {
                self.tell(Command::Stop).await;
                self.running = Running::Stopping;
            }
        }
    }

    /// Has some of the pages made for which there is room.
    async fn turn_pages(&mut self) {
        if self.roomy.is_empty() {
            return;
        }
        for _ in 0..STEPS_PER_TURN {
            let Some(conn) = self.roomy.pop_front() else { break };
            self.tell(Command::Room { conn }).await;
            self.settle().await;
        }
        tokio::task::yield_now().await;
    }

    /// Wakes the hub if its time has come, and sets the alarm for the next time.
    async fn wake(&mut self, alarm: &mut Alarm) {
        let now = self.clock.now();
        if self.hub.next_wake().is_some_and(|at| at <= now) {
            self.tell(Command::Wake).await;
            self.settle().await;
        }
        alarm.set(self.hub.next_wake(), &mut self.clock);
    }

    /// Tells the hub what its last effects led to, until they lead to nothing more.
    async fn settle(&mut self) {
        while let Some(command) = self.bus.take().or_else(|| self.own.pop_front()) {
            self.tell(command).await;
        }
    }

    async fn tell(&mut self, command: Command) {
        let now = self.clock.now();
        let effects = self.hub.handle(command, now);
        self.perform_all(effects).await;
    }

    async fn perform_all(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.perform(effect).await;
        }
    }

    async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, frame } => self.send(&to, &frame),
            Effect::Challenge { conn, name } => self.order(conn, Order::Challenge(name)),
            Effect::LoginFailed { name, from, failure } => self.failures.note(&name, from, failure),
            Effect::UnknownInvite { from } => self.failures.note_invite(from),
            Effect::RegisterChallenge { conn, name } => self.order(conn, Order::RegisterChallenge(name)),
            Effect::Admit { conn, name } => self.order(conn, Order::Admit(name)),
            Effect::Hold { conn, millis } => self.order(conn, Order::Hold(millis)),
            Effect::AskForRoom { conn } => self.ask_for_room(conn),
            Effect::Close { conn } => self.close(conn),
            Effect::Store { ticket, op } => self.ask_store(ticket, Job::Store { ticket, op }).await,
            Effect::CreateAccount { ticket, name, record } => {
                self.ask_store(ticket, Job::CreateAccount { ticket, name, record }).await;
            }
            Effect::ReplaceRecord { ticket, name, record } => {
                self.ask_store(ticket, Job::ReplaceRecord { ticket, name, record }).await;
            }
            Effect::OpenRelay { device } => self.at_relay(|guests| guests.open(device)),
            Effect::ShutRelay { device } => self.at_relay(|guests| guests.shut(device)),
            Effect::Route { to, what } => self.bus.route(to, what),
            Effect::Announce { what } => self.bus.announce(what),
        }
    }

    fn at_relay(&self, act: impl FnOnce(&dyn RelayGuests)) {
        if let Some(guests) = &self.relay {
            act(guests.as_ref());
        }
    }

    /// One frame, encoded once, for all these connections.
    fn send(&mut self, to: &[ConnId], frame: &ServerFrame) {
        let Some(bytes) = encode(frame) else { return };
        let mark = mark(frame);
        for conn in to {
            let Some(outbox) = self.conns.get(conn).filter(|outbox| outbox.understands(frame)) else { continue };
            if outbox.send(Arc::clone(&bytes), mark) == Err(Overflow) {
                self.close_slow(*conn);
            }
        }
    }

    /// Closes a connection whose client does not read what it is sent.
    fn close_slow(&mut self, conn: ConnId) {
        if let Some(outbox) = self.conns.remove(&conn) {
            tracing::debug!(conn = conn.get(), "the client reads too slowly");
            outbox.finish(encode(&ServerFrame::SessionEnded { reason: SessionEnd::TooSlow }));
            self.own.push_back(Command::Overflowed { conn });
        }
    }

    fn order(&self, conn: ConnId, order: Order) {
        if let Some(outbox) = self.conns.get(&conn) {
            outbox.order(order);
        }
    }

    /// The hub hears of room soon, or from the connection later.
    fn ask_for_room(&mut self, conn: ConnId) {
        if self.conns.get(&conn).is_some_and(|outbox| outbox.ask_for_room() == Room::There) {
            self.roomy.push_back(conn);
        }
    }

    fn close(&mut self, conn: ConnId) {
        if let Some(outbox) = self.conns.remove(&conn) {
            outbox.order(Order::Close);
        }
    }

    /// Hands a job to the store. While its queue is full, takes its results: each makes room.
    async fn ask_store(&mut self, ticket: Ticket, mut job: Job) {
        self.asked.push_back(ticket);
        while let Err(back) = self.store.push(job) {
            job = back;
            let result = self.queues.results.recv().await;
            let count = usize::from(result.is_some());
            self.take_results(count, result);
            if count == 0 {
                return;
            }
        }
    }

    /// Takes results. None at all means that the store's thread is gone, and that nothing it was asked comes back.
    fn take_results(&mut self, count: usize, results: impl IntoIterator<Item = Command>) {
        self.own.extend(results);
        self.asked.drain(..count.min(self.asked.len()));
        if count == 0 {
            tracing::error!("the store is gone");
            let lost = self.asked.drain(..);
            self.own.extend(lost.map(|ticket| Command::Stored { ticket, result: Err(StoreFault::Unavailable) }));
        }
    }

    /// Closes every connection, and sees to it that everything asked of the store is answered.
    async fn finish(mut self) {
        self.queues.inputs.close();
        for outbox in std::mem::take(&mut self.conns).into_values() {
            outbox.order(Order::Close);
        }
        while !self.asked.is_empty() {
            let result = self.queues.results.recv().await;
            self.take_results(usize::from(result.is_some()), result);
            self.settle().await;
        }
    }
}

#[cfg(test)]
mod tests;
