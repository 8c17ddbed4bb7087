//! The queue of events to whoever shows them: bounded, with one wake-up for all that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use whoelse_model::Event;

/// Events that wait to be shown. When it is full, nothing more is read from the line, so that the server waits too.
const QUEUE: usize = 1024;

/// Called when there is something to take, from another thread.
type Waker = dyn Fn() + Send + Sync;

/// The end that tells.
pub(super) struct Teller {
    /// `None` once nobody is meant to hear.
    queue: Option<mpsc::Sender<Event>>,
    woken: Arc<AtomicBool>,
    waker: Box<Waker>,
}

/// The end that takes.
pub(super) struct Taker {
    queue: mpsc::Receiver<Event>,
    woken: Arc<AtomicBool>,
}

/// Nobody takes events any more.
#[derive(Debug)]
pub(super) struct Gone;

/// A new queue.
pub(super) fn queue(waker: impl Fn() + Send + Sync + 'static) -> (Teller, Taker) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let woken = Arc::new(AtomicBool::new(false));
    let teller = Teller { queue: Some(sender), woken: Arc::clone(&woken), waker: Box::new(waker) };
    (teller, Taker { queue: receiver, woken })
}

impl Teller {
    /// Queues an event, and wakes the other end if it has taken all it was woken for. Waits for room.
    pub(super) async fn tell(&self, event: Event) -> Result<(), Gone> {
        let Some(queue) = &self.queue else { return Ok(()) };
        queue.send(event).await.map_err(|_| Gone)?;
        if !self.woken.swap(true, Ordering::AcqRel) {
            (self.waker)();
        }
        Ok(())
    }

    /// Waits until nobody takes events any more.
    pub(super) async fn gone(&self) {
        match &self.queue {
            Some(queue) => queue.closed().await,
            None => std::future::pending().await,
        }
    }

    /// From here on events are told to nobody, and nobody is missed.
    pub(super) fn hush(&mut self) {
        self.queue = None;
    }
}

impl Taker {
    /// All that wait, at most one queue full.
    pub(super) fn take(&mut self) -> Vec<Event> {
        // A swap, not a store: what is told behind it wakes again, and what was told before it is seen below.
        self.woken.swap(false, Ordering::AcqRel);
        let mut events = Vec::new();
        while events.len() < QUEUE
            && let Ok(event) = self.queue.try_recv()
        {
            events.push(event);
        }
        events
    }

    /// Whoever tells is not waited for any more.
    pub(super) fn close(&mut self) {
        self.queue.close();
        while self.queue.try_recv().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn trouble(n: usize) -> Event {
        Event::DiskTrouble { cause: n.to_string() }
    }

    #[tokio::test]
    async fn a_batch_of_events_wakes_once() {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&wakes);
        let (teller, mut taker) = queue(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        for n in 0..3 {
            teller.tell(trouble(n)).await.unwrap();
        }
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
        assert_eq!(taker.take(), (0..3).map(trouble).collect::<Vec<_>>());
        assert_eq!(taker.take(), []);
        teller.tell(trouble(4)).await.unwrap();
        assert_eq!(wakes.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_event_is_left_lying_without_a_wake_up() {
        const EVENTS: usize = 200_000;
        let woken = Arc::new(tokio::sync::Notify::new());
        let waker = Arc::clone(&woken);
        let (teller, mut taker) = queue(move || waker.notify_one());
        let telling = tokio::spawn(async move {
            for n in 0..EVENTS {
                teller.tell(trouble(n)).await.unwrap();
            }
        });
        let mut count = 0;
        while count < EVENTS {
            woken.notified().await;
            count += taker.take().len();
        }
        telling.await.unwrap();
    }

    #[tokio::test]
    async fn a_full_queue_holds_the_teller_until_there_is_room() {
        let (teller, mut taker) = queue(|| {});
        for n in 0..QUEUE {
            teller.tell(trouble(n)).await.unwrap();
        }
        let mut next = Box::pin(teller.tell(trouble(QUEUE)));
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(next.as_mut().poll(cx).is_pending())).await);
        assert_eq!(taker.take().len(), QUEUE);
        next.await.unwrap();
        assert_eq!(taker.take(), [trouble(QUEUE)]);
    }

    #[tokio::test]
    async fn a_taker_that_is_gone_ends_the_telling() {
        let (teller, mut taker) = queue(|| {});
        taker.close();
        assert!(teller.tell(trouble(0)).await.is_err());
        teller.gone().await;
    }
}
