//! XMPP: SASL PLAIN, bind, presence. User N is `uN@localhost` with the password `pw`, the administrator
//! `admin@localhost`; a broadcast goes to `localhost/announce/online`.
//!
//! No XML parser: behind the login it looks for the marks of bodies and of barriers.

use data_encoding::BASE64;

use super::{Barrier, Learned, Role, STAMP_BYTES, Session, find, stamp};

/// How far the login is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Registering,
    Authenticating,
    Reopening,
    Binding,
    Appearing,
    Online,
}

pub(super) struct Xmpp {
    user: String,
    role: Role,
    stage: Stage,
    last_barrier: u64,
}

const OPEN: &str = "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' \
                    xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

const BIND: &str = "<iq type='set' id='bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
                    <resource>r</resource></bind></iq>";

impl Xmpp {
    pub(super) fn new(id: u32, role: Role) -> Self {
        let user = match role {
            Role::Speaker | Role::NewSpeaker => "admin".to_owned(),
            Role::User | Role::Hearer | Role::Newcomer | Role::Traveller => format!("u{id}"),
        };
        Self { user, role, stage: Stage::Opening, last_barrier: 0 }
    }

    fn go(&mut self, stage: Stage, say: &str, out: &mut Vec<u8>) {
        self.stage = stage;
        out.extend_from_slice(say.as_bytes());
    }

    fn open(&mut self, out: &mut Vec<u8>) {
        let user = &self.user;
        if matches!(self.role, Role::Newcomer | Role::NewSpeaker) {
            let register = format!(
                "<iq type='set' id='reg1'><query xmlns='jabber:iq:register'><username>{user}</username>\
                 <password>pw</password></query></iq>"
            );
            self.go(Stage::Registering, &register, out);
        } else {
            let secret = BASE64.encode(format!("\0{user}\0pw").as_bytes());
            let auth = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
            self.go(Stage::Authenticating, &auth, out);
        }
    }

    /// Takes the next step of the login once the server's answer to the last one is whole.
    fn enter(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let has = |needle: &[u8]| find(data, needle).is_some();
        let is_whole = data.ends_with(b">");
        match self.stage {
            Stage::Opening if has(b"</stream:features>") => self.open(out),
            Stage::Registering if has(b"reg1") && is_whole => {
                learned.ready = has(b"type='result'") || has(b"conflict");
                if !learned.ready {
                    learned.fatal = Some(String::from_utf8_lossy(data).into());
                }
            }
            Stage::Authenticating if has(b"<success") && is_whole => self.go(Stage::Reopening, OPEN, out),
            Stage::Reopening if has(b"</stream:features>") => self.go(Stage::Binding, BIND, out),
            Stage::Binding if has(b"bind1") && has(b"</iq>") && has(b"type='result'") => {
                self.go(Stage::Appearing, "<presence/>", out);
            }
            Stage::Appearing if has(b"<presence") && is_whole => {
                self.stage = Stage::Online;
                learned.ready = true;
                return scan(data, learned);
            }
            Stage::Opening
            | Stage::Registering
            | Stage::Authenticating
            | Stage::Reopening
            | Stage::Binding
            | Stage::Appearing
            | Stage::Online => {
                if has(b"<stream:error") || has(b"<failure") || has(b"type='error'") {
                    learned.fatal = Some(String::from_utf8_lossy(data).into());
                }
                return 0;
            }
        }
        data.len()
    }
}

/// Looks for `~T` and 16 digits, a message, and for `#A`, the answer to a barrier.
fn scan(data: &[u8], learned: &mut Learned) -> usize {
    let mut rest = data;
    while let Some(at) = rest.iter().position(|&byte| byte == b'~' || byte == b'#') {
        rest = rest.get(at..).unwrap_or_default();
        let needed = if rest.starts_with(b"~") { STAMP_BYTES } else { 2 };
        if rest.len() < needed {
            break;
        }
        if let Some(sent_at) = stamp(rest) {
            learned.sent_at.push(sent_at);
        } else if rest.starts_with(b"#A") {
            learned.acknowledged += 1;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    if rest.starts_with(b"~") || rest.starts_with(b"#") { data.len() - rest.len() } else { data.len() }
}

impl Session for Xmpp {
    fn start(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(OPEN.as_bytes());
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        if self.stage == Stage::Online { scan(data, learned) } else { self.enter(data, out, learned) }
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        let open = format!("<message to='u{to}@localhost' type='chat'><body>");
        out.extend_from_slice(&[open.as_bytes(), body, b"</body></message>"].concat());
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        let open = b"<message to='localhost/announce/online'><body>";
        out.extend_from_slice(&[open, body, b"</body></message>"].concat());
    }

    fn barrier(&mut self, out: &mut Vec<u8>) -> Barrier {
        self.last_barrier += 1;
        let id = self.last_barrier;
        let ping = format!("<iq type='get' to='localhost' id='#A{id}'><ping xmlns='urn:xmpp:ping'/></iq>");
        out.extend_from_slice(ping.as_bytes());
        Barrier::Written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_and_a_cut_one_waits() {
        let mut learned = Learned::default();
        let data = b"<x>~T00000000000000ffyyy</x> id='#A7' ~T0000";
        assert_eq!(scan(data, &mut learned), data.len() - b"~T0000".len());
        assert_eq!((learned.sent_at.as_slice(), learned.acknowledged), (&[255][..], 1));
    }
}
