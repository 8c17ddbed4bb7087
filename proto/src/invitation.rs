//! The invitation string: where a server is, which key it has, and by what one may make an account there.

use std::fmt;

use crate::{Fingerprint, InviteSecret};

/// `whoelse://host:port#fingerprint,invite=secret`: the address of a server with the pin of its key and the secret by
/// which one may make an account. Pin and secret may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Host name, IPv4 address, or IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The key that the server must show; `None` where the string carries no pin.
    pub fingerprint: Option<Fingerprint>,
    /// By what one may make an account; `None` where the string carries none.
    pub secret: Option<InviteSecret>,
}

/// Why a string is no invitation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// It does not begin with `whoelse://`.
    #[error("an invitation begins with whoelse://")]
    Scheme,
    /// No host, or one with characters that no host name has.
    #[error("an invitation names a host: whoelse://host:port#fingerprint")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("an invitation names a port from 1 to 65535 behind the host")]
    Port,
    /// The part behind `#` is no fingerprint.
    #[error(transparent)]
    Fingerprint(#[from] crate::FingerprintError),
    /// What is called the secret is none.
    #[error(transparent)]
    Secret(#[from] crate::InviteSecretError),
}

/// The scheme with its separator.
const SCHEME: &str = "whoelse://";

/// Between the parts behind `#`: a character that no shell and no finder of links takes for its own.
const PART: char = ',';

/// The name of the part that holds the secret.
const SECRET: &str = "invite";

/// What stands behind `#`: the fingerprint, then `name=value`. Parts of a name that is not known are for later versions.
fn split_fragment(fragment: &str) -> Result<(Option<Fingerprint>, Option<InviteSecret>), InvitationError> {
    let (mut fingerprint, mut secret) = (None, None);
    for (at, part) in fragment.split(PART).enumerate() {
        match part.split_once('=') {
            Some((name, value)) if name.trim() == SECRET => secret = Some(value.parse()?),
            Some(_) => {}
            None if at == 0 => fingerprint = Some(part.parse()?),
            None => return Err(crate::FingerprintError.into()),
        }
    }
    Ok((fingerprint, secret))
}

/// Splits `host:port`, `[v6]:port` or a bare host.
///
/// # Errors
/// [`InvitationError::Host`] or [`InvitationError::Port`].
fn split_address(address: &str) -> Result<(&str, Option<u16>), InvitationError> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, tail) = rest.split_once(']').ok_or(InvitationError::Host)?;
            match tail.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if tail.is_empty() => (host, None),
                None => return Err(InvitationError::Host),
            }
        }
        None if address.matches(':').count() > 1 => (address, None),
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    let is_host_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || host.len() > MAX_HOST_BYTES || !host.chars().all(is_host_char) {
        return Err(InvitationError::Host);
    }
    let port = match port {
        None => None,
        Some(port) => Some(port.parse().ok().filter(|&p| p != 0).ok_or(InvitationError::Port)?),
    };
    Ok((host, port))
}

/// Bytes of a host name (RFC 1035, section 2.3.4).
const MAX_HOST_BYTES: usize = 255;

/// The port of a server that names none.
pub const DEFAULT_PORT: u16 = 3331;

impl std::str::FromStr for Invitation {
    type Err = InvitationError;
    fn from_str(raw: &str) -> Result<Self, InvitationError> {
        let rest = raw.trim().strip_prefix(SCHEME).ok_or(InvitationError::Scheme)?;
        let (address, fragment) = match rest.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (rest, None),
        };
        let (host, port) = split_address(address.trim_end_matches('/'))?;
        let (fingerprint, secret) = fragment.map(split_fragment).transpose()?.unwrap_or_default();
        Ok(Self { host: host.to_owned(), port: port.unwrap_or(DEFAULT_PORT), fingerprint, secret })
    }
}

impl Invitation {
    /// The address of a server alone.
    #[must_use]
    pub const fn at(host: String, port: u16) -> Self {
        Self { host, port, fingerprint: None, secret: None }
    }

    /// The same without pin and secret.
    #[must_use]
    pub fn address(&self) -> Self {
        Self::at(self.host.clone(), self.port)
    }

    /// Reads a server as a person names it: an invitation, `host`, `host:port`, `[v6]`, `[v6]:port`, or a bare IPv6
    /// address. Without a port it is [`DEFAULT_PORT`].
    ///
    /// # Errors
    /// [`InvitationError`].
    pub fn named(raw: &str) -> Result<Self, InvitationError> {
        let raw = raw.trim();
        if raw.contains("://") { raw.parse() } else { format!("{SCHEME}{raw}").parse() }
    }

