//! One client connection: a socket, TLS where asked for, a session that has no input and output of its own.
//! Everything runs on one thread, so that the generator costs little.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use whoelse_proto::opaque::EXPORTER_LABEL;

use crate::error::{Error, Result};
use crate::protocol::{Exporter, Learned, Session};

/// Takes what arrived on a connection.
pub(crate) type Handler = Rc<dyn Fn(&Learned)>;

/// Bytes read from a socket, or decrypted, at once.
const CHUNK: usize = 256 * 1024;

/// Left-over bytes above which an emptied buffer is given back: connections are many.
const KEPT_BYTES: usize = 4096;

thread_local! {
    static RECEIVED: RefCell<Vec<u8>> = RefCell::new(vec![0; CHUNK]);
    static DECRYPTED: RefCell<Vec<u8>> = RefCell::new(vec![0; CHUNK]);
}

/// Whether there is something left to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    All,
    Some,
}

/// A connection with its session.
pub(crate) struct Conn {
    pub(crate) id: u32,
    stream: TcpStream,
    tls: Option<RefCell<ClientConnection>>,
    pub(crate) session: RefCell<Box<dyn Session>>,
    unwritten: RefCell<Vec<u8>>,
    is_flushing: Cell<bool>,
    is_secured: Cell<bool>,
    is_ready: Cell<bool>,
    acknowledged: Cell<u64>,
    /// Why it is of no more use.
    end: RefCell<Option<String>>,
    handler: RefCell<Option<Handler>>,
    changed: Notify,
}

impl Conn {
    /// Connects and runs the session's login to its end.
    pub(crate) async fn open(
        to: SocketAddr,
        tls: Option<Arc<ClientConfig>>,
        id: u32,
        session: Box<dyn Session>,
    ) -> Result<Rc<Self>> {
        let failed = |error: io::Error| Error::Connection { id, cause: error.to_string() };
        let stream = TcpStream::connect(to).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let tls = tls.map(|config| ClientConnection::new(config, ServerName::from(to.ip()))).transpose()?;
        let conn = Rc::new(Self {
            id,
            stream,
            tls: tls.map(|mut tls| {
                tls.set_buffer_limit(None);
                RefCell::new(tls)
            }),
            session: RefCell::new(session),
            unwritten: RefCell::default(),
            is_flushing: Cell::new(false),
            is_secured: Cell::new(false),
            is_ready: Cell::new(false),
            acknowledged: Cell::new(0),
            end: RefCell::default(),
            handler: RefCell::default(),
            changed: Notify::new(),
        });
        tokio::task::spawn_local(Rc::clone(&conn).read());
        conn.send(|session, out| session.start(out));
        while !conn.is_ready.get() {
            if let Some(cause) = conn.end() {
                return Err(Error::Connection { id, cause });
            }
            conn.changed.notified().await;
        }
        Ok(conn)
    }

    /// Sets who takes what arrives.
    pub(crate) fn handle(&self, handler: Handler) {
        *self.handler.borrow_mut() = Some(handler);
    }

