//! What waits to be written to one connection, and what the driver orders it to do.
//!
//! The driver puts in and never waits; the connection takes out. One that does not keep up is finished, not waited
//! for. Frames to many connections are encoded once and shared.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use whoelse_proto::{ServerFrame, UserName};

/// Bytes that may wait in one outbox: a hub's window of deliveries several times over. Shared frames count in each
/// outbox. Lists come in pages, each once there is room for it.
pub(crate) const OUTBOX_BYTES: usize = 2 * 1024 * 1024;

/// An outbox with at most this many bytes has room for the next page of a list: two pages, so that one is on its way
/// while the next is made.
pub(crate) const ROOM_BYTES: usize = 128 * 1024;

/// Frames that may wait in one outbox: what a quick reader may miss while the driver works through full queues, and
/// 256 KiB of bookkeeping at most.
pub(crate) const OUTBOX_FRAMES: usize = 8 * 1024;

/// Bytes taken out at once: one TLS record (RFC 8446, section 5.1), so that a write is one record and one call.
pub(crate) const WRITE_BYTES: usize = 16 * 1024;

/// An emptied queue keeps room for this many items; more is given back, for idle connections are many.
const KEPT_ITEMS: usize = 8;

/// A frame as bytes, shared among its recipients.
pub(crate) type Encoded = Arc<[u8]>;

/// What a frame means for the connection that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    Plain,
    /// It completes the answer to a request.
    Answer,
    /// It ends what the client tried before its login; the client may try again.
    Verdict,
}

/// What the driver orders a connection to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Answer the OPAQUE request for this account.
    Challenge(UserName),
    /// Answer the OPAQUE registration request for this name.
    RegisterChallenge(UserName),
    /// The client is logged in, under this name.
    Admit(UserName),
    /// Read nothing further for so many milliseconds.
    Hold(u64),
    /// Close: everything before is written.
    Close,
}

#[derive(Debug)]
enum Item {
    Frame { bytes: Encoded, mark: Mark },
    Order(Order),
}

/// What was taken out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Frames, as bytes.
    Frames {
        /// How many requests they answer.
        answers: usize,
        /// How many verdicts are among them.
        verdicts: usize,
        /// Whether there is room for a page, for which the driver asked.
        room: Room,
    },
    /// An order.
    Order(Order),
}

/// Whether an outbox has room for the next page of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Room {
    /// It has.
    There,
    /// Not yet, or nobody asked.
    #[default]
    Not,
}

/// The outbox is full: it was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// The queue of one connection.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    /// Whether the driver waits for room.
    awaited: Awaited,
    life: Life,
    hears: Hears,
    waker: Option<Waker>,
}

/// Whether the client understands [`ServerFrame::Notice`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hears {
    #[default]
    NoNotices,
    Notices,
}

/// Whether the driver waits for room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaited {
    #[default]
    No,
    Yes,
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Open,
    /// A close is the last item.
    Finished,
}

impl Outbox {
    /// The client said what it understands.
    pub(crate) fn client_hears(&self, hears: Hears) {
        self.lock().hears = hears;
    }

    /// Whether the client understands a frame.
    pub(crate) fn understands(&self, frame: &ServerFrame) -> bool {
        !matches!(frame, ServerFrame::Notice(_)) || self.lock().hears == Hears::Notices
    }

    /// Puts a frame in. What comes after a close is dropped.
    ///
    /// # Errors
    /// [`Overflow`] if it is full; the frame is not in.
    pub(crate) fn send(&self, bytes: Encoded, mark: Mark) -> Result<(), Overflow> {
        let mut queue = self.lock();
        if queue.life == Life::Finished {
            return Ok(());
        }
        if queue.items.len() >= OUTBOX_FRAMES || queue.bytes + bytes.len() > OUTBOX_BYTES {
            return Err(Overflow);
        }
        queue.bytes += bytes.len();
        queue.items.push_back(Item::Frame { bytes, mark });
        queue.wake();
        Ok(())
    }

    /// Whether there is room for a page. If not, the connection hears of it once with what it takes out.
    pub(crate) fn ask_for_room(&self) -> Room {
        let mut queue = self.lock();
        if queue.bytes <= ROOM_BYTES {
            return Room::There;
        }
        queue.awaited = Awaited::Yes;
        Room::Not
    }

