//! The passes that a profile keeps: secrets, one a server and name. They outlive the session.

use serde::{Deserialize, Serialize};
use whoelse_proto::{DevicePass, Fingerprint, UserName};

/// A pass with the account that knows this device by it.
#[derive(Clone, Serialize, Deserialize)]
struct KeptPass {
    /// Whose key the server shows, as digits.
    server: String,
    /// Whose account.
    name: UserName,
    /// The pass, as base64.
    pass: String,
}

/// All passes of a profile.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeptPasses(Vec<KeptPass>);

impl KeptPasses {
    /// The pass for a name on a server.
    pub(crate) fn get(&self, server: Fingerprint, name: &UserName) -> Option<DevicePass> {
        let kept = self.0.iter().find(|kept| is_for(kept, server, name))?;
        let bytes = data_encoding::BASE64.decode(kept.pass.as_bytes()).ok()?;
        bytes.try_into().ok().map(DevicePass::from_bytes)
    }

    /// Keeps a pass in place of any earlier one of this name and server.
    pub(crate) fn keep(&mut self, server: Fingerprint, name: &UserName, pass: &DevicePass) {
        self.0.retain(|kept| !is_for(kept, server, name));
        let pass = data_encoding::BASE64.encode(pass.expose());
        self.0.push(KeptPass { server: server.to_string(), name: name.clone(), pass });
    }
}

/// Whether a pass is this name's on this server.
fn is_for(kept: &KeptPass, server: Fingerprint, name: &UserName) -> bool {
    kept.name == *name && kept.server == server.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_kept_for_one_name_on_one_server_and_replaced_by_the_next() {
        let (hoth, endor) = (Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
        let yoda = UserName::new("yoda").unwrap();
        let mut passes = KeptPasses::default();
        passes.keep(hoth, &yoda, &DevicePass::from_bytes([1; 32]));
        passes.keep(hoth, &yoda, &DevicePass::from_bytes([2; 32]));
        assert_eq!(passes.get(hoth, &yoda), Some(DevicePass::from_bytes([2; 32])));
        assert_eq!(passes.get(endor, &yoda), None);
    }
}
