//! The people and messages of the design's pictures.

use std::sync::Arc;

use jiff::civil::{Date, DateTime, date};
use lucide_icons::Icon;
use whoelse::kit::{Presence, Stay, TabIcon};
use whoelse::timeline::{Entry, EntryKind, Key, Mark, Quote, Retry, Trouble, Written};
use whoelse::view::settings::{Account, Downloads, Preferences, Section, Settings, Shade};
use whoelse::view::sign_in::{Keyring, KnownServer, Page, SignIn, SignInForm};
use whoelse::view::switcher::{Sign, Switcher, SwitcherGroup, SwitcherRow};
use whoelse::view::who_was_online::{Column, Order, PastSession, PastUser, Span, WhoWasOnline};
use whoelse::view::{
    Bars, Code, ContactItem, ContactSection, Contacts, ItemBadge, ItemWay, Main, SectionKind, Server, TabItem,
};
use whoelse_model::ChatId;
use whoelse_proto::{EMOJI_TABLE, UserName};

pub(crate) const TODAY: Date = date(2026, 11, 20);

fn chat(name: &str) -> ChatId {
    UserName::new(name).map_or(ChatId::Everyone, ChatId::Direct)
}

pub(crate) fn item(
    name: &str,
    presence: Presence,
    lead: &str,
    text: &str,
    time: &str,
    badge: ItemBadge,
) -> ContactItem {
    ContactItem {
        chat: chat(name),
        name: name.to_owned(),
        presence: Some(presence),
        lead: lead.to_owned(),
        text: text.to_owned(),
        time: time.to_owned(),
        badge,
        selected: false,
        blocked: false,
        muted: None,
        way: ItemWay::Server,
        in_session: false,
    }
}

fn everyone() -> ContactItem {
    ContactItem {
        chat: ChatId::Everyone,
        name: "Everyone".to_owned(),
        presence: None,
        ..item("x", Presence::Online, "vader: ", "Backup window moved to 19:00", "09:20", ItemBadge::Unread(2))
    }
}

pub(crate) fn contacts(open: &str) -> Contacts {
    use Presence::{Offline, Online};
    let mut online = vec![
        item("yoda", Online, "", "The Tokyo team joins, so we start at 10", "09:26", ItemBadge::None),
        item("leia", Online, "", "Can you sign off the budget sheet?", "09:24", ItemBadge::Unread(3)),
        item("luke", Online, "", "See you at ten", "09:12", ItemBadge::None),
        item("r2d2", Online, "You: ", "deploy finished in 41 s", "08:58", ItemBadge::Mark(Mark::Delivered)),
        item("obiwan", Online, "", "Printer on level 2 works again 🖨️", "08:31", ItemBadge::None),
        item("vader", Online, "", "I expect the report by noon.", "Wed", ItemBadge::None),
    ];
    let mut offline = vec![
        item("chewy", Offline, "", "了解です。明日やります", "Wed", ItemBadge::None),
        item("c3p0", Offline, "You: ", "No rush, tomorrow is fine", "Tue", ItemBadge::Mark(Mark::Accepted)),
        ContactItem { blocked: true, ..item("palpatine", Offline, "", "Blocked", "3 Nov", ItemBadge::None) },
    ];
    for item in online.iter_mut().chain(&mut offline) {
        item.selected = item.name == open;
    }
    let section = |kind, name: &str, items| ContactSection {
        kind,
        name: name.to_owned(),
        open: true,
        items,
        empty: String::new(),
    };
    Contacts {
        server: Server { name: "Echo Base".to_owned(), online: true },
        search: String::new(),
        everyone: everyone(),
        sections: vec![
            section(SectionKind::Online, "Online", online),
            section(SectionKind::Offline, "Offline", offline),
        ],
        me: "hans".to_owned(),
        my_word: "Online".to_owned(),
        panel: None,
        found: None,
    }
}

pub(crate) fn tab(name: &str, icon: TabIcon, unread: u32, closable: bool) -> TabItem {
    TabItem { name: name.to_owned(), icon, unread, private: false, closable, stay: Stay::Kept }
}

pub(crate) fn main_view(open: &str) -> Main {
    Main {
        contacts: contacts(open),
        tabs: vec![
            tab("Everyone", TabIcon::Icon(Icon::Megaphone), 2, false),
            tab("yoda", TabIcon::Avatar, 0, true),
            tab("leia", TabIcon::Avatar, 3, true),
        ],
        active: Some(1),
        bars: Bars::default(),
        request: None,
        asked: None,
        invitation: None,
        side_width: 288.0,
    }
}

