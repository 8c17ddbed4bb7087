//! What the command line takes and refuses.

use super::*;

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::read(std::iter::once("whoelse-server").chain(line.split_whitespace()).map(OsString::from))
}

fn config(line: &str) -> Config {
    let arguments = parse(line).unwrap();
    assert!(arguments.order.is_none());
    arguments.serve.config(arguments.places.paths().unwrap())
}

#[test]
fn without_arguments_the_defaults_hold() {
    let config = config("--data-dir data");
    assert_eq!(config, Config::new(absolute("data").unwrap(), "credentials.txt".into()));
}

#[test]
fn the_positional_arguments_are_port_lock_and_timeout() {
    let config = config("3500 20 90 --data-dir data");
    assert_eq!(config.listen, Listen::Everywhere { port: 3500 });
    assert_eq!((config.lock, config.timeout), (Seconds::new(20), Seconds::new(90)));
}

#[test]
fn the_bounds_of_new_accounts_are_set_each_by_its_option() {
    let limits = config("--data-dir data --accounts-at-once 3 --accounts-per-hour 5").limits;
    assert_eq!((limits.accounts_at_once, limits.accounts_per_hour), (3, 5));
}

#[test]
fn what_is_to_stay_free_of_the_disk_is_told_in_mebibytes() {
    assert_eq!(config("--data-dir data").keep_free, 0);
    assert_eq!(config("--data-dir data --reserve-mb 512").keep_free, 512 * MIB);
}

#[test]
fn options_stand_before_or_behind_the_positional_arguments() {
    let line = "--bind ::1 --title Base 0 --registration closed 5 --credentials a --data-dir b";
    let config = config(line);
    assert_eq!(config.listen, Listen::At("[::1]:0".parse().unwrap()));
    assert_eq!(config.registration, NewAccounts::Nobody);
    assert_eq!(config.title, Agent::new("Base"));
    assert_eq!((config.credentials, config.data_dir), ("a".into(), absolute("b").unwrap()));
    assert_eq!(config.lock, Seconds::new(5));
}

#[test]
fn orders_take_the_places_before_and_behind() {
    for line in ["--data-dir b user --credentials a add yoda", "user add yoda --data-dir b --credentials a"] {
        let arguments = parse(line).unwrap();
        let paths = arguments.places.paths().unwrap();
        assert_eq!(paths, Paths { data_dir: absolute("b").unwrap(), credentials: "a".into() }, "{line}");
        let Some(Order::User(UserOrder::Add { name })) = arguments.order else { panic!("{line}") };
        assert_eq!(name.as_str(), "yoda");
    }
}

#[cfg(feature = "relay")]
#[test]
fn a_relay_runs_if_it_is_asked_for_beside_the_server_or_where_it_is_told() {
    let relay = |line: &str| parse(line).unwrap().serve.relay();
    let at = |address: &str| Some(Listen::At(address.parse().unwrap()));
    assert_eq!(relay("3500"), None);
    assert_eq!(relay("--relay 3500"), Some(Listen::Everywhere { port: DEFAULT_RELAY_PORT }));
    assert_eq!(relay("3500 --relay=4000"), Some(Listen::Everywhere { port: 4000 }));
    assert_eq!(relay("--bind ::1 --relay=4000"), at("[::1]:4000"));
    assert_eq!(relay("--bind ::1 --relay=10.0.0.1:4000"), at("10.0.0.1:4000"));
    assert_eq!(parse("--relay=x").unwrap_err().exit_code(), 2);
}

#[test]
fn what_is_neither_a_number_nor_an_order_is_a_usage_error() {
    for line in ["65536", "-1", "3331 1.5", "3331 60 -1", "1 2 3 4", "x", "user", "user add", "--registration no"] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
    assert_eq!(parse("user add yo\u{e9}da").unwrap_err().kind(), ErrorKind::ValueValidation);
}

#[test]
fn an_order_refuses_the_arguments_of_the_server() {
    for line in ["3331 user list", "--title x seal", "seal 3331", "fingerprint --bind ::1"] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}
