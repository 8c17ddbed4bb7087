//! The resume tokens that a profile keeps: secrets, one a server and name.

use serde::{Deserialize, Serialize};
use whoelse_proto::{Fingerprint, ResumeToken, UserName};

/// A token with whose session it resumes.
#[derive(Clone, Serialize, Deserialize)]
struct KeptToken {
    /// Whose key the server shows, as digits.
    server: String,
    /// Whose session.
    name: UserName,
    /// The token, as base64.
    token: String,
}

/// All tokens of a profile.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeptTokens(Vec<KeptToken>);

impl KeptTokens {
    /// The token for a name on a server.
    pub(crate) fn get(&self, server: Fingerprint, name: &UserName) -> Option<ResumeToken> {
        let kept = self.0.iter().find(|kept| is_for(kept, server, name))?;
        let bytes = data_encoding::BASE64.decode(kept.token.as_bytes()).ok()?;
        bytes.try_into().ok().map(ResumeToken::from_bytes)
    }

    /// Keeps a token in place of any earlier one of this name and server.
    pub(crate) fn keep(&mut self, server: Fingerprint, name: &UserName, token: &ResumeToken) {
        self.forget(server, name);
        let token = data_encoding::BASE64.encode(token.expose());
        self.0.push(KeptToken { server: server.to_string(), name: name.clone(), token });
    }

    /// Forgets a token. Whether there was one.
    pub(crate) fn forget(&mut self, server: Fingerprint, name: &UserName) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| !is_for(kept, server, name));
        self.0.len() < before
    }
}

/// Whether a token is this name's on this server.
fn is_for(kept: &KeptToken, server: Fingerprint, name: &UserName) -> bool {
    kept.name == *name && kept.server == server.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_for_one_name_on_one_server_and_replaced_by_the_next() {
        let (hoth, endor) = (Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
        let yoda = UserName::new("yoda").unwrap();
        let mut tokens = KeptTokens::default();
        tokens.keep(hoth, &yoda, &ResumeToken::from_bytes([1; 32]));
        tokens.keep(hoth, &yoda, &ResumeToken::from_bytes([2; 32]));
        assert_eq!(tokens.get(hoth, &yoda), Some(ResumeToken::from_bytes([2; 32])));
        assert_eq!(tokens.get(endor, &yoda), None);
        assert_eq!(tokens.get(hoth, &UserName::new("Yoda").unwrap()), None);
        assert!(tokens.forget(hoth, &yoda));
        assert!(!tokens.forget(hoth, &yoda));
        assert_eq!(tokens.get(hoth, &yoda), None);
    }
}