pub(crate) struct Line {
    pub(crate) author: &'static str,
    pub(crate) at: DateTime,
    pub(crate) text: String,
    pub(crate) mark: Option<Mark>,
    pub(crate) quote: Option<(&'static str, &'static str, u64)>,
    pub(crate) trouble: Option<(&'static str, Retry)>,
}

pub(crate) fn line(author: &'static str, hour: i8, minute: i8, text: &str) -> Line {
    let at = TODAY.at(hour, minute, 0, 0);
    let mark = (author == "hans").then_some(Mark::Read);
    Line { author, at, text: text.to_owned(), mark, quote: None, trouble: None }
}

pub(crate) fn entries(lines: Vec<Line>) -> Vec<Arc<Entry>> {
    let entry = |(index, line): (usize, Line)| {
        let own = line.author == "hans";
        let quote = line.quote.map(|(author, text, key)| Quote {
            key: Some(Key(key)),
            author: author.into(),
            text: text.to_owned(),
        });
        let trouble = line.trouble.map(|(text, retry)| Trouble { text: text.to_owned(), retry, failed: true });
        let steps = vec![(Mark::Saved, "09:02:11".to_owned()), (Mark::Accepted, "09:02:11".to_owned())];
        let written = Written { author: line.author.into(), own, quote, mark: line.mark, steps, trouble, card: None };
        let key = Key(u64::try_from(index).unwrap_or_default() + 1);
        Arc::new(Entry { key, kind: EntryKind::Message(written), text: line.text, at: line.at })
    };
    lines.into_iter().enumerate().map(entry).collect()
}

pub(crate) fn chat_with_yoda() -> Vec<Arc<Entry>> {
    let own = |hour, minute, text: &str, mark| Line { mark: Some(mark), ..line("hans", hour, minute, text) };
    entries(vec![
        line("yoda", 8, 57, "Morning. Is the load test still running on the small box?"),
        Line {
            quote: Some(("yoda", "Is the load test still running on the small box?", 1)),
            ..own(9, 2, "Until ten. `p99` stays under 4 ms with 10,000 clients:", Mark::Read)
        },
        own(
            9,
            3,
            "```\nclients     p50      p99    p99.9\n  1,000  0.4 ms   1.1 ms   2.0 ms\n 10,000  0.9 ms   3.1 ms   7.8 ms\n```",
            Mark::Delivered,
        ),
        line("yoda", 9, 25, "Good numbers. Add them to wiki.echo-base.lan/load-tests, please."),
        line("yoda", 9, 26, "The Tokyo team joins, so we start at 10: 明日のレビューは10時からです 👍"),
        own(9, 31, "On it. The draft is up, can you check the **table**?", Mark::Accepted),
        Line {
            trouble: Some(("Not sent: the server’s disk is full. yoda did not get it.", Retry::Possible)),
            ..own(9, 32, "I will send the raw log after lunch.", Mark::Failed)
        },
        own(9, 33, "The slow requests are on page 2.", Mark::Saved),
    ])
}

pub(crate) fn long_chat(count: u64) -> Vec<Arc<Entry>> {
    let line = |n: u64| {
        let author = if n % 7 < 3 { "hans" } else { "yoda" };
        let minutes = i64::try_from(n).unwrap_or_default() * 3;
        let at = TODAY
            .at(0, 0, 0, 0)
            .saturating_sub(jiff::Span::new().minutes(i64::try_from(count).unwrap_or(0) * 3 - minutes));
        let words = "The quick brown fox jumps over the lazy dog. ".repeat(usize::try_from(n * n % 9).unwrap_or(0) + 1);
        Line { at, ..self::line(author, 0, 0, &format!("{n}: {words}")) }
    };
    entries((1..=count).map(line).collect())
}

pub(crate) fn sign_in(name: &str) -> SignIn {
    let server = |title: &str, detail: &str, address: &str, here| KnownServer {
        title: title.to_owned(),
        detail: detail.to_owned(),
        address: address.to_owned(),
        pinned: "12 Nov".to_owned(),
        here,
    };
    SignIn {
        servers: vec![
            server("Echo Base", "hans · echo-base:3331", "echo-base:3331", false),
            server("Workshop", "hans · 10.4.0.12:3331", "10.4.0.12:3331", false),
            server("This computer", "hans · Stopped", "127.0.0.1:3331", true),
        ],
        chosen: (name != "trust" && name != "host").then_some(0),
        page: Page::Form,
        news: String::new(),
        profile: "default".to_owned(),
        keyring: Keyring::Present,
        invitation: String::new(),
    }
}

pub(crate) fn form(name: &str) -> SignInForm {
    let password = if name == "locked" { "" } else { "1234567890" };
    SignInForm {
        server: if name == "trust" { "base-two:3331" } else { "echo-base:3331" }.to_owned(),
        name: if name == "unknown" { "hanns" } else { "hans" }.to_owned(),
        password: password.to_owned(),
        again: if name == "create" { "123456789" } else { "" }.to_owned(),
        keep: name == "sign-in",
        open: true,
        ..SignInForm::default()
    }
}

/// A code of signs that some fonts have in black and white alone.
pub(crate) fn code() -> Code {
    let shown = ["cloud", "heart", "umbrella", "hourglass", "pencil", "scissors", "anchor"];
    let signs = EMOJI_TABLE.iter().filter(|(_, name)| shown.contains(name));
    let digits = "37581 90264 11873 64209 55310 28847 90156 73342 61908 45527 13096 88241".to_owned();
    Code { signs: signs.map(|&(emoji, name)| whoelse::view::Sign { emoji, name }).collect(), digits }
}

pub(crate) fn who_was_online() -> WhoWasOnline {
    let user = |name: &str, online, first: &str, last: &str, total: &str, sessions: &[(f32, f32)]| PastUser {
        name: name.to_owned(),
        online,
        first: first.to_owned(),
        last: last.to_owned(),
        total: total.to_owned(),
        sessions: sessions
            .iter()
            .map(|&(from, to)| PastSession {
                from,
                to,
                words: "Wed 14:46 to 17:58".to_owned(),
                detail: "3 h 12 min".to_owned(),
                open: online && to >= 1.0,
            })
            .collect(),
    };
    let ticks = [(0.167, "13:34"), (0.334, "17:34"), (0.5, "21:34"), (0.668, "01:34"), (0.834, "05:34")];
    WhoWasOnline {
        span: Span::Day,
        typed: "24 h".to_owned(),
        wrong: false,
        rows: Ok(vec![
            user("yoda", true, "Wed 09:41", "now", "9 h 06 min", &[(0.0, 0.29), (0.36, 0.42), (0.97, 1.0)]),
            user("leia", true, "Wed 09:38", "now", "8 h 37 min", &[(0.0, 0.33), (0.97, 1.0)]),
            user("luke", true, "Wed 10:02", "now", "7 h 51 min", &[(0.02, 0.17), (0.22, 0.35), (0.96, 1.0)]),
            user("r2d2", true, "Wed 09:34", "now", "24 h 00 min", &[(0.0, 1.0)]),
            user("obiwan", true, "08:15", "now", "1 h 19 min", &[(0.945, 1.0)]),
            user("vader", false, "Wed 09:34", "08:47", "10 h 12 min", &[(0.0, 0.27), (0.81, 0.967)]),
            user("chewy", false, "Wed 13:20", "Wed 18:05", "3 h 40 min", &[(0.16, 0.245), (0.29, 0.355)]),
            user("c3p0", false, "Wed 11:10", "Wed 11:52", "42 min", &[(0.067, 0.097)]),
            user("palpatine", false, "Wed 16:02", "Wed 16:12", "10 min", &[(0.27, 0.277)]),
        ]),
        waiting: false,
        sort: (Column::Last, Order::Descending),
        ticks: ticks.map(|(part, words)| (part, words.to_owned())).to_vec(),
    }
}

pub(crate) fn switcher() -> Switcher {
    let row = |sign, words: &str, hits: &[std::ops::Range<usize>], detail: &str, keys: &str| SwitcherRow {
        sign,
        words: words.to_owned(),
        hits: hits.to_vec(),
        detail: detail.to_owned(),
        keys: keys.to_owned(),
        unread: 0,
        private: false,
    };
    let group = |name: &str, rows| SwitcherGroup { name: name.to_owned(), rows };
    Switcher {
        query: "lu".to_owned(),
        groups: vec![
            group("Chats and people", vec![row(Sign::User(Presence::Online), "luke", &[0..2], "Online", "")]),
            group("Commands", vec![row(Sign::Icon(Icon::Ban), "Block luke…", &[6..8], "", "/block")]),
            group(
                "Messages",
                vec![row(Sign::Icon(Icon::Search), "Search messages for “lu”", &[], "18 in 4 chats", "Ctrl Shift F")],
            ),
        ],
        chosen: 0,
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        section: Section::Appearance,
        preferences: Preferences { theme: Shade::Dark, ..Preferences::default() },
        account: Account {
            name: "hans".to_owned(),
            server: "Echo Base".to_owned(),
            address: "echo-base:3331".to_owned(),
            fingerprint: "8F3A C10D 77E2 419B D05C 22AF 9E61 B384 0C7D F5E9 6A12 48B0 D7C3 915E 3BF4 A026".to_owned(),
            pinned: "12 Nov".to_owned(),
            since: "Today 08:12".to_owned(),
            profile: "default".to_owned(),
        },
        blocked: Some(vec!["palpatine".to_owned()]),
        has_tray: true,
        hosting: None,
        undisturbed: None,
        downloads: Downloads::Usual("/home/hans/.local/share/whoelse/profiles/default/downloads".to_owned()),
        key_search: String::new(),
    }
}
