//! The background thread of a profile: everything that waits on network or disk happens there.
//!
//! Requests go in, events come out, both over bounded queues; a window never waits for either.

mod account;
mod conversation;
mod driver;
mod events;
mod password;
mod private;
mod progress;
mod requests;
mod session;

#[cfg(test)]
mod tests;

use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;
use whoelse_model::{Event, Request};

use self::driver::Driver;
use self::events::Taker;
use crate::error::{Error, Result};
use crate::profile::Profile;

/// Requests that wait: more than a person gives in a second. A script that is faster is told so.
const REQUESTS: usize = 256;

/// There are too many requests waiting; try again when events have come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests wait")]
pub struct Busy(pub Box<Request>);

/// A running client: one profile, one user at a time. There may be several in one process.
///
/// Dropped, it cuts the line and returns when all it was asked to keep is on disk. Ask for
/// [`Request::SignOut`] first where others should see a logout.
pub struct Runtime {
    requests: Option<mpsc::Sender<Request>>,
    events: Taker,
    thread: Option<JoinHandle<()>>,
}

impl Runtime {
    /// Starts the thread. `waker` is called from it when there are events to [`drain`](Self::drain), once for all that
    /// wait.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(profile: Profile, waker: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        let (requests, to_driver) = mpsc::channel(REQUESTS);
        let (teller, events) = events::queue(waker);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
        let work = move || {
            runtime.block_on(Driver::new(profile, to_driver, teller).run());
            // A look-up of a name that does not end must not hold the program.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("whoelse".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { requests: Some(requests), events, thread: Some(thread) })
    }

    /// Asks for something. The answer comes as events.
    ///
    /// # Errors
    /// [`Busy`], with the request, if too many wait already.
    pub fn send(&self, request: Request) -> Result<(), Busy> {
        let Some(requests) = &self.requests else { return Err(Busy(Box::new(request))) };
        requests.try_send(request).map_err(|refused| Busy(Box::new(refused.into_inner())))
    }

    /// Takes the events that wait, in the order they happened.
    pub fn drain(&mut self) -> Vec<Event> {
        self.events.take()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.requests = None;
        self.events.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the client's thread panicked");
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}
