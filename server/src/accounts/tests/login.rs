//! Logins and registrations, with the client's side of the protocol.

use std::time::Instant;

use opaque_ke::{ClientLogin, ClientRegistration};
use rand_core::OsRng;
use whoelse_proto::opaque::Suite;

use crate::accounts::testing::{EXPORTER, Place, logs_in, logs_in_over, name};
use crate::accounts::{Accounts, LoginFault, Pace, WrongProof};

fn request(password: &str) -> Vec<u8> {
    ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap().message.serialize().to_vec()
}

fn registration_request(password: &str) -> Vec<u8> {
    ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap().message.serialize().to_vec()
}

#[test]
fn the_right_password_opens_an_account_plain_or_sealed() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let plain = place.open();
    plain.seal().unwrap();
    for accounts in [plain, place.open()] {
        assert!(logs_in(&accounts, "hans", "falcon"));
        assert!(logs_in(&accounts, "yoda", "wise"));
        assert!(!logs_in(&accounts, "hans", "wise"));
        assert!(!logs_in(&accounts, "hans", "Falcon"));
        assert!(!logs_in(&accounts, "yoda", "falcon"));
    }
}

#[test]
fn a_login_does_not_survive_another_connection() {
    let accounts = Place::new("hans falcon\n").open();
    let mut other = EXPORTER;
    other[0] ^= 1;
    assert!(logs_in_over(&accounts, "hans", "falcon", &EXPORTER));
    assert!(!logs_in_over(&accounts, "hans", "falcon", &other));
}

#[test]
fn a_name_without_an_account_gets_a_challenge_that_nothing_opens() {
    let accounts = Place::new("hans falcon\n").open();
    let (_, known) = accounts.login_challenge(&name("hans"), &request("falcon"), &EXPORTER).unwrap();
    let (_, unknown) = accounts.login_challenge(&name("nobody"), &request("falcon"), &EXPORTER).unwrap();
    assert_eq!(known.len(), unknown.len());
    assert!(!logs_in(&accounts, "nobody", "falcon"));
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let accounts = Place::new("hans falcon\n").open();
    let whole = request("falcon");
    assert_eq!(Accounts::check_request(&whole), Ok(()));
    let (salt, _) = accounts.register_challenge(&name("new"), &registration_request("pass")).unwrap();
    for junk in [
        &[][..],
        &[0; 96],
        &[255; 96],
        &whole[1..],
        &whole[..whole.len() - 1],
        &[&whole[..], &[0]].concat(),
        &[7; 4096],
    ] {
        assert_eq!(Accounts::check_request(junk), Err(LoginFault::Malformed), "no login begins with it");
        let challenge = accounts.login_challenge(&name("hans"), junk, &EXPORTER);
        assert_eq!(challenge.map(|_| ()), Err(LoginFault::Malformed));
        assert_eq!(accounts.register_challenge(&name("new"), junk), Err(LoginFault::Malformed));
        assert_eq!(Accounts::new_record(&salt, junk), Err(LoginFault::Malformed));
        let (open, _) = accounts.login_challenge(&name("hans"), &whole, &EXPORTER).unwrap();
        assert_eq!(open.finish(junk), Err(WrongProof));
    }
}

#[test]
fn a_registration_request_is_answered_alike_for_every_name() {
    let accounts = Place::new("hans falcon\n").open();
    let client = registration_request("falcon");
    let known = accounts.register_challenge(&name("hans"), &client).unwrap().1;
    let unknown = accounts.register_challenge(&name("nobody"), &client).unwrap().1;
    assert_eq!(known.len(), unknown.len());
}

#[test]
fn a_plain_password_is_hashed_once_and_others_do_not_wait() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let accounts = place.open();
    assert_eq!(accounts.challenge_pace(&name("hans")), Pace::Hashing);
    logs_in(&accounts, "yoda", "wise");
    assert_eq!(accounts.challenge_pace(&name("yoda")), Pace::Quick);
    assert_eq!(accounts.challenge_pace(&name("nobody")), Pace::Quick);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(logs_in(&accounts, "hans", "falcon")));
        }
        assert!(logs_in(&accounts, "yoda", "wise"));
    });
    let request = request("falcon");
    let record = |accounts: &Accounts| {
        accounts.get(&name("hans")).unwrap().sealed.get().cloned().flatten().unwrap().to_word(accounts.key.id())
    };
    let before = record(&accounts);
    let start = Instant::now();
    for _ in 0..100 {
        accounts.login_challenge(&name("hans"), &request, &EXPORTER).unwrap();
    }
    println!("a challenge takes {:?}", start.elapsed() / 100);
    assert_eq!(record(&accounts), before);
    assert_eq!(place.text(), "hans falcon\nyoda wise\n", "the file keeps what the administrator wrote");
}

