//! IRC (RFC 2812): a message goes to a nick, a broadcast to the channel `#all`.

use super::{Learned, Role, Session, find, split_line};

/// How far the login is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Joining,
    Online,
}

pub(super) struct Irc {
    id: u32,
    role: Role,
    stage: Stage,
}

/// Nicks differ from one run to the next: the server may not yet have dropped the last run's.
fn nick(id: u32) -> String {
    format!("n{:x}x{id}", std::process::id())
}

impl Irc {
    pub(super) fn new(id: u32, role: Role) -> Self {
        Self { id, role, stage: Stage::Greeting }
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>, learned: &mut Learned) {
        if let Some(token) = line.strip_prefix(b"PING") {
            out.extend_from_slice(&[b"PONG", token, b"\r\n"].concat());
        } else if line.starts_with(b"ERROR") {
            learned.fatal = Some(String::from_utf8_lossy(line).into());
        } else if self.stage == Stage::Online {
            // ":nick!user@host PRIVMSG target :body"
            let body = find(line, b" :").and_then(|at| line.get(at + 2..));
            learned.arrived(body.unwrap_or_default());
        } else {
            // ":server 376 nick …"
            self.numeric(line.split(|&byte| byte == b' ').nth(1).unwrap_or_default(), out, learned);
        }
    }

    fn numeric(&mut self, number: &[u8], out: &mut Vec<u8>, learned: &mut Learned) {
        match (self.stage, number) {
            (Stage::Greeting, b"376" | b"422") if matches!(self.role, Role::Hearer | Role::Speaker) => {
                self.stage = Stage::Joining;
                out.extend_from_slice(b"JOIN #all\r\n");
            }
            (Stage::Greeting, b"376" | b"422") | (Stage::Joining, b"366") => {
                self.stage = Stage::Online;
                learned.ready = true;
            }
            (Stage::Greeting, b"432" | b"433") => learned.fatal = Some("the nick was refused".into()),
            _ => {}
        }
    }
}

impl Session for Irc {
    fn start(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("NICK {}\r\nUSER u 0 * :r\r\n", nick(self.id)).as_bytes());
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let mut rest = data;
        while let Some((line, behind)) = split_line(rest) {
            self.line(line, out, learned);
            rest = behind;
        }
        data.len() - rest.len()
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&[format!("PRIVMSG {} :", nick(to)).as_bytes(), body, b"\r\n"].concat());
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&[b"PRIVMSG #all :", body, b"\r\n"].concat());
    }
}
