//! What a client says.

use whoelse_proto::*;

use super::variants::each;
use super::{addresses, id, name, root, shared, text};

pub(super) fn frames() -> Vec<(String, ClientFrame)> {
    let request = |n, command| ClientFrame::Request { id: RequestId::new(n), command };
    let newer = VersionRange { min: 1, max: 300 };
    let frames = vec![
        ("hello", hello(VersionRange::OURS, "probe 1.0", &[])),
        ("hello, features", hello(newer, "pröbe", &["edit", "group"])),
        ("login_start", login_start(None)),
        ("login_start, pass", login_start(Some(DevicePass::from_bytes([0x78; 32])))),
        ("login_finish", login_finish(false)),
        ("login_finish, take_over", login_finish(true)),
        ("login_finish, new_password", new_password()),
        ("login_give_up", ClientFrame::LoginGiveUp {}),
        ("register_start", register_start("~n0r\\a`", None)),
        ("register_start, invite", register_start("yoda", Some(InviteSecret::from_bytes([0x5e; 16])))),
        ("register_finish", ClientFrame::RegisterFinish { registration_upload: vec![0x66; 192] }),
        ("resume", ClientFrame::Resume { name: name("yoda"), token: ResumeToken::from_bytes([0x77; 32]) }),
        ("request, widest id", request(u32::MAX, Command::Stay {})),
        ("ack", ClientFrame::Ack { up_to: Seq::new(70_000) }),
        ("ack, widest place", ClientFrame::Ack { up_to: Seq::new(u64::MAX) }),
        ("ping", ClientFrame::Ping {}),
        ("pong", ClientFrame::Pong {}),
    ];
    let mut frames = each("", frames, |frame| frame);
    frames.extend(each("request", commands(), |command| request(7, command)));
    frames.extend(each("request send to", targets(), |to| request(7, send(to, plain()))));
    frames.extend(each("request private", private(), |command| request(7, Command::Private(command))));
    frames.extend(each("request files", files(), |command| request(7, Command::Files(command))));
    frames.extend(each("request send", contents(), |content| request(7, send(Target::User(name("luke")), content))));
    frames
}

fn register_start(raw: &str, invite: Option<InviteSecret>) -> ClientFrame {
    ClientFrame::RegisterStart { name: name(raw), registration_request: vec![0x44; 32], invite }
}

fn login_start(pass: Option<DevicePass>) -> ClientFrame {
    ClientFrame::LoginStart { name: name("yoda"), credential_request: vec![0x11; 96], pass }
}

fn login_finish(take_over: bool) -> ClientFrame {
    ClientFrame::LoginFinish { credential_finalization: vec![0x33; 64], take_over, new_password: None }
}

fn new_password() -> ClientFrame {
    let new_password = Some(vec![0x44; 32]);
    ClientFrame::LoginFinish { credential_finalization: vec![0x33; 64], take_over: false, new_password }
}

fn hello(versions: VersionRange, agent: &str, features: &[&str]) -> ClientFrame {
    let features = features.iter().map(|&feature| Feature::new(feature)).collect();
    ClientFrame::Hello { versions, agent: Agent::new(agent), features }
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("send", send(Target::User(name("luke")), plain())),
        ("whoelse", Command::Whoelse {}),
        ("whoelsesince", Command::Whoelsesince { seconds: Seconds::new(200) }),
        ("block", Command::Block { name: name("vader") }),
        ("unblock", Command::Unblock { name: name("vader") }),
        ("blocked", Command::Blocked {}),
        ("mark_read", Command::MarkRead { peer: name("luke"), up_to: id(3) }),
        ("lookup", Command::Lookup(Lookup { ids: vec![id(1), id(2)] })),
        ("lookup, empty", Command::Lookup(Lookup { ids: vec![] })),
        ("stay", Command::Stay {}),
        ("logout", Command::Logout {}),
        ("private", Command::Private(PrivateCommand::Stop { name: name("luke") })),
        ("files", Command::Files(FilesCommand::Unregister { root: root() })),
    ]
}

fn private() -> Vec<(&'static str, PrivateCommand)> {
    let device = DeviceKey::from_bytes([0x11; 32]);
    vec![
        ("publish", PrivateCommand::Publish { device, addresses: addresses() }),
        ("publish, nowhere", PrivateCommand::Publish { device, addresses: Addresses::default() }),
        ("start", PrivateCommand::Start { name: name("luke") }),
        ("accept", PrivateCommand::Accept { name: name("luke") }),
        ("decline", PrivateCommand::Decline { name: name("luke") }),
        ("stop", PrivateCommand::Stop { name: name("luke") }),
    ]
}

fn files() -> Vec<(&'static str, FilesCommand)> {
    let chunks = Chunks::NONE.with(1).with(10);
    let holder = name("luke");
    let search = |any_of, names| FilesCommand::Search { name: shared().name, any_of, names };
    vec![
        ("register", FilesCommand::Register { file: shared(), chunks }),
        ("unregister", FilesCommand::Unregister { root: root() }),
        ("search", search(None, Naming::Whole)),
        ("search, chunks", search(Some(chunks), Naming::Whole)),
        ("search, part", search(None, Naming::Part)),
        ("search, any", search(Some(chunks), Naming::Any)),
        ("fetch", FilesCommand::Fetch { root: root(), holder }),
    ]
}

fn send(to: Target, content: Content) -> Command {
    Command::Send { id: id(1), to, content }
}

fn plain() -> Content {
    Content::Text { text: text("hi"), reply_to: None }
}

fn targets() -> Vec<(&'static str, Target)> {
    vec![
        ("user", Target::User(name("luke"))),
        ("everyone", Target::Everyone {}),
        ("group", Target::Group(GroupId::from_bytes([0x88; 16]))),
    ]
}

fn contents() -> Vec<(&'static str, Content)> {
    vec![
        ("text", Content::Text { text: text("Do. Or do not.\n✓"), reply_to: None }),
        ("text, reply_to", Content::Text { text: text("There is no try."), reply_to: Some(id(2)) }),
        ("edit", Content::Edit { of: id(1), text: text("Do, or do not.") }),
        ("reaction", Content::Reaction { to: id(1), emoji: "👍".into() }),
        ("reaction, taken back", Content::Reaction { to: id(1), emoji: String::new() }),
    ]
}
