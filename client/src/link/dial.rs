//! A TCP connection to a host by name: every address is tried, the next one soon after the last (RFC 8305).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result};

/// For the name and all its addresses together: a server on one's own network answers in milliseconds.
const DIAL_DEADLINE: Duration = Duration::from_secs(5);

/// Between the attempts at one address and the next (RFC 8305, section 8).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Addresses tried of one name.
const MAX_ADDRESSES: usize = 16;

/// Connects to the first address of `host` that answers.
///
/// # Errors
/// [`Error::Unreachable`].
pub(super) async fn dial(host: &str, port: u16) -> Result<TcpStream> {
    let unreachable = |cause: String| Error::Unreachable { host: host.to_owned(), port, cause };
    match timeout(DIAL_DEADLINE, dial_any(host, port)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(cause)) => Err(unreachable(cause)),
        Err(_) => Err(unreachable(format!(
            "there is no answer within {} seconds; check the address and the network",
            DIAL_DEADLINE.as_secs()
        ))),
    }
}

/// Connects to whichever address answers first; the attempts at the others are given up.
///
/// # Errors
/// Why none did, for people.
async fn dial_any(host: &str, port: u16) -> Result<TcpStream, String> {
    let mut attempts = JoinSet::new();
    let addresses = lookup_host((host, port)).await.map_err(|error| unknown_name(&error))?;
    for (n, address) in (0..).zip(addresses.take(MAX_ADDRESSES)) {
        attempts.spawn(dial_one(address, NEXT_ADDRESS_AFTER * n));
    }
    let mut last = NO_SUCH_NAME.to_owned();
    while let Some(attempt) = attempts.join_next().await {
        match attempt.map_err(io::Error::other).flatten() {
            Ok(stream) => return Ok(stream),
            Err(error) => last = whoelse_plain::line(&error),
        }
    }
    Err(last)
}

/// What it means that a name leads nowhere.
const NO_SUCH_NAME: &str = "the network knows no computer of this name; check the spelling, or use its address";

/// Why a name could not be looked up. The resolver's own words differ from system to system.
fn unknown_name(error: &io::Error) -> String {
    if error.to_string().contains("emporary failure") {
        "names cannot be looked up at the moment; check this computer's network connection".to_owned()
    } else {
        NO_SUCH_NAME.to_owned()
    }
}

/// Connects to one address.
async fn dial_one(address: SocketAddr, wait: Duration) -> io::Result<TcpStream> {
    sleep(wait).await;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::testing::deaf_address;

    #[tokio::test]
    async fn a_listener_is_reached_by_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stream = dial("localhost", port).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap().port(), port);
    }

    #[tokio::test]
    async fn a_port_where_nothing_listens_is_told_in_plain_words() {
        let (_socket, address) = deaf_address();
        let port = address.port();
        let error = dial("127.0.0.1", port).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("no connection to 127.0.0.1:{port}: nothing listens there;")), "{error}");
    }

    #[test]
    fn a_name_that_nobody_has_is_told_in_plain_words() {
        assert_eq!(unknown_name(&io::Error::other("Name or service not known")), NO_SUCH_NAME);
        assert!(unknown_name(&io::Error::other("Temporary failure in name resolution")).contains("at the moment"));
    }
}