    /// How many messages the server acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.get()
    }

    /// Why the connection is of no more use, if so.
    pub(crate) fn end(&self) -> Option<String> {
        self.end.borrow().clone()
    }

    /// Waits until something was acknowledged, or the connection ended.
    pub(crate) async fn change(&self) {
        self.changed.notified().await;
    }

    /// Writes what the session says.
    pub(crate) fn send(self: &Rc<Self>, say: impl FnOnce(&mut dyn Session, &mut Vec<u8>)) {
        let mut plain = Vec::new();
        say(self.session.borrow_mut().as_mut(), &mut plain);
        self.write(&plain);
    }

    fn write(self: &Rc<Self>, plain: &[u8]) {
        if self.end.borrow().is_some() {
            return;
        }
        match &self.tls {
            None => self.unwritten.borrow_mut().extend_from_slice(plain),
            Some(tls) => {
                let mut tls = tls.borrow_mut();
                // Without a limit, the buffer takes everything.
                let _taken = tls.writer().write_all(plain);
                encrypt(&mut tls, &mut self.unwritten.borrow_mut());
            }
        }
        self.flush();
    }

    fn flush(self: &Rc<Self>) {
        if self.is_flushing.get() || self.flush_now() == Written::All {
            return;
        }
        self.is_flushing.set(true);
        let conn = Rc::clone(self);
        tokio::task::spawn_local(async move {
            while conn.end().is_none() && conn.stream.writable().await.is_ok() {
                if conn.flush_now() == Written::All {
                    break;
                }
            }
            conn.is_flushing.set(false);
        });
    }

    fn flush_now(&self) -> Written {
        let mut unwritten = self.unwritten.borrow_mut();
        while !unwritten.is_empty() {
            match self.stream.try_write(&unwritten) {
                Ok(count) => drop(unwritten.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Written::Some,
                Err(error) => {
                    self.close(&format!("writing: {error}"));
                    unwritten.clear();
                }
            }
        }
        if unwritten.capacity() > KEPT_BYTES {
            *unwritten = Vec::new();
        }
        Written::All
    }

    /// Drops the line.
    pub(crate) fn close(&self, why: &str) {
        let mut end = self.end.borrow_mut();
        if end.is_none() {
            *end = Some(why.to_owned());
            // The other side may have closed before.
            let _was_open = SockRef::from(&self.stream).shutdown(Shutdown::Both);
        }
        self.changed.notify_one();
    }

    async fn read(self: Rc<Self>) {
        let mut rest = Vec::new();
        while self.end().is_none() && self.stream.readable().await.is_ok() {
            RECEIVED.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
                Ok(0) => self.close("the server closed the connection"),
                Ok(count) => self.received(buffer.get(..count).unwrap_or_default(), &mut rest),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => self.close(&format!("reading: {error}")),
            });
        }
    }

    fn received(self: &Rc<Self>, mut data: &[u8], rest: &mut Vec<u8>) {
        let Some(tls) = &self.tls else {
            self.feed(data, rest);
            return;
        };
        DECRYPTED.with_borrow_mut(|plain| {
            loop {
                match self.decrypt(tls, &mut data, plain) {
                    Ok(0) if data.is_empty() => break,
                    Ok(count) => self.feed(plain.get(..count).unwrap_or_default(), rest),
                    Err(error) => {
                        self.close(&format!("TLS: {error}"));
                        break;
                    }
                }
            }
        });
        self.flush();
    }

    /// Takes bytes of the line, gives what they say.
    fn decrypt(&self, tls: &RefCell<ClientConnection>, data: &mut &[u8], plain: &mut [u8]) -> Result<usize> {
        let mut tls = tls.borrow_mut();
        if !data.is_empty() {
            // A slice is always readable.
            let _count = tls.read_tls(data);
        }
        tls.process_new_packets()?;
        if !tls.is_handshaking() && !self.is_secured.replace(true) {
            let exporter = tls.export_keying_material(Exporter::default(), EXPORTER_LABEL, None)?;
            self.session.borrow_mut().secured(exporter);
        }
        let mut count = 0;
        while let Some(room) = plain.get_mut(count..).filter(|room| !room.is_empty()) {
            match tls.reader().read(room) {
                Ok(0) | Err(_) => break,
                Ok(more) => count += more,
            }
        }
        encrypt(&mut tls, &mut self.unwritten.borrow_mut());
        Ok(count)
    }

    fn feed(self: &Rc<Self>, data: &[u8], rest: &mut Vec<u8>) {
        let (mut learned, mut answer) = (Learned::default(), Vec::new());
        if rest.is_empty() {
            let used = self.session.borrow_mut().feed(data, &mut answer, &mut learned);
            rest.extend_from_slice(data.get(used..).unwrap_or_default());
        } else {
            rest.extend_from_slice(data);
            let used = self.session.borrow_mut().feed(rest, &mut answer, &mut learned);
            rest.drain(..used);
        }
        if rest.is_empty() && rest.capacity() > KEPT_BYTES {
            *rest = Vec::new();
        }
        if !answer.is_empty() {
            self.write(&answer);
        }
        self.learn(&learned);
    }

    fn learn(&self, learned: &Learned) {
        if let Some(cause) = &learned.fatal {
            self.close(cause);
            return;
        }
        if learned.ready {
            self.is_ready.set(true);
        }
        self.acknowledged.set(self.acknowledged.get() + learned.acknowledged);
        if learned.ready || learned.acknowledged > 0 {
            self.changed.notify_one();
        }
        if !learned.sent_at.is_empty() {
            let handler = self.handler.borrow().clone();
            if let Some(handler) = handler {
                handler(learned);
            }
        }
    }
}

fn encrypt(tls: &mut ClientConnection, out: &mut Vec<u8>) {
    while tls.wants_write() {
        // A vector is always writable.
        let _count = tls.write_tls(out);
    }
}
