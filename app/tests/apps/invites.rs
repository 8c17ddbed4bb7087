//! Making an account by an invitation.

use whoelse_proto::NewAccounts;

use crate::house::{House, password};
use crate::person::{Bell, Person};

fn create(person: &mut Person, server: &str) {
    person.click("Create account");
    person.write("Server", server);
    person.write("Name", person.name);
    person.write("Password", &password(person.name));
    person.write("Password again", &password(person.name));
    person.click_last("Create account");
}

#[test]
fn pasting_an_invitation_is_enough_to_open_an_account_once() {
    let house = House::open_to(NewAccounts::Invited);
    let bell = Bell::new();
    let invitation = house.invitation();
    let mut jyn = Person::new("jyn", &bell);
    jyn.open();
    create(&mut jyn, &invitation);
    jyn.until("the chats", |me| me.sees_row("Everyone", ""));
    assert!(!jyn.sees_part("invite="), "the secret is shown nowhere");

    let mut cassian = Person::new("cassian", &bell);
    cassian.open();
    create(&mut cassian, &invitation);
    cassian.until("that it is used up", |me| me.sees_part("This invitation is used up."));
}
