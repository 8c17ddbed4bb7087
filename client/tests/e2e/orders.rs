//! Commands as JSON objects, and messages read back.

use serde_json::{Value, json};

use super::harness::{Rules, Site};

#[test]
fn a_program_writes_several_lines_reads_them_back_finds_and_answers_them() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let mut yoda = site.login(&server, "yoda");
    hans.until("presence");
    hans.line(r#"{"command":"message","to":"yoda","text":"a\nb","ref":"first"}"#);
    hans.expect(json!({"event": "sent", "to": "yoda", "state": "accepted", "ref": "first"}));
    let came = yoda.next();
    assert_eq!(came["text"], "a\nb");
    let id = came["id"].as_str().unwrap().to_owned();

    yoda.line(&format!("reply {id} I see"));
    yoda.expect(json!({"event": "sent", "to": "hans", "state": "accepted"}));
    let answer = hans.until("message");
    assert_eq!((&answer["text"], &answer["reply_to"]), (&json!("I see"), &json!(id)));

    hans.line(r#"{"command":"history","user":"yoda","ref":"back"}"#);
    let back = hans.until("history");
    assert_eq!((&back["ref"], &back["user"]), (&json!("back"), &json!("yoda")));
    let texts: Vec<&Value> = back["messages"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, [&json!("a\nb"), &json!("I see")]);
    let last = back["messages"][1]["id"].as_str().unwrap().to_owned();
    hans.line(&format!("history yoda 5 before {last}"));
    assert_eq!(hans.until("history")["messages"].as_array().unwrap().len(), 1);
    hans.line("search see");
    assert_eq!(hans.until("search")["messages"][0]["id"], json!(last));
}

#[test]
fn what_is_wrong_with_an_object_is_told_and_the_next_line_works() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    for (line, command) in [
        (r#"{"command":"message","to":"yoda"}"#, "message"),
        (r#"{"command":"message","to":"yoda","text":"x","more":1}"#, "message"),
        (r#"{"command":"message","to":"yoda","text":5}"#, "message"),
        ("{", ""),
    ] {
        hans.line(line);
        hans.expect(json!({"event": "error", "command": command, "code": "invalid"}));
    }
    hans.line("reply 01010101-0101-0101-0101-010101010101 hi");
    hans.expect(json!({"event": "error", "command": "reply", "code": "no_message"}));
    hans.ask(r#"{"command":"blocked","ref":"r"}"#, json!({"event": "blocked", "users": [], "ref": "r"}));
}
