//! Private sessions and shared files as far as the server has a part in them: questions, introductions, the index.
//!
//! No device ever links to another here: what is introduced to whom is what counts.

use std::net::{Ipv4Addr, SocketAddr};

use rand::RngExt;
use whoelse_model::{Ask, AskId, LinkInput};
use whoelse_proto::{
    Addresses, Chunks, DeviceKey, FileName, FileRoot, FileSize, FilesCommand, Naming, PeerAddress, PrivateCommand,
    SharedFile, UserName,
};

use crate::client::Asked;
use crate::world::World;

/// Asks behind this number are of this file; those of the model are below.
const FIRST_ASK: u64 = 1 << 40;

/// Files that people share, all under one name.
const FILES: u8 = 3;

/// The device of the user with this place in the list of users.
pub(crate) const fn device_of(user: usize) -> DeviceKey {
    DeviceKey::from_bytes([user.to_le_bytes()[0] + 1; 32])
}

fn shared(root: u8) -> SharedFile {
    SharedFile {
        name: FileName::new("plans.pdf").expect("a file's name"),
        size: FileSize::try_from(1_000 + u64::from(root)).expect("a size"),
        root: FileRoot::from_bytes([root; 32]),
    }
}

impl World {
    /// A client that is let in makes its device known.
    pub(crate) fn publish(&mut self, c: usize) {
        // A device that starts again is reached elsewhere.
        let port = 40_000 + u16::try_from(self.clients[c].process % 1_000).expect("a small number");
        let host = c.to_le_bytes()[0] + 1;
        let address = SocketAddr::from((Ipv4Addr::new(10, 0, 0, host), port));
        let addresses = Addresses::new([PeerAddress::Direct(address)]);
        self.ask_directly(c, Ask::Private(PrivateCommand::Publish { device: device_of(c), addresses }), Asked::Other);
    }

    /// A person does something about private sessions or files.
    pub(crate) fn meddle(&mut self, c: usize, peer: UserName) {
        let root = self.rng.random_range(0..FILES);
        let file = shared(root);
        let unregister = Asked::Unregister(file.root);
        let (what, asked) = match self.rng.random_range(0..16) {
            0..2 => (Ask::Private(PrivateCommand::Start { name: peer }), Asked::Other),
            2..5 => (Ask::Private(PrivateCommand::Accept { name: peer }), Asked::Other),
            5 => (Ask::Private(PrivateCommand::Decline { name: peer }), Asked::Other),
            6 => (Ask::Private(PrivateCommand::Stop { name: peer }), Asked::Other),
            7..10 => (Ask::Files(FilesCommand::Register { chunks: Chunks::NONE.with(1), file }), Asked::Other),
            10..12 => (Ask::Files(FilesCommand::Unregister { root: file.root }), unregister),
            12..14 => {
                (Ask::Files(FilesCommand::Search { name: file.name, any_of: None, names: Naming::Whole }), Asked::Other)
            }
            _ => (Ask::Files(FilesCommand::Fetch { root: file.root, holder: peer }), Asked::Other),
        };
        self.ask_directly(c, what, asked);
    }

    /// One user rings at another as often as a program can.
    pub(crate) fn ring(&mut self, c: usize, peer: &UserName) {
        for _ in 0..6 {
            for command in [PrivateCommand::Start { name: peer.clone() }, PrivateCommand::Stop { name: peer.clone() }] {
                self.ask_directly(c, Ask::Private(command), Asked::Other);
            }
        }
    }

    fn ask_directly(&mut self, c: usize, what: Ask, asked: Asked) {
        self.direct_asks += 1;
        let ask = AskId::new(FIRST_ASK + self.direct_asks);
        self.clients[c].asked.insert(ask, asked);
        self.clients[c].inputs.push_back(LinkInput::Ask { ask, what });
        self.run_link(c);
    }
}
