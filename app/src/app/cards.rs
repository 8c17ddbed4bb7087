//! Transfers as the cards that show them.

use lucide_icons::Icon;
use whoelse_model::{TransferKind, TransferState, TransferView};

use crate::kit::{CardAction, Fact, FactTone, FileCard, Picture, Progress, ProgressTone, file_icon};
use crate::platform::links::may_open;

/// The card of a transfer.
pub(super) fn card(view: &TransferView, picture: Option<Picture>) -> FileCard {
    let transfer = &view.transfer;
    FileCard {
        icon: file_icon(transfer.name.as_str()),
        name: transfer.name.as_str().to_owned(),
        fact: if picture.is_some() { verified(view) } else { fact(view) },
        progress: progress(view),
        actions: actions(view),
        picture,
    }
}

fn plain(text: String) -> Fact {
    Fact { icon: None, text, tone: FactTone::Plain }
}

fn with(icon: Icon, tone: FactTone, text: String) -> Fact {
    Fact { icon: Some(icon), text, tone }
}

fn fact(view: &TransferView) -> Fact {
    let transfer = &view.transfer;
    let size = bytes(transfer.size);
    match (&transfer.state, &transfer.kind) {
        (TransferState::Hashing, TransferKind::Sending { .. }) => plain(format!("{size}, reading the file")),
        (TransferState::Hashing, _) => plain(format!("{size}, checking what is there")),
        (TransferState::Offered, TransferKind::Sending { to }) => plain(format!("{size}, waits for {to} to accept")),
        (TransferState::Offered, TransferKind::Receiving { from }) => plain(format!("{size} from {from}, direct")),
        (TransferState::Offered, TransferKind::Downloading) => plain(size),
        (TransferState::Running, TransferKind::Sending { to }) => plain(format!("To {to}, direct")),
        (TransferState::Running, TransferKind::Receiving { from }) => plain(format!("From {from}, direct")),
        (TransferState::Running, TransferKind::Downloading) => plain(amount_and_time(view)),
        (TransferState::Paused, kind) => with(Icon::Pause, FactTone::Plain, paused(view, kind)),
        (TransferState::Waiting, TransferKind::Sending { to }) => {
            with(Icon::Clock, FactTone::Plain, format!("{size}, waits for a private session with {to}"))
        }
        (TransferState::Waiting, TransferKind::Receiving { from }) => {
            with(Icon::Clock, FactTone::Plain, format!("{}, kept on disk. Goes on with {from}", percent(view)))
        }
        (TransferState::Waiting, TransferKind::Downloading) => with(
            Icon::Clock,
            FactTone::Plain,
            format!("{}, kept on disk. Waits for somebody who has it", percent(view)),
        ),
        (TransferState::Done { .. }, TransferKind::Downloading) => verified(view),
        (TransferState::Done { .. }, _) => with(Icon::ShieldCheck, FactTone::Good, format!("Verified, {size}")),
        (TransferState::Refused, TransferKind::Sending { to }) => {
            with(Icon::CircleX, FactTone::Warn, format!("{to} declined it"))
        }
        (TransferState::Refused, _) => with(Icon::CircleX, FactTone::Plain, "You declined it".to_owned()),
        (TransferState::Cancelled, _) => with(Icon::CircleX, FactTone::Plain, format!("{size}, cancelled")),
        (TransferState::Lapsed, TransferKind::Receiving { from }) => {
            let text = format!("{size}, waits with {from}, who offers it in the next private session");
            with(Icon::Clock, FactTone::Plain, text)
        }
        (TransferState::Lapsed, _) => with(Icon::CircleX, FactTone::Plain, format!("{size}, not answered")),
        (TransferState::Failed { cause }, _) => with(Icon::CircleAlert, FactTone::Danger, sentence(cause)),
    }
}

/// Who lets it stand still.
fn paused(view: &TransferView, kind: &TransferKind) -> String {
    let at = percent(view);
    match kind {
        TransferKind::Sending { to: peer } | TransferKind::Receiving { from: peer } if !view.transfer.pauses.here => {
            format!("Paused by {peer} at {at}")
        }
        TransferKind::Sending { .. } | TransferKind::Receiving { .. } | TransferKind::Downloading => {
            format!("Paused at {at}, kept on disk")
        }
    }
}

/// It is whole, in few words.
fn verified(view: &TransferView) -> Fact {
    with(Icon::ShieldCheck, FactTone::Good, format!("Verified, {}", bytes(view.transfer.size)))
}