    /// Puts an order in. There are never more than a few, so it is never refused.
    pub(crate) fn order(&self, order: Order) {
        let mut queue = self.lock();
        if queue.life == Life::Finished {
            return;
        }
        if order == Order::Close {
            queue.life = Life::Finished;
        }
        queue.items.push_back(Item::Order(order));
        queue.wake();
    }

    /// Drops what waits and closes with one last frame.
    pub(crate) fn finish(&self, last: Option<Encoded>) {
        let mut queue = self.lock();
        queue.life = Life::Finished;
        queue.bytes = last.as_ref().map_or(0, |bytes| bytes.len());
        queue.items = last.map(|bytes| Item::Frame { bytes, mark: Mark::Plain }).into_iter().collect();
        queue.items.push_back(Item::Order(Order::Close));
        queue.wake();
    }

    /// Takes an order, or frames up to about [`WRITE_BYTES`], which it appends to `out`.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>, out: &mut Vec<u8>) -> Poll<Taken> {
        let mut queue = self.lock();
        if let Some(taken) = queue.take(out) {
            return Poll::Ready(taken);
        }
        queue.wake_later(cx);
        Poll::Pending
    }

    /// Ready once a close was put in, whatever else waits.
    pub(crate) fn poll_finished(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if queue.life == Life::Finished {
            return Poll::Ready(());
        }
        queue.wake_later(cx);
        Poll::Pending
    }

    /// A thread that panics leaves the queue whole: every change to it is made at once.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Takes from a queue that holds something.
    fn take(&mut self, out: &mut Vec<u8>) -> Option<Taken> {
        let taken = match self.items.pop_front()? {
            Item::Order(order) => Taken::Order(order),
            Item::Frame { bytes, mark } => self.take_frames((bytes, mark), out),
        };
        if self.items.is_empty() && self.items.capacity() > KEPT_ITEMS {
            self.items = VecDeque::new();
        }
        Some(taken)
    }

    /// Takes `first`, whatever its size, and those behind it that fit the same write.
    fn take_frames(&mut self, first: (Encoded, Mark), out: &mut Vec<u8>) -> Taken {
        let (mut answers, mut verdicts, mut size) = (0, 0, 0);
        let mut next = Some(first);
        while let Some((bytes, mark)) = next {
            match mark {
                Mark::Plain => {}
                Mark::Answer => answers += 1,
                Mark::Verdict => verdicts += 1,
            }
            out.extend_from_slice(&bytes);
            self.bytes -= bytes.len();
            size += bytes.len();
            next = self.pop_frame_within(WRITE_BYTES.saturating_sub(size));
        }
        let room = self.room();
        Taken::Frames { answers, verdicts, room }
    }

    /// Whether the room that the driver waits for is there.
    fn room(&mut self) -> Room {
        if self.awaited == Awaited::No || self.bytes > ROOM_BYTES {
            return Room::Not;
        }
        self.awaited = Awaited::No;
        Room::There
    }

    /// The next item, if it is a frame of at most `room` bytes.
    fn pop_frame_within(&mut self, room: usize) -> Option<(Encoded, Mark)> {
        match self.items.pop_front()? {
            Item::Frame { bytes, mark } if bytes.len() <= room => Some((bytes, mark)),
            item @ (Item::Frame { .. } | Item::Order(_)) => {
                self.items.push_front(item);
                None
            }
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wake_later(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.waker = Some(cx.waker().clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: usize) -> Encoded {
        vec![7; size].into()
    }

    fn take(outbox: &Outbox, out: &mut Vec<u8>) -> Poll<Taken> {
        outbox.poll_take(&mut Context::from_waker(Waker::noop()), out)
    }

    fn is_finished(outbox: &Outbox) -> bool {
        outbox.poll_finished(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_notice_is_for_clients_that_understand_it() {
        let outbox = Outbox::default();
        let notice = ServerFrame::Notice(whoelse_proto::Notice::InboxDamaged { messages: 1 });
        assert!(!outbox.understands(&notice) && outbox.understands(&ServerFrame::Ping {}));
        outbox.client_hears(Hears::Notices);
        assert!(outbox.understands(&notice));
    }

    #[test]
    fn frames_come_out_together_and_orders_between_them_in_their_place() {
        let outbox = Outbox::default();
        outbox.send([1].into(), Mark::Plain).unwrap();
        outbox.send([2].into(), Mark::Answer).unwrap();
        outbox.order(Order::Close);

        let mut out = Vec::new();
        assert_eq!(take(&outbox, &mut out), Poll::Ready(Taken::Frames { answers: 1, verdicts: 0, room: Room::Not }));
        assert_eq!(out, [1, 2]);
        assert_eq!(take(&outbox, &mut out), Poll::Ready(Taken::Order(Order::Close)));
        assert_eq!(take(&outbox, &mut out), Poll::Pending);
        assert_eq!(out, [1, 2]);
    }

    #[test]
    fn one_write_takes_what_fits_and_at_least_one_frame() {
        let outbox = Outbox::default();
        for size in [3 * WRITE_BYTES, WRITE_BYTES / 2, WRITE_BYTES / 2, 1] {
            outbox.send(frame(size), Mark::Plain).unwrap();
        }
        let mut sizes = Vec::new();
        let mut out = Vec::new();
        while take(&outbox, &mut out).is_ready() {
            sizes.push(out.len());
            out.clear();
        }
        assert_eq!(sizes, [3 * WRITE_BYTES, WRITE_BYTES, 1]);
    }

    #[test]
    fn an_outbox_is_full_by_frames_or_by_bytes_and_takes_more_once_it_is_read() {
        let outbox = Outbox::default();
        for _ in 0..OUTBOX_FRAMES {
            outbox.send(frame(1), Mark::Plain).unwrap();
        }
        assert_eq!(outbox.send(frame(1), Mark::Plain), Err(Overflow));
        assert!(take(&outbox, &mut Vec::new()).is_ready());
        assert_eq!(outbox.send(frame(1), Mark::Plain), Ok(()));

        let outbox = Outbox::default();
        outbox.send(frame(OUTBOX_BYTES), Mark::Plain).unwrap();
        assert_eq!(outbox.send(frame(1), Mark::Plain), Err(Overflow));
    }

    #[test]
    fn whoever_asks_for_room_hears_of_it_once_when_little_waits() {
        let outbox = Outbox::default();
        assert_eq!(outbox.ask_for_room(), Room::There);
        outbox.send(frame(ROOM_BYTES), Mark::Plain).unwrap();
        outbox.send(frame(1), Mark::Plain).unwrap();
        outbox.send(frame(WRITE_BYTES), Mark::Plain).unwrap();
        assert_eq!(outbox.ask_for_room(), Room::Not);

        let rooms: Vec<Room> = std::iter::from_fn(|| match take(&outbox, &mut Vec::new()) {
            Poll::Ready(Taken::Frames { room, .. }) => Some(room),
            Poll::Ready(Taken::Order(_)) | Poll::Pending => None,
        })
        .collect();
        assert_eq!(rooms, [Room::There, Room::Not, Room::Not]);
    }

    #[test]
    fn a_finished_outbox_holds_its_last_frame_and_a_close() {
        let outbox = Outbox::default();
        outbox.send(frame(100), Mark::Answer).unwrap();
        outbox.finish(Some([9].into()));
        assert_eq!(outbox.send(frame(1), Mark::Plain), Ok(()));
        outbox.order(Order::Close);

        assert!(is_finished(&outbox));
        let mut out = Vec::new();
        assert_eq!(take(&outbox, &mut out), Poll::Ready(Taken::Frames { answers: 0, verdicts: 0, room: Room::Not }));
        assert_eq!(out, [9]);
        assert_eq!(take(&outbox, &mut out), Poll::Ready(Taken::Order(Order::Close)));
        assert_eq!(take(&outbox, &mut out), Poll::Pending);
    }

    #[test]
    fn an_emptied_outbox_gives_its_memory_back() {
        let outbox = Outbox::default();
        for _ in 0..1000 {
            outbox.send(frame(1), Mark::Plain).unwrap();
        }
        assert!(take(&outbox, &mut Vec::new()).is_ready());
        assert!(outbox.lock().items.capacity() <= KEPT_ITEMS);
        assert_eq!(outbox.lock().bytes, 0);
    }
}
