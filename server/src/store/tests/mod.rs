//! The contract of [`Store`] as cases over any place, and what only SQLite has: files, crashes, a full disk.

mod crash;
mod files;
mod fixture;
mod full_disk;
mod invites;
mod memory;
mod messages;
mod sessions;
#[cfg(target_os = "linux")]
mod small_disk;
mod sqlite;
mod stamp;
mod thread;

/// One test for each case: in SQLite, and in the plain code that says what each operation means.
macro_rules! conformance {
    ($($module:ident: $($case:ident),+;)+) => {
        mod in_sqlite {
            use super::{$($module),+, fixture::SqlitePlace};
            $($(#[test] fn $case() { $module::$case(&SqlitePlace::new()); })+)+
        }
        mod in_memory {
            use super::{$($module),+, memory::MemoryPlace};
            $($(#[test] fn $case() { $module::$case(&MemoryPlace::default()); })+)+
        }
    };
}

conformance! {
    messages:
        places_grow_and_are_the_same_in_every_inbox,
        a_message_is_taken_once,
        a_message_is_taken_once_although_it_was_delivered_and_the_store_reopened,
        a_message_that_comes_twice_in_a_batch_is_taken_once,
        an_id_of_another_sender_is_foreign_and_changes_nothing,
        a_recipient_named_twice_gets_a_message_once,
        an_inbox_is_read_page_by_page_in_order,
        whatever_a_message_holds_comes_back,
        an_acknowledgement_empties_the_inbox_up_to_a_place_and_tells_the_senders,
        an_acknowledgement_beyond_the_end_takes_what_is_there,
        states_go_from_accepted_over_delivered_to_read,
        what_was_read_stays_read_when_it_is_acknowledged,
        a_broadcast_stays_accepted,
        a_broadcast_that_nobody_hears_is_taken,
        what_someone_hidden_did_with_a_message_is_not_told,
        a_broadcast_is_not_read,
        reading_what_was_read_or_never_written_says_nothing,
        what_is_forgotten_is_neither_waiting_nor_young,
        what_waited_for_an_account_that_is_forgotten_is_told_as_lost_ever_after,
        what_waits_is_weighed_by_sender_and_given_back_when_it_leaves;
    sessions:
        sessions_overlap_a_span_by_their_end,
        sessions_are_listed_by_name_oldest_first,
        the_newest_sessions_of_a_busy_name_are_given_and_the_others_counted,
        a_closed_session_is_when_a_user_was_last_seen,
        a_token_lives_until_it_is_revoked_or_replaced,
        a_kept_token_remembers_the_last_valid_action,
        what_a_killed_server_left_open_ends_at_its_last_heartbeat,
        blocks_survive_until_they_are_undone,
        the_snapshot_has_every_account_asked_for_and_no_other,
        old_sessions_are_forgotten_and_open_ones_are_not;
}
