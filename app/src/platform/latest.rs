//! A queue of length one between two threads in which the newest value takes the place of the one that waits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The end that gives.
#[derive(Debug)]
pub(crate) struct Slot<T>(Arc<Shared<T>>);

/// The end that takes.
#[derive(Debug)]
pub(crate) struct Newest<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    closed: bool,
}

/// A new slot with its two ends.
pub(crate) fn slot<T>() -> (Slot<T>, Newest<T>) {
    let state = Mutex::new(State { value: None, closed: false });
    let shared = Arc::new(Shared { state, changed: Condvar::new() });
    (Slot(Arc::clone(&shared)), Newest(shared))
}

impl<T> Slot<T> {
    /// Puts a value, in place of one that nobody took.
    pub(crate) fn put(&self, value: T) {
        self.change(|waiting| *waiting = Some(value));
    }

    /// Changes what waits.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Option<T>)) {
        change(&mut self.0.guard().value);
        self.0.changed.notify_one();
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        self.0.guard().closed = true;
        self.0.changed.notify_one();
    }
}

impl<T> Newest<T> {
    /// Waits for a value; `None` once the other end is gone and nothing is left.
    pub(crate) fn wait(&self) -> Option<T> {
        let waiting = |state: &mut State<T>| state.value.is_none() && !state.closed;
        let guard = self.0.changed.wait_while(self.0.guard(), waiting);
        guard.unwrap_or_else(PoisonError::into_inner).value.take()
    }
}

impl<T> Shared<T> {
    /// The state, which is whole after every change, even one that panicked.
    fn guard(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_takes_the_place_of_the_one_that_waits() {
        let (slot, newest) = slot();
        slot.put(1);
        slot.put(2);
        assert_eq!(newest.wait(), Some(2));
        slot.put(3);
        drop(slot);
        assert_eq!((newest.wait(), newest.wait()), (Some(3), None));
    }

    #[test]
    fn a_value_wakes_whoever_waits() {
        let (slot, newest) = slot();
        let waiting = std::thread::spawn(move || newest.wait());
        slot.put("here");
        assert_eq!(waiting.join().unwrap(), Some("here"));
    }
}
