//! Bars across the window say their words whole, and leave room for their buttons.

use eframe::egui::epaint::{ClippedShape, Shape};
use eframe::egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use whoelse::kit::{Bar, BarTone, Button, ButtonKind};
use whoelse::view::sign_in::{Entry, HasAccount, Hosting, Reach};
use whoelse::view::{Bars, Inactivity, Lost, LostTo};

use crate::common::harness;
use crate::views::{main_state, settings_with};

fn cut<State>(harness: &Harness<'_, State>) -> Vec<String> {
    let cut = |ClippedShape { shape, .. }: &ClippedShape| {
        let Shape::Text(text) = shape else { return None };
        text.galley.elided.then(|| text.galley.text().to_owned())
    };
    harness.output().shapes.iter().filter_map(cut).collect()
}

#[test]
fn no_bar_is_cut_from_the_narrowest_window_to_a_wide_one() {
    let narrow_to_wide = (360..=700).step_by(20);
    let ways = [(LostTo::Server, "Retry now"), (LostTo::StoppedHere, "Start the server")];
    for (width, (to, remedy)) in narrow_to_wide.flat_map(|width| ways.map(|way| (width, way))) {
        let mut state = main_state();
        state.contacts.sections.clear();
        state.bars = Bars {
            lost: Some(Lost { retry_in: Some(8), to }),
            inactivity: Some(Inactivity { left: 48, after: "30 minutes".to_owned() }),
            disk: Some("There is no space left on this computer’s disk, so messages wait in memory.".to_owned()),
            wrong_passwords: Some(
                "3 wrong passwords were given for your name since your last sign-in. The last one came at 09:15."
                    .to_owned(),
            ),
        };
        let width = f32::from(u16::try_from(width).unwrap());
        let mut harness = harness(vec2(width, 700.0), state, |ui, state| {
            let rect = ui.max_rect();
            let _ = whoelse::view::show_main(ui, rect, state, |_, _, _| {});
        });
        harness.run_steps(3);
        let cut: Vec<String> = cut(&harness).into_iter().filter(|words| words.len() > 20).collect();
        assert_eq!(cut, Vec::<String>::new(), "at {width}");
        for name in [remedy, "Stay signed in", "Sign out now", "Got it"] {
            let button = harness.get_by_label(name).rect();
            assert!(button.right() <= width && button.left() >= 0.0, "{name} at {button} of {width}");
        }
    }
}

#[test]
fn a_bar_of_one_line_is_as_high_as_ever() {
    let mut harness = harness(vec2(900.0, 200.0), 0.0, |ui, height| {
        let bar = Bar { tone: BarTone::Warn, icon: lucide_icons::Icon::Info, strong: "Short.", text: "And clear." };
        bar.show(ui, [Button::new(ButtonKind::Outline, "Yes").small()]);
        *height = ui.min_rect().height();
    });
    harness.run_steps(3);
    assert!((*harness.state() - whoelse::theme::region::BAR).abs() < 0.1, "{}", harness.state());
}

#[test]
fn the_settings_of_the_network_fit_the_narrowest_window_while_a_server_runs() {
    let hosting = Hosting::Running {
        invitation: "whoelse://192.168.178.20:3331#0123456789abcdef".to_owned(),
        address: "192.168.178.20:3331".to_owned(),
        reach: Reach::Network,
        entry: Entry::Anyone,
        account: HasAccount::No,
    };
    let mut harness = settings_with(307.0, hosting);
    harness.run_steps(3);
    for name in ["Copy fingerprint", "Copy invitation", "Stop the server"] {
        let place = harness.get_by_label(name).rect();
        assert!(place.left() >= 0.0 && place.right() <= 307.0, "{name} at {place}");
    }
}
