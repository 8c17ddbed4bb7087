//! Search in every script, with hostile queries.

use proptest::prelude::*;
use whoelse_model::SearchFor;

use super::*;

const WORDS: &[&str] = &[
    "Meet me at the Echo Base",
    "the base is lost",
    "Straßenfest am Übergang, café à la carte",
    "100% sure_thing \"quoted\" AND OR NOT",
    "今晚在回声基地见面",
    "東京タワーの近くで会いましょう",
    "한국어 메시지",
    "สวัสดีชาวโลก",
    "Привет, Люк",
    "path C:\\temp\\x.txt and a-b-c foo.bar@example.org",
    "👍🚀",
];

const NONE: [u8; 0] = [];

fn filled() -> Fixture {
    let mut history = Fixture::new();
    for (n, words) in (1..).zip(WORDS) {
        history.put(saying(n, words));
    }
    history.put(NewMessage { chat: ChatId::Everyone, ..saying(99, "the base in a broadcast") });
    history
}

fn search(history: &mut Fixture, query: &str, chat: Option<ChatId>, limit: usize) -> Vec<u8> {
    search_for(history, &SearchFor::words(query, chat), limit)
}

fn search_for(history: &mut Fixture, wanted: &SearchFor, limit: usize) -> Vec<u8> {
    let done = history.run(Job::Search { what: wanted.clone(), limit });
    let Done::Found { what, hits } = done else { panic!("{done:?}") };
    assert_eq!(what, *wanted);
    hits.iter().map(|hit| hit.message.id.as_bytes()[0]).collect()
}

fn found(history: &mut Fixture, query: &str) -> Vec<u8> {
    search(history, query, Some(yoda()), 100)
}

#[test]
fn words_are_found_in_any_case_without_accents_newest_first() {
    let mut history = filled();
    assert_eq!(found(&mut history, "base"), [2, 1]);
    assert_eq!(found(&mut history, "ECHO base"), [1]);
    assert_eq!(found(&mut history, "cafe ubergang"), [3]);
    assert_eq!(found(&mut history, "люк"), [9]);
    assert_eq!(found(&mut history, "nothing"), NONE);
}

#[test]
fn the_last_word_may_be_unfinished_and_a_space_finishes_it() {
    let mut history = filled();
    assert_eq!(found(&mut history, "bas"), [2, 1]);
    assert_eq!(found(&mut history, "the bas"), [2, 1]);
    assert_eq!(found(&mut history, "bas "), NONE);
    assert_eq!(found(&mut history, "bas echo"), NONE);
}

#[test]
fn scripts_without_spaces_are_searched_for_parts() {
    let mut history = filled();
    assert_eq!(found(&mut history, "回声基地"), [5]);
    assert_eq!(found(&mut history, "基地"), [5]);
    assert_eq!(found(&mut history, "見"), NONE);
    assert_eq!(found(&mut history, "见"), [5]);
    assert_eq!(found(&mut history, "タワー"), [6]);
    assert_eq!(found(&mut history, "메시"), [7]);
    assert_eq!(found(&mut history, "ชาวโลก"), [8]);
    assert_eq!(found(&mut history, "在回声 今晚"), [5]);
}

#[test]
fn signs_are_found_as_they_stand() {
    let mut history = filled();
    assert_eq!(found(&mut history, "100%"), [4]);
    assert_eq!(found(&mut history, "%"), [4]);
    assert_eq!(found(&mut history, "_"), [4]);
    assert_eq!(found(&mut history, "\\"), [10]);
    assert_eq!(found(&mut history, "\\temp\\"), [10]);
    assert_eq!(found(&mut history, "🚀"), [11]);
    assert_eq!(found(&mut history, "foo.bar@example"), [10]);
    assert_eq!(found(&mut history, "a-b"), [10]);
}

#[test]
fn words_of_the_query_language_are_just_words() {
    let mut history = filled();
    assert_eq!(found(&mut history, "AND"), [10, 4]);
    assert_eq!(found(&mut history, "\"quoted\""), [4]);
    assert_eq!(found(&mut history, "NOT base"), NONE);
    assert_eq!(found(&mut history, "base NEAR(x, 3)"), NONE);
    assert_eq!(found(&mut history, "text:base"), NONE);
    assert_eq!(found(&mut history, "bas*"), NONE);
    assert_eq!(found(&mut history, "'; DROP TABLE messages; --"), NONE);
    assert_eq!(found(&mut history, "base"), [2, 1]);
}

