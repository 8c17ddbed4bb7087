//! A registration and a login with fixed randomness.

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters, ServerLogin,
    ServerLoginParameters, ServerRegistration, ServerSetup,
};
use rand_core::{CryptoRng, Error, RngCore, impls};
use sha2::{Digest, Sha256};
use whoelse_proto::UserName;
use whoelse_proto::opaque::{EXPORTER_BYTES, Suite, context, credential_identifier, identifiers};

pub(crate) const PASSWORD: &str = "grogu-50";

/// What both ends of the connection would take from TLS.
pub(crate) const EXPORTER: [u8; EXPORTER_BYTES] = *b"32 bytes out of the TLS exporter";

/// Everything that the two sides say, and what a writer of a client needs to say the same.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) registration_blind: Vec<u8>,
    pub(crate) registration_request: Vec<u8>,
    pub(crate) registration_response: Vec<u8>,
    pub(crate) registration_upload: Vec<u8>,
    pub(crate) login_blind: Vec<u8>,
    pub(crate) client_secret: Vec<u8>,
    pub(crate) ke1: Vec<u8>,
    pub(crate) ke2: Vec<u8>,
    pub(crate) ke3: Vec<u8>,
    pub(crate) session_key: Vec<u8>,
}

/// Random to nobody: the hashes of a counter.
struct Fixed(u64);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Sha256::digest(self.0.to_be_bytes())[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Fixed {}

pub(crate) fn exchange() -> Exchange {
    let mut rng = Fixed(0);
    let (name, password) = (UserName::new("yoda").unwrap(), PASSWORD.as_bytes());
    let setup = ServerSetup::<Suite>::new(&mut rng);

    let client = ClientRegistration::<Suite>::start(&mut rng, password).unwrap();
    let registration_blind = client.state.serialize()[..32].to_vec();
    let registration_request = client.message.serialize().to_vec();
    let server = ServerRegistration::start(&setup, client.message, credential_identifier(&name)).unwrap();
    let registration_response = server.message.serialize().to_vec();
    let parameters = ClientRegistrationFinishParameters::new(identifiers(&name), None);
    let upload = client.state.finish(&mut rng, password, server.message, parameters).unwrap().message;
    let registration_upload = upload.serialize().to_vec();
    let record = ServerRegistration::finish(upload);

    let client = ClientLogin::<Suite>::start(&mut rng, password).unwrap();
    let state = client.state.serialize();
    let ke1 = client.message.serialize().to_vec();
    let context = context(&EXPORTER);
    let parameters = || ServerLoginParameters { context: Some(&context), identifiers: identifiers(&name) };
    let id = credential_identifier(&name);
    let server = ServerLogin::start(&mut rng, &setup, Some(record), client.message, id, parameters()).unwrap();
    let ke2 = server.message.serialize().to_vec();
    let finish = ClientLoginFinishParameters::new(Some(&context), identifiers(&name), None);
    let client = client.state.finish(&mut rng, password, server.message, finish).unwrap();
    let ke3 = client.message.serialize().to_vec();
    let session_key = server.state.finish(client.message, parameters()).unwrap().session_key.to_vec();
    assert_eq!(session_key, client.session_key.to_vec());

    Exchange {
        registration_blind,
        registration_request,
        registration_response,
        registration_upload,
        login_blind: state[..32].to_vec(),
        client_secret: state[32 + 96..][..32].to_vec(),
        ke1,
        ke2,
        ke3,
        session_key,
    }
}
