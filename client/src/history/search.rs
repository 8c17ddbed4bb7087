//! Searching the history: words with FTS5 (<https://sqlite.org/fts5.html>), any other sign as a part of the text.
//!
//! Every word must occur. The last may be unfinished. Case, accents, width and composition do not count: words and
//! texts are compared folded.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use whoelse_model::{Message, SearchFor, folded};

use super::rows::{MESSAGE_COLUMNS, count, find_chat, millis, read_message};

/// Words of a query that count: more narrow a search no further.
const MAX_TERMS: usize = 16;

/// Hits of one search.
const MAX_HITS: usize = 1000;

/// Characters that the trigram index needs.
const TRIGRAM: usize = 3;

/// A query in three parts, all of which must hold.
#[derive(Debug, Default, PartialEq, Eq)]
struct Terms {
    /// For the index of words, as an FTS5 expression.
    words: Vec<String>,
    /// For the index of trigrams, as an FTS5 expression.
    trigrams: Vec<String>,
    /// For LIKE: what has too few characters for the trigrams.
    parts: Vec<String>,
}

impl Terms {
    /// Sorts the words of a query.
    fn new(query: &str) -> Self {
        let mut terms = Self::default();
        let ends_in_word = !query.ends_with(char::is_whitespace);
        let query = folded(query);
        let words: Vec<&str> = query.split_whitespace().take(MAX_TERMS).collect();
        let last = words.len().saturating_sub(1);
        for (i, word) in words.into_iter().enumerate() {
            if has_bounds(word) {
                let star = if i == last && ends_in_word { "*" } else { "" };
                terms.words.push(format!("{}{star}", quoted(word)));
            } else if word.chars().count() >= TRIGRAM {
                terms.trigrams.push(quoted(word));
            } else {
                terms.parts.push(format!("%{}%", escaped(word)));
            }
        }
        terms
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.trigrams.is_empty() && self.parts.is_empty()
    }
}

/// Whether the index of words has a word as it stands: it begins and ends with a letter or digit, and its script
/// parts words with spaces.
fn has_bounds(word: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() && !is_unspaced(c);
    word.starts_with(is_inner) && word.ends_with(is_inner) && !word.contains(is_unspaced)
}

/// Whether a character is of a script that does not part words with spaces: Thai, Lao, Myanmar, Khmer, Hangul,
/// kana, Han and their extensions.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF | 0x2E80..=0x9FFF | 0xA960..=0xA97F
        | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x2_0000..=0x3_FFFF)
}

/// A string of FTS5, in which nothing but a quote has a meaning.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\""))
}

/// A part of a LIKE pattern, in which nothing has a meaning.
fn escaped(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Messages that fit, newest first.
pub(super) fn search(connection: &Connection, what: &SearchFor, limit: usize) -> rusqlite::Result<Vec<Message>> {
    let terms = Terms::new(&what.words);
    let number = match &what.chat {
        None => None,
        Some(chat) => match find_chat(connection, chat)? {
            Some(number) => Some(number),
            None => return Ok(Vec::new()),
        },
    };
    if terms.is_empty() && !what.narrows() {
        return Ok(Vec::new());
    }
    let (sql, values) = statement(&terms, what, number, limit.min(MAX_HITS));
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), read_message)?.collect()
}

/// The statement for a search. The index that knows most of it comes first, so that rows come newest first and
/// reading stops at the limit.
fn statement(terms: &Terms, what: &SearchFor, chat: Option<i64>, limit: usize) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions: Vec<&str> = Vec::new();
    let (from, order) = match (terms.words.is_empty(), terms.trigrams.is_empty()) {
        (false, _) => ("words i CROSS JOIN messages m ON m.row = i.rowid", "i.rowid"),
        (true, false) => ("trigrams i CROSS JOIN messages m ON m.row = i.rowid", "i.rowid"),
        (true, true) => ("messages m", "m.row"),
    };
    if !terms.words.is_empty() {
        conditions.push("words MATCH ?");
        values.push(terms.words.join(" ").into());
    }
    if !terms.trigrams.is_empty() {
        conditions.push(if terms.words.is_empty() {
            "trigrams MATCH ?"
        } else {
            "m.row IN (SELECT rowid FROM trigrams WHERE trigrams MATCH ?)"
        });
        values.push(terms.trigrams.join(" ").into());
    }
    for part in &terms.parts {
        conditions.push("coalesce(m.folded, m.text) LIKE ? ESCAPE '\\'");
        values.push(part.clone().into());
    }
    if terms.is_empty() {
        conditions.push("m.indexed");
    }
    if let Some(author) = &what.author {
        conditions.push("m.author = ?");
        values.push(author.as_str().to_owned().into());
    }
    if let Some(since) = what.since {
        conditions.push("m.at >= ?");
        values.push(millis(since).into());
    }
    if let Some(until) = what.until {
        conditions.push("m.at < ?");
        values.push(millis(until).into());
    }
    if let Some(chat) = chat {
        conditions.push("m.chat = ?");
        values.push(chat.into());
    }
    values.push(count(limit).into());
    let conditions = conditions.join(" AND ");
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM {from} CROSS JOIN chats c ON c.id = m.chat WHERE {conditions} \
         ORDER BY {order} DESC LIMIT ?"
    );
    (sql, values)
}