#[test]
fn a_search_covers_one_chat_or_all_up_to_a_limit() {
    let mut history = filled();
    assert_eq!(search(&mut history, "base", None, 100), [99, 2, 1]);
    assert_eq!(search(&mut history, "base", Some(ChatId::Everyone), 100), [99]);
    assert_eq!(search(&mut history, "base", None, 2), [99, 2]);
    assert_eq!(search(&mut history, "base", Some(ChatId::Direct(name("jaba"))), 100), NONE);
    assert_eq!(search(&mut history, "", None, 100), NONE);
    assert_eq!(search(&mut history, " \t", None, 100), NONE);
}

#[test]
fn width_and_composition_of_letters_do_not_count() {
    let mut history = Fixture::new();
    for (n, words) in
        (1..).zip(["Ju\u{308}rgen kommt", "ＡＢＣ ready", "ｶﾞｽ leak", "\u{1112}\u{1161}\u{11AB}글 today", "Straße"])
    {
        history.put(saying(n, words));
    }
    for (query, hit) in
        [("jürgen", 1), ("JURGEN", 1), ("abc", 2), ("ガス", 3), ("한글", 4), ("ＬＥＡＫ", 3), ("strasse", 5)]
    {
        assert_eq!(found(&mut history, query), [hit], "{query}");
    }
    history.run(Job::Clear { chat: None });
    assert_eq!(found(&mut history, "jürgen"), NONE);
}

#[test]
fn a_history_of_an_earlier_version_is_searched_alike() {
    let mut history = Fixture::new();
    history.put(saying(1, "ＡＢＣ ready"));
    history.put(saying(2, "plain words"));
    // As the version before left it: no text stands folded beside the one that was written.
    let connection = &history.database.connection;
    connection.execute("UPDATE messages SET folded = NULL", []).unwrap();
    for index in ["words", "trigrams"] {
        connection.execute(&format!("INSERT INTO {index} ({index}) VALUES ('rebuild')"), []).unwrap();
    }
    connection.execute("DELETE FROM settings WHERE name = 'folded'", []).unwrap();
    assert_eq!(found(&mut history, "abc"), NONE);

    let mut history = history.restarted();
    assert_eq!(found(&mut history, "abc"), [1]);
    assert_eq!(found(&mut history, "plain"), [2]);
}

#[test]
fn a_search_may_be_for_one_author_and_for_a_time() {
    let mut history = Fixture::new();
    let at = |n: u8| NOW.plus_millis(u64::from(n));
    for n in 1..=4 {
        history.put(NewMessage { at: at(n), ..saying(n, "the base") });
    }
    history.put(NewMessage { at: at(5), text: Text::new("base").unwrap(), ..written(5, yoda()) });
    let by_yoda = SearchFor { author: Some(name("yoda")), ..SearchFor::words("base", None) };
    assert_eq!(search_for(&mut history, &by_yoda, 100), [4, 3, 2, 1]);
    let by_nobody = SearchFor { author: Some(name("jaba")), ..by_yoda.clone() };
    assert_eq!(search_for(&mut history, &by_nobody, 100), NONE);
    let since = SearchFor { since: Some(at(2)), ..by_yoda.clone() };
    assert_eq!(search_for(&mut history, &since, 100), [4, 3, 2]);
    let until = SearchFor { until: Some(at(2)), ..by_yoda };
    assert_eq!(search_for(&mut history, &until, 100), [1]);
    let no_words = SearchFor { since: Some(at(4)), until: Some(at(6)), ..SearchFor::default() };
    assert_eq!(search_for(&mut history, &no_words, 100), [5, 4]);
}

#[test]
fn what_is_removed_is_not_found() {
    let mut history = filled();
    history.put(NewMessage { text: Text::new("base secret").unwrap(), ..written(70, yoda()) });
    assert_eq!(found(&mut history, "secret"), [70]);
    history.op(DiskOp::Remove { id: id(70) }).unwrap();
    assert_eq!(found(&mut history, "secret"), NONE);
    history.run(Job::Clear { chat: None });
    assert_eq!(found(&mut history, "base"), NONE);
    assert_eq!(found(&mut history, "基地"), NONE);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_query_is_an_error_and_a_whole_text_is_found_by_its_words(query in "\\PC{0,24}", extra in any::<String>()) {
        let mut history = Fixture::new();
        for words in [&query, &extra] {
            search(&mut history, words, None, 10);
        }
        if let Ok(text) = Text::new(&query) {
            history.put(NewMessage { text, ..arrived(1, yoda()) });
            search(&mut history, &query, None, 10);
        }
    }
}