    /// Whether an address, as a person names it, says which port.
    #[must_use]
    pub fn names_port(raw: &str) -> bool {
        let raw = raw.trim();
        let rest = raw.strip_prefix(SCHEME).unwrap_or(raw);
        let address = rest.split_once('#').map_or(rest, |(address, _)| address).trim_end_matches('/');
        split_address(address).is_ok_and(|(_, port)| port.is_some())
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "{SCHEME}[{}]:{}", self.host, self.port)?;
        } else {
            write!(f, "{SCHEME}{}:{}", self.host, self.port)?;
        }
        match (&self.fingerprint, &self.secret) {
            (None, None) => Ok(()),
            (Some(fingerprint), None) => write!(f, "#{fingerprint}"),
            (None, Some(secret)) => write!(f, "#{SECRET}={}", secret.digits()),
            (Some(fingerprint), Some(secret)) => write!(f, "#{fingerprint}{PART}{SECRET}={}", secret.digits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_reads_back_as_written() {
        for host in ["echo-base", "10.4.0.12", "fe80::1%eth0", "server.lan"] {
            for secret in [None, Some(InviteSecret::from_bytes([0xa7; 16]))] {
                for fingerprint in [None, Some(Fingerprint::of_public_key(host.as_bytes()))] {
                    let invitation =
                        Invitation { fingerprint, secret: secret.clone(), ..Invitation::at(host.into(), 3331) };
                    assert_eq!(invitation.to_string().parse(), Ok(invitation));
                }
            }
        }
    }

    #[test]
    fn an_invitation_names_one_fingerprint() {
        let (one, other) = (Fingerprint::from_bytes([0xf1; 32]), Fingerprint::from_bytes([0xf2; 32]));
        let read = |raw: String| raw.parse::<Invitation>().map(|invitation| invitation.fingerprint);
        assert_eq!(read(format!("whoelse://echo-base:3331#{one}")), Ok(Some(one)));
        assert!(read(format!("whoelse://echo-base:3331#{one},{other}")).is_err());
    }

    #[test]
    fn an_invitation_with_a_secret_is_written_so() {
        let invitation = Invitation {
            fingerprint: Some(Fingerprint::from_bytes([0xf1; 32])),
            secret: Some(InviteSecret::from_bytes([0x5e; 16])),
            ..Invitation::at("echo-base".into(), 3331)
        };
        let golden = "whoelse://echo-base:3331#f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1\
                      ,invite=5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";
        assert_eq!(invitation.to_string(), golden);
        assert_eq!(golden.parse(), Ok(invitation.clone()));
        assert_eq!(
            format!("{golden},until=2030").parse(),
            Ok(invitation.clone()),
            "parts of later versions are skipped"
        );
        assert_eq!(invitation.address().to_string(), "whoelse://echo-base:3331");
    }

    #[test]
    fn the_port_and_the_pin_may_be_left_out() {
        let invitation: Invitation = " whoelse://echo-base/ ".parse().unwrap();
        assert_eq!((invitation.port, invitation.fingerprint), (DEFAULT_PORT, None));
        let invitation: Invitation = "whoelse://fe80::1".parse().unwrap();
        assert_eq!((invitation.host.as_str(), invitation.port), ("fe80::1", DEFAULT_PORT));
    }

    #[test]
    fn a_server_is_named_in_the_same_forms_with_and_without_the_scheme() {
        let named = |raw: &str| Invitation::named(raw).map(|server| (server.host, server.port));
        let is = |host: &str, port| Ok((host.to_owned(), port));
        for scheme in ["", "whoelse://"] {
            assert_eq!(named(&format!("{scheme}echo-base")), is("echo-base", DEFAULT_PORT));
            assert_eq!(named(&format!("{scheme}127.0.0.1:4501")), is("127.0.0.1", 4501));
            assert_eq!(named(&format!("{scheme}[::1]:4501")), is("::1", 4501));
            assert_eq!(named(&format!("{scheme}[::1]")), is("::1", DEFAULT_PORT));
            assert_eq!(named(&format!("{scheme}::1")), is("::1", DEFAULT_PORT));
            assert!(Invitation::names_port(&format!("{scheme}[::1]:4501")));
            assert!(!Invitation::names_port(&format!("{scheme}::1")));
        }
        assert_eq!(named(" hoth "), is("hoth", DEFAULT_PORT));
        assert_eq!(named("http://hoth"), Err(InvitationError::Scheme));
        assert_eq!(named("hoth:0"), Err(InvitationError::Port));
        assert_eq!(named(""), Err(InvitationError::Host));
    }

    #[test]
    fn what_is_no_invitation_is_refused_with_the_reason() {
        let refused = |raw: &str| raw.parse::<Invitation>().unwrap_err();
        assert_eq!(refused("http://echo-base"), InvitationError::Scheme);
        assert_eq!(refused("whoelse://"), InvitationError::Host);
        assert_eq!(refused("whoelse://a b:1"), InvitationError::Host);
        assert_eq!(refused("whoelse://[::1"), InvitationError::Host);
        assert_eq!(refused("whoelse://[::1]x"), InvitationError::Host);
        assert_eq!(refused(&format!("whoelse://{}", "x".repeat(256))), InvitationError::Host);
        assert!(format!("whoelse://{}", "x".repeat(255)).parse::<Invitation>().is_ok());
        assert_eq!(refused("whoelse://host:0"), InvitationError::Port);
        assert_eq!(refused("whoelse://host:99999"), InvitationError::Port);
        assert_eq!(refused("whoelse://host#abc"), InvitationError::Fingerprint(crate::FingerprintError));
        assert_eq!(refused("whoelse://host#invite=1,abc"), InvitationError::Secret(crate::InviteSecretError));
        let secret = "0".repeat(32);
        assert_eq!(
            refused(&format!("whoelse://host#invite={secret},abc")),
            InvitationError::Fingerprint(crate::FingerprintError)
        );
    }
}
