//! A real server on a free port of the loopback address.

use std::net::{Ipv4Addr, SocketAddr};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use whoelse_proto::{Invitation, NewAccounts};
use whoelse_server::admin::Terms;
use whoelse_server::{Config, Listen, Server};

use crate::person::{Bell, Person};

/// The server, with accounts of hans, yoda and leia, whose passwords are their names twice.
pub(crate) struct House {
    runtime: Runtime,
    server: Option<Server>,
    config: Config,
    _folder: TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::open_to(NewAccounts::Anyone)
    }

    /// A server at which these may make accounts.
    pub(crate) fn open_to(registration: NewAccounts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let credentials = folder.path().join("credentials.txt");
        let lines = ["hans", "yoda", "leia"].map(|name| format!("{name} {}\n", password(name)));
        std::fs::write(&credentials, lines.concat()).unwrap();
        let mut config = Config::new(folder.path().join("data"), credentials);
        config.listen = Listen::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        config.title = whoelse_proto::Agent::new("Echo Base");
        config.registration = registration;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(config.clone())).unwrap();
        config.listen = Listen::At(server.addresses()[0]);
        Self { runtime, server: Some(server), config, _folder: folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let Listen::At(address) = self.config.listen else { panic!("the house listens at one address") };
        address
    }

    /// An invitation by which one account may be made.
    pub(crate) fn invitation(&self) -> String {
        let server = self.server.as_ref().unwrap();
        let secret = self.runtime.block_on(server.invite(Terms::USUAL)).unwrap();
        Invitation { secret: Some(secret), ..server.invitation("127.0.0.1") }.to_string()
    }

    pub(crate) fn stop(&mut self) {
        self.runtime.block_on(self.server.take().unwrap().stop());
    }

    pub(crate) fn start(&mut self) {
        self.server = Some(self.runtime.block_on(Server::start(self.config.clone())).unwrap());
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
    }
}

/// The password of an account.
pub(crate) fn password(name: &str) -> String {
    format!("{name}{name}")
}

/// hans, signed in, with the chat with yoda open.
pub(crate) fn hans_with_yoda(house: &House) -> Person {
    let mut hans = Person::new("hans", &Bell::new());
    hans.open();
    hans.sign_in(house);
    hans.until("yoda in the list", |me| me.sees_row("yoda", ""));
    hans.click_row("yoda");
    hans
}
