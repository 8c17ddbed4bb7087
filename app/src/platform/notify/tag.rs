//! The name by which a system replaces a notification, and takes it back, where the app gives the name.

use whoelse_model::ChatId;

use super::waiting::Key;

/// Characters of a name: Windows takes no longer one (`ToastNotification.Tag`).
#[cfg(test)]
const MAX_TAG_CHARS: usize = 64;

/// The name of the notification of a key.
pub(super) fn of(key: &Key) -> String {
    match key {
        Key::Several => "several".to_owned(),
        Key::Session => "session".to_owned(),
        Key::Chat(ChatId::Everyone) => "everyone".to_owned(),
        Key::Chat(ChatId::Direct(name)) => format!("with {name}"),
        Key::Chat(ChatId::Private(name)) => format!("private with {name}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use whoelse_proto::UserName;
    use whoelse_proto::limits::MAX_NAME_BYTES;

    use super::*;

    #[test]
    fn every_chat_has_a_name_of_its_own_that_windows_takes() {
        let user = |raw: &str| UserName::new(raw).unwrap();
        let (short, long) = (user("everyone"), user(&"x".repeat(MAX_NAME_BYTES)));
        let chats = [
            ChatId::Everyone,
            ChatId::Direct(short.clone()),
            ChatId::Private(short),
            ChatId::Direct(long.clone()),
            ChatId::Private(long),
        ];
        let keys: Vec<Key> = chats.into_iter().map(Key::Chat).chain([Key::Several, Key::Session]).collect();
        let names: BTreeSet<String> = keys.iter().map(of).collect();
        assert_eq!(names.len(), keys.len());
        assert!(names.iter().all(|name| name.chars().count() <= MAX_TAG_CHARS), "{names:?}");
    }
}
