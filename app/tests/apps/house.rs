//! A real server on a free port of the loopback address.

use std::net::{Ipv4Addr, SocketAddr};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use whoelse_server::{Config, Listen, Server};

/// The server, with accounts of hans, yoda and leia, whose passwords are their names twice.
pub(crate) struct House {
    runtime: Runtime,
    server: Option<Server>,
    config: Config,
    _folder: TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let credentials = folder.path().join("credentials.txt");
        let lines = ["hans", "yoda", "leia"].map(|name| format!("{name} {}\n", password(name)));
        std::fs::write(&credentials, lines.concat()).unwrap();
        let mut config = Config::new(folder.path().join("data"), credentials);
        config.listen = Listen::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        config.title = whoelse_proto::Agent::new("Echo Base");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(config.clone())).unwrap();
        config.listen = Listen::At(server.addresses()[0]);
        Self { runtime, server: Some(server), config, _folder: folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let Listen::At(address) = self.config.listen else { panic!("the house listens at one address") };
        address
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
