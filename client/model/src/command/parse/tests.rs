//! Lines, good and bad.

use whoelse_proto::limits::MAX_TEXT_BYTES;

use super::*;

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn words(raw: &str) -> Text {
    Text::new(raw).unwrap()
}

fn fault(line: &str) -> (&'static str, String) {
    let error = parse(line).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn a_message_is_everything_behind_one_space_as_written() {
    let message = |to: &str, text: &str| Ok(CommandLine::Message { to: name(to), text: words(text) });
    assert_eq!(parse("message yoda Hey Dude"), message("yoda", "Hey Dude"));
    assert_eq!(parse("message yoda   three spaces, two kept "), message("yoda", "  three spaces, two kept "));
    assert_eq!(parse("message   yoda hi\r\n"), message("yoda", "hi"));
    assert_eq!(parse("/message yoda /block me"), message("yoda", "/block me"));
    assert_eq!(parse("MESSAGE Yoda two\nlines"), message("Yoda", "two\nlines"));
}

#[test]
fn every_command_is_read() {
    assert_eq!(parse("broadcast  hi all"), Ok(CommandLine::Broadcast { text: words(" hi all") }));
    assert_eq!(parse("whoelse"), Ok(CommandLine::Whoelse));
    assert_eq!(parse("whoelsesince 200"), Ok(CommandLine::Whoelsesince(Seconds::new(200))));
    assert_eq!(parse("block yoda"), Ok(CommandLine::Block(name("yoda"))));
    assert_eq!(parse("unblock yoda "), Ok(CommandLine::Unblock(name("yoda"))));
    assert_eq!(parse("blocked"), Ok(CommandLine::Blocked));
    assert_eq!(parse("stay"), Ok(CommandLine::Stay));
    assert_eq!(parse("help"), Ok(CommandLine::Help(None)));
    assert_eq!(parse("help /block"), Ok(CommandLine::Help(CommandSpec::find("block"))));
    assert_eq!(parse("  logout  "), Ok(CommandLine::Logout));
}

#[test]
fn the_kind_of_a_line_is_its_commands() {
    for spec in COMMANDS {
        let arguments = spec.arguments.replace("SECONDS", "7").replace("[COMMAND]", "help");
        let arguments = arguments.replace("[USER] [COUNT] [before ID]", "yoda 7");
        let arguments = arguments.replace("ID", "01010101-0101-0101-0101-010101010101");
        let arguments = arguments.replace("NUMBER", "7").replace("CHUNKS", "1,4,7-9");
        let line = parse(&format!("{} {arguments}", spec.name)).unwrap();
        assert_eq!(line.kind(), spec.kind);
    }
}

#[test]
fn a_misspelt_command_names_the_nearest() {
    assert_eq!(fault("mesage yoda hi"), ("invalid", "no command mesage; did you mean message?".into()));
    assert_eq!(fault("whoesle"), ("invalid", "no command whoesle; did you mean whoelse?".into()));
    assert_eq!(fault("dance"), ("invalid", "no command dance; try help".into()));
    assert_eq!(fault("x"), ("invalid", "no command x; try help".into()));
    assert_eq!(fault("help blok"), ("invalid", "no command blok; did you mean block?".into()));
    assert_eq!(fault("   "), ("invalid", "no command; try help".into()));
}

#[test]
fn an_endless_word_is_not_repeated_whole() {
    let (_, text) = fault(&"\u{1b}w".repeat(9000));
    assert_eq!(text, format!("no command {}; try help", "w".repeat(MAX_REPEATED)));
}

#[test]
fn malformed_arguments_name_the_usage() {
    let usage = "; usage: message USER TEXT";
    assert_eq!(fault("message"), ("invalid", format!("USER is missing{usage}")));
    assert_eq!(fault("message yoda"), ("invalid", format!("TEXT is missing{usage}")));
    assert_eq!(fault("message yoda   "), ("invalid", format!("a message has at least one visible character{usage}")));
    assert_eq!(fault("block a b"), ("invalid", "too many arguments; usage: block USER".into()));
    assert_eq!(fault("whoelse 5"), ("invalid", "too many arguments; usage: whoelse".into()));
    assert_eq!(fault("broadcast"), ("invalid", "TEXT is missing; usage: broadcast TEXT".into()));
    assert_eq!(fault("unblock h\u{e4}ns").0, "invalid");
    assert_eq!(parse("logout please").unwrap_err().command(), CommandSpec::find("logout"));
}

#[test]
fn a_text_over_the_limit_is_too_long() {
    let longest = "x".repeat(MAX_TEXT_BYTES);
    assert!(parse(&format!("message yoda {longest}")).is_ok());
    assert_eq!(fault(&format!("message yoda {longest}x")).0, "too_long");
    assert_eq!(fault(&format!("broadcast {longest}x")).0, "too_long");
}

#[test]
fn seconds_are_a_whole_number() {
    for wrong in ["-1", "+1", "1.5", "1e3", "ten", "0x10", "1,000"] {
        let text = "SECONDS is a whole number, 0 or more; usage: whoelsesince SECONDS";
        assert_eq!(fault(&format!("whoelsesince {wrong}")), ("invalid", text.into()), "{wrong}");
    }
    let ages = "9".repeat(40);
    assert_eq!(parse(&format!("whoelsesince {ages}")), Ok(CommandLine::Whoelsesince(Seconds::new(u64::MAX))));
    assert_eq!(parse("whoelsesince 0"), Ok(CommandLine::Whoelsesince(Seconds::new(0))));
}
