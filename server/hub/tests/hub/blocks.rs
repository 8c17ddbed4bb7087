//! SPEC section 4: block and unblock, one-way.

use whoelse_proto as proto;
use whoelse_proto::Seconds;

use crate::house::{Disk, House};

#[test]
fn a_blocked_user_sees_the_blocker_leave_without_a_word() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.pass(1);
    assert_eq!(house.news(), ["hans: done", "yoda: roster hans offline"]);
}

#[test]
fn a_blocked_user_sees_the_blocker_in_no_list_and_no_notice() {
    let (mut house, [hans, yoda, leia]) = House::with_online(["hans", "yoda", "leia"]);
    house.block(hans, "yoda");
    house.news();
    house.ask(yoda, proto::Command::Whoelse {});
    house.ask(yoda, proto::Command::Whoelsesince { seconds: Seconds::new(100) });
    assert_eq!(house.news(), ["yoda: [leia online]", "yoda: [leia online 1-]"]);

    house.ask(hans, proto::Command::Logout {});
    house.pass(1);
    assert_eq!(house.news_of("yoda"), Vec::<String>::new());
    house.ask(leia, proto::Command::Stay {});
    house.cut(yoda);
    house.login("hans");
    house.news();
    house.login("yoda");
    assert_eq!(house.news_of("yoda")[1], "roster hans offline, leia online");
}

#[test]
fn a_block_is_one_way() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.news();
    house.message(hans, "yoda", "Hey");
    house.ask(hans, proto::Command::Whoelse {});
    house.ask(yoda, proto::Command::Logout {});
    house.pass(1);
    assert_eq!(
        house.news(),
        [
            "hans: accepted",
            "yoda: message from hans: Hey",
            "hans: [yoda online]",
            "yoda: done",
            "yoda: ended Logout",
            "yoda: closed",
            "hans: yoda Logout",
        ]
    );
}

#[test]
fn unblocking_undoes_all_of_it() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.news();
    house.unblock(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: roster hans online"]);
    house.message(yoda, "hans", "Hey");
    house.broadcast(yoda, "all");
    house.ask(yoda, proto::Command::Whoelse {});
    assert_eq!(
        house.news(),
        [
            "yoda: accepted",
            "hans: message from yoda: Hey",
            "yoda: accepted",
            "hans: broadcast from yoda: all",
            "yoda: [hans online]",
        ]
    );
}

#[test]
fn blocks_survive_logout_and_a_crash() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.ask(hans, proto::Command::Logout {});
    house.crash();
    let yoda = house.login("yoda");
    let hans = house.login("hans");
    house.news();
    house.message(yoda, "hans", "Hey");
    house.ask(hans, proto::Command::Blocked {});
    assert_eq!(house.news(), ["yoda: refused Blocked", "hans: [yoda]"]);
}

#[test]
fn a_block_and_an_unblock_without_object_are_refused() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "hans");
    house.block(hans, "jaba");
    house.unblock(hans, "hans");
    house.unblock(hans, "jaba");
    house.unblock(hans, "yoda");
    assert_eq!(
        house.news(),
        [
            "hans: refused Yourself",
            "hans: refused UnknownUser",
            "hans: refused Yourself",
            "hans: refused UnknownUser",
            "hans: refused NotBlocked",
        ]
    );
}

#[test]
fn blocking_twice_is_fine_and_told_to_nobody() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.news();
    house.block(hans, "yoda");
    assert_eq!(house.news(), ["hans: done"]);
}

#[test]
fn a_block_that_could_not_be_stored_is_refused_and_does_not_hold() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.disk = Disk::Full;
    house.block(hans, "yoda");
    house.ask(yoda, proto::Command::Whoelse {});
    assert_eq!(house.news(), ["hans: refused Storage", "yoda: [hans online]"]);
}
