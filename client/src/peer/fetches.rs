//! Links on which registered files are fetched and served: how many there may be, and that each ends with what it
//! carries.

use std::collections::BTreeMap;

use whoelse_model::peers::LinkNumber;
use whoelse_proto::{FileRoot, UserName};

use super::PeerLink;
use super::files::Serving;
use super::link::Handle;

/// Links of one peer in each direction: a few files at a time. Further introductions are left unanswered.
const MAX_OF_ONE_PEER: usize = 8;

/// Links on which others fetch from here. With more, whoever has waited longest without coming gives way.
const MAX_SERVED: usize = 128;

/// Links on which this device fetches, counted apart, so that whoever is served takes no room from fetching.
const MAX_FETCHED: usize = 128;

/// Which end of the link this device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FetchEnd {
    /// It fetches.
    Fetches,
    /// It serves.
    Serves,
}

/// A link that carries no session. Dropped, it is closed, and what was served on it stops at once.
pub(super) struct FetchLink<L: PeerLink> {
    pub(super) peer: UserName,
    pub(super) root: FileRoot,
    pub(super) end: FetchEnd,
    /// Ends the search for the other device, or the link.
    _handle: Handle,
    open: Option<Open<L>>,
}

/// A link that stands.
struct Open<L: PeerLink> {
    link: L,
    /// Answers on it, if this end serves.
    _serving: Option<Serving>,
}

impl<L: PeerLink> Drop for Open<L> {
    fn drop(&mut self) {
        self.link.close();
    }
}

impl<L: PeerLink> FetchLink<L> {
    pub(super) const fn new(peer: UserName, root: FileRoot, end: FetchEnd, handle: Handle) -> Self {
        Self { peer, root, end, _handle: handle, open: None }
    }

    /// The other device is there.
    pub(super) fn met(&mut self, link: L, serving: Option<Serving>) {
        self.open = Some(Open { link, _serving: serving });
    }
}

/// All links that carry no session.
pub(super) struct FetchLinks<L: PeerLink>(BTreeMap<LinkNumber, FetchLink<L>>);

impl<L: PeerLink> Default for FetchLinks<L> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<L: PeerLink> FetchLinks<L> {
    /// Makes room for one more link with a peer. Gives whether there is any.
    pub(super) fn make_room(&mut self, peer: &UserName, end: FetchEnd) -> bool {
        let of_end = || self.0.iter().filter(|(_, link)| link.end == end);
        if of_end().filter(|(_, link)| link.peer == *peer).count() >= MAX_OF_ONE_PEER {
            return false;
        }
        match end {
            FetchEnd::Fetches => of_end().count() < MAX_FETCHED,
            FetchEnd::Serves if of_end().count() < MAX_SERVED => true,
            FetchEnd::Serves => {
                // Numbers of introductions grow.
                let longest = of_end().find(|(_, link)| link.open.is_none()).map(|(number, _)| *number);
                longest.is_some_and(|number| self.0.remove(&number).is_some())
            }
        }
    }

    pub(super) fn insert(&mut self, number: LinkNumber, link: FetchLink<L>) {
        self.0.insert(number, link);
    }

    pub(super) fn get_mut(&mut self, number: LinkNumber) -> Option<&mut FetchLink<L>> {
        self.0.get_mut(&number)
    }

    pub(super) fn remove(&mut self, number: LinkNumber) -> Option<FetchLink<L>> {
        self.0.remove(&number)
    }

    /// Ends all that are not to stay.
    pub(super) fn retain(&mut self, stays: impl Fn(&FetchLink<L>) -> bool) {
        self.0.retain(|_, link| stays(link));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::{Ether, MemoryLink};
    use super::super::{PeerNet as _, Use};
    use super::*;

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn add(links: &mut FetchLinks<MemoryLink>, number: LinkNumber, peer: &str, end: FetchEnd) -> bool {
        let has_room = links.make_room(&name(peer), end);
        if has_room {
            let root = FileRoot::from_bytes([1; 32]);
            links.insert(number, FetchLink::new(name(peer), root, end, Handle::idle()));
        }
        has_room
    }

    #[tokio::test]
    async fn one_peer_has_a_few_links_and_takes_none_from_others() {
        let mut links = FetchLinks::default();
        let served = (0..200).filter(|number| add(&mut links, *number, "vader", FetchEnd::Serves)).count();
        assert_eq!(served, MAX_OF_ONE_PEER);
        assert!(add(&mut links, 200, "vader", FetchEnd::Fetches));
        assert!(add(&mut links, 201, "leia", FetchEnd::Serves));
    }

    #[tokio::test]
    async fn who_is_awaited_longest_gives_way_to_who_comes_and_fetching_keeps_its_room() {
        let mut links = FetchLinks::default();
        let (ether, mut number) = (Ether::default(), 0);
        for peer in 0..MAX_SERVED {
            number += 1;
            assert!(add(&mut links, number, &format!("u{peer}"), FetchEnd::Serves));
        }
        let (here, there) = (ether.device(1), ether.device(2));
        let _admission = there.admit(here.key(), Use::Fetch);
        let link = here.dial(there.key(), &whoelse_proto::Addresses::default(), Use::Fetch).await.unwrap();
        links.get_mut(1).unwrap().met(link, None);
        assert!(add(&mut links, number + 1, "leia", FetchEnd::Serves));
        assert!(links.get_mut(1).is_some(), "its device is there");
        assert!(links.get_mut(2).is_none());
        assert!(add(&mut links, number + 2, "leia", FetchEnd::Fetches));
    }

    #[tokio::test]
    async fn a_link_that_is_dropped_is_closed() {
        let (ether, mut links) = (Ether::default(), FetchLinks::default());
        let (here, there) = (ether.device(1), ether.device(2));
        let _admission = there.admit(here.key(), Use::Fetch);
        let link = here.dial(there.key(), &whoelse_proto::Addresses::default(), Use::Fetch).await.unwrap();
        assert!(add(&mut links, 1, "leia", FetchEnd::Serves));
        links.get_mut(1).unwrap().met(link.clone(), None);
        links.retain(|link| link.peer != name("leia"));
        link.gone().await;
    }
}
