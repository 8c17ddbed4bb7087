//! What stands across the top while something is in the way, with its countdowns.

use std::time::Duration;

use eframe::egui::Context;
use whoelse_model::{Model, Notice, NoticeKind, Phase};
use whoelse_proto::{MissedTries, Timestamp};

use super::clock::{Clock, seconds_until};
use super::words;
use crate::view::{Bars, Inactivity, Lost, LostTo};

/// The bars at this moment, where `to` is what a lost line leads to. While one counts, the window is drawn again with each second.
pub(super) fn bars(ctx: &Context, model: &Model, to: LostTo, clock: &Clock, now: Timestamp) -> Bars {
    let session = model.session();
    let lost = match session.phase() {
        Phase::Reconnecting { retry_at, .. } => {
            let retry_in = retry_at.map(|at| counted(ctx, at, now));
            Some(Lost { retry_in, to })
        }
        Phase::SignedOut(_)
        | Phase::Connecting
        | Phase::UnknownServer { .. }
        | Phase::ServerKeyChanged { .. }
        | Phase::Online
        | Phase::SigningOut => None,
    };
    let inactivity = session.inactivity_deadline().filter(|_| session.is_online()).map(|deadline| {
        let left = counted(ctx, deadline, now);
        let after = session.timeout().map_or_else(String::new, words::duration);
        Inactivity { left, after }
    });
    let disk = model.notices().iter().rev().find_map(|notice| match &notice.kind {
        NoticeKind::DiskTrouble { cause } => Some(cause.clone()),
        NoticeKind::Done { .. }
        | NoticeKind::Blocked { .. }
        | NoticeKind::Refused { .. }
        | NoticeKind::DeviceChanged { .. }
        | NoticeKind::IntroductionRefused { .. }
        | NoticeKind::Registered { .. }
        | NoticeKind::FilesRefused { .. }
        | NoticeKind::WrongPasswords(_)
        | NoticeKind::PasswordKept(_)
        | NoticeKind::Unanswered { .. } => None,
    });
    let wrong_passwords = wrong_passwords(model).map(|(notice, missed)| {
        let latest = clock.exact(missed.last, now);
        format!("{} The last one came at {latest}.", words::notice(&notice.kind))
    });
    Bars { lost, inactivity, disk, wrong_passwords }
}

/// The notice of wrong passwords that was not read yet.
pub(super) fn wrong_passwords(model: &Model) -> Option<(&Notice, MissedTries)> {
    model.notices().iter().rev().find_map(|notice| match notice.kind {
        NoticeKind::WrongPasswords(missed) => Some((notice, missed)),
        NoticeKind::DiskTrouble { .. }
        | NoticeKind::PasswordKept(_)
        | NoticeKind::Done { .. }
        | NoticeKind::Blocked { .. }
        | NoticeKind::Refused { .. }
        | NoticeKind::DeviceChanged { .. }
        | NoticeKind::IntroductionRefused { .. }
        | NoticeKind::Registered { .. }
        | NoticeKind::FilesRefused { .. }
        | NoticeKind::Unanswered { .. } => None,
    })
}

/// The seconds until a moment; the window is drawn again when there is one less.
pub(super) fn counted(ctx: &Context, moment: Timestamp, now: Timestamp) -> u64 {
    let left = moment.millis().saturating_sub(now.millis());
    if left > 0 {
        let until_next = (left - 1) % 1000 + 1;
        ctx.request_repaint_after(Duration::from_millis(until_next));
    }
    seconds_until(moment, now)
}