#[test]
fn many_first_logins_at_once_all_come_through() {
    let names: Vec<String> = (0..20).map(|n| format!("user{n}")).collect();
    let accounts = &Place::new(names.iter().map(|of| format!("{of} pw-{of}\n")).collect::<Vec<_>>().concat()).open();
    std::thread::scope(|scope| {
        for of in &names {
            scope.spawn(move || assert!(logs_in(accounts, of, &format!("pw-{of}"))));
        }
    });
}

#[test]
fn two_registrations_of_a_name_are_answered_under_two_keys() {
    let accounts = Place::new("").open();
    let blinded = registration_request("falcon");
    let (_, first) = accounts.register_challenge(&name("anna"), &blinded).unwrap();
    let (_, second) = accounts.register_challenge(&name("anna"), &blinded).unwrap();
    assert_ne!(first[..32], second[..32], "the evaluated element");
}

#[test]
fn a_login_is_always_answered_under_the_key_of_the_record() {
    let accounts = Place::new("hans falcon\n").open();
    let blinded = request("falcon");
    for of in ["hans", "nobody"] {
        let evaluated = || accounts.login_challenge(&name(of), &blinded, &EXPORTER).unwrap().1[..32].to_vec();
        assert_eq!(evaluated(), evaluated(), "{of}: an account and none are answered alike");
    }
}

/// Both of the attacks in one: guesses evaluated before the account exists are compared with what a login of the
/// account shows. What can be compared is the key that masks the response, which follows from the guess alone.
#[test]
fn guesses_evaluated_before_an_account_exists_do_not_fit_it() {
    use opaque_ke::{ClientRegistrationFinishParameters, RegistrationResponse};
    use whoelse_proto::opaque::identifiers;

    let place = Place::new("");
    let accounts = place.open();
    let anna = name("anna");
    let upload_of = |guess: &str| {
        let client = ClientRegistration::<Suite>::start(&mut OsRng, guess.as_bytes()).unwrap();
        let (_, response) = accounts.register_challenge(&anna, &client.message.serialize()).unwrap();
        let response = RegistrationResponse::deserialize(&response).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(&anna), None);
        client.state.finish(&mut OsRng, guess.as_bytes(), response, parameters).unwrap().message.serialize()
    };
    let masking_key = |bytes: &[u8]| bytes[32..96].to_vec();
    let dictionary = [upload_of("falcon"), upload_of("sunshine7")].map(|upload| masking_key(&upload));

    let record = crate::accounts::testing::upload(&accounts, "anna", "sunshine7");
    accounts.create(&anna, &record).unwrap();

    let kept =
        masking_key(&accounts.get(&anna).unwrap().sealed(&accounts.sealers, &anna).unwrap().registration().serialize());
    assert!(!dictionary.contains(&kept), "the guess of the right password opens the account");
    assert!(logs_in(&accounts, "anna", "sunshine7"));
}

#[test]
fn a_record_without_a_salt_goes_on_working() {
    use crate::accounts::record::SealedPassword;
    use whoelse_proto::Password;

    let place = Place::new("");
    let key = place.open().key.clone();
    let sealed = SealedPassword::seal_unsalted(&key, &name("hans"), &Password::new("falcon").unwrap());
    let line = format!("hans {}\n", sealed.to_word(key.id()));
    assert!(line.starts_with("hans $opaque$1$"));
    place.write(&line);
    let accounts = place.open();
    assert!(logs_in(&accounts, "hans", "falcon"));
    assert!(!logs_in(&accounts, "hans", "wise"));
    accounts.seal().unwrap();
    assert_eq!(place.text(), line, "what is sealed stays as it is");
}