fn actions(view: &TransferView) -> Vec<CardAction> {
    match (&view.transfer.state, &view.transfer.kind) {
        (TransferState::Offered, TransferKind::Receiving { .. }) => {
            vec![CardAction::TakeInto, CardAction::Refuse, CardAction::Take]
        }
        (TransferState::Running, _) => vec![CardAction::Pause, CardAction::Cancel],
        (TransferState::Paused, _) if !view.transfer.pauses.here => vec![CardAction::Cancel],
        (TransferState::Paused, _) => vec![CardAction::Resume, CardAction::Cancel],
        (TransferState::Hashing | TransferState::Offered | TransferState::Waiting, _) => vec![CardAction::Cancel],
        (TransferState::Done { .. }, _) if !may_open(view.transfer.name.as_str()) => vec![CardAction::ShowInFolder],
        (TransferState::Done { .. }, TransferKind::Downloading) => vec![CardAction::Open],
        (TransferState::Done { .. }, _) => vec![CardAction::Open, CardAction::ShowInFolder],
        (
            TransferState::Refused | TransferState::Cancelled | TransferState::Lapsed | TransferState::Failed { .. },
            _,
        ) => Vec::new(),
    }
}

fn progress(view: &TransferView) -> Option<Progress> {
    let transfer = &view.transfer;
    let tone = match (&transfer.state, &transfer.kind) {
        (TransferState::Running, TransferKind::Downloading) => ProgressTone::Shared,
        (TransferState::Running, _) => ProgressTone::Private,
        (TransferState::Paused | TransferState::Waiting, _) if transfer.done > 0 => ProgressTone::Still,
        _ => return None,
    };
    let amount = format!("{} of {}", bytes(transfer.done), bytes(transfer.size));
    let speed = match (view.speed, view.time_left()) {
        (0, _) | (_, None) => String::new(),
        (speed, Some(left)) => format!("{}/s, {} left", bytes(speed), time(left.get())),
    };
    Some(Progress { part: part(view), tone, percent: percent(view), amount, speed })
}

/// How much is there, from 0 to 1.
fn part(view: &TransferView) -> f32 {
    part_of(view.transfer.done, view.transfer.size)
}

/// A part of a whole, from 0 to 1, to a thousandth.
pub(super) fn part_of(part: u64, whole: u64) -> f32 {
    let thousandths = u128::from(part) * 1000 / u128::from(whole.max(1));
    f32::from(u16::try_from(thousandths).unwrap_or(1000)) / 1000.0
}

fn percent(view: &TransferView) -> String {
    format!("{:.0} %", (part(view) * 100.0).floor())
}

/// "540 of 812 MB, 3 s left".
fn amount_and_time(view: &TransferView) -> String {
    let transfer = &view.transfer;
    let (done, size) = (bytes(transfer.done), bytes(transfer.size));
    let done = match (done.rsplit_once(' '), size.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => number.to_owned(),
        _ => done,
    };
    let left = view.time_left().filter(|_| view.speed > 0);
    let left = left.map_or(String::new(), |left| format!(", {} left", time(left.get())));
    format!("{done} of {size}{left}")
}

/// An amount of bytes for people, in units of a thousand.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else { return format!("{bytes} B") };
    let tenths = bytes.saturating_mul(10) / unit;
    match (name, tenths % 10) {
        ("KB", _) | (_, 0) => format!("{} {name}", tenths / 10),
        (_, tenth) => format!("{}.{tenth} {name}", tenths / 10),
    }
}

/// A time that is left, for people.
pub(super) fn time(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{} s", seconds.max(1)),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        3600..172_800 => format!("{} h", seconds.div_ceil(3600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

/// The cause with a capital letter, as a sentence begins.
pub(super) fn sentence(cause: &str) -> String {
    let mut letters = cause.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        let sizes = [0, 999, 1_000, 310_400, 2_400_000, 412_600_000, 812_000_000, 1_200_000_000, 1 << 40];
        let words = ["0 B", "999 B", "1 KB", "310 KB", "2.4 MB", "412.6 MB", "812 MB", "1.2 GB", "1 TB"];
        assert_eq!(sizes.map(bytes), words);
        assert_eq!([0, 21, 61, 7_200, 200_000].map(time), ["1 s", "21 s", "2 min", "2 h", "3 days"]);
    }
}
