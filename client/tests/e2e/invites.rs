//! Accounts that are made by invitation, with the real programs.

use serde_json::{Value, json};

use super::harness::{Client, Rules, Server, Site};

/// A server that makes accounts by invitation.
fn serve(site: &Site, port: u16) -> Server {
    site.serve_with(port, Rules::default(), &["--registration", "invite"])
}

/// Makes an account, the server named by this address.
fn register(site: &Site, address: &str, user: &str, args: &[&str]) -> Client {
    let named = ["--user", user, "--json", "--register"];
    let mut client = Client::spawn_at(&site.profile(user), address, &named, args);
    client.line("a-password");
    client
}

fn refused(reason: &str) -> Value {
    json!({"event": "login", "ok": false, "reason": reason})
}

#[test]
fn an_invitation_is_the_address_and_makes_one_account_while_the_server_runs() {
    let site = Site::new();
    let server = serve(&site, 0);
    let invitation = site.order("invite --host 127.0.0.1");
    assert!(invitation.contains(&server.fingerprint) && invitation.contains(",invite="), "{invitation}");

    let mut leia = register(&site, &invitation, "jyn", &[]);
    leia.expect(json!({"event": "login", "ok": true}));
    leia.logout();
    let mut cassian = register(&site, &invitation, "cassian", &[]);
    cassian.expect(refused("invite_used_up"));
    cassian.ends(3);
    assert!(site.order("invite list").contains("1 of 1 used"));
}

#[test]
fn a_secret_beside_the_address_does_it_too_and_the_wrong_ones_are_told_apart() {
    let site = Site::new();
    let server = serve(&site, 0);
    let address = format!("whoelse://127.0.0.1:{}#{}", server.port, server.fingerprint);
    let invitation = site.order("invite --host 127.0.0.1 --uses 2 --days 1");
    let other = "0".repeat(32);
    for (args, reason) in [(&[][..], "invite_needed"), (&["--invite", &other], "invite_unknown")] {
        let mut client = register(&site, &address, "jyn", args);
        client.expect(refused(reason));
        client.ends(3);
    }
    let mut client = register(&site, &address, "jyn", &["--invite", &invitation]);
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();

    assert!(site.order("invite revoke 1").contains("taken back"));
    let mut client = register(&site, &invitation, "cassian", &[]);
    client.expect(refused("invite_unknown"));
    client.ends(3);
}

#[test]
fn an_invitation_outlives_a_killed_server_and_its_uses_are_counted_once() {
    let site = Site::new();
    let server = serve(&site, 0);
    let invitation = site.order("invite --host 127.0.0.1 --uses 2");
    let mut jyn = register(&site, &invitation, "jyn", &[]);
    jyn.expect(json!({"event": "login", "ok": true}));
    let port = server.kill();
    let _server = serve(&site, port);
    jyn.kill();
    assert!(site.order("invite list").contains("1 of 2 used"));
    let mut cassian = register(&site, &invitation, "cassian", &[]);
    cassian.expect(json!({"event": "login", "ok": true}));
    cassian.logout();
    let mut bodhi = register(&site, &invitation, "bodhi", &[]);
    bodhi.expect(refused("invite_used_up"));
    bodhi.ends(3);
}
