//! Shows each view with made-up data, to look at it: `cargo run --example gallery -- chat --light`.

#![allow(clippy::wildcard_enum_match_arm, clippy::single_range_in_vec_init, reason = "a tool to look at views with")]

mod mock;
mod scenes;

use eframe::egui;
use whoelse::theme;

use scenes::Scene;

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let scene = args.iter().find(|arg| !arg.starts_with("--")).cloned().unwrap_or_else(|| "chat".to_owned());
    let light = args.iter().any(|arg| arg == "--light");
    let size = args.iter().find_map(|arg| arg.strip_prefix("--size=")).and_then(parse_size);
    let viewport = egui::ViewportBuilder::default().with_inner_size(size.unwrap_or(scenes::size_of(&scene)));
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    eframe::run_native(
        "Whoelse gallery",
        options,
        Box::new(move |context| {
            let ctx = &context.egui_ctx;
            theme::install_fonts(ctx);
            theme::apply(ctx, theme::TextSize::Normal, 1.0, theme::Motion::Full);
            ctx.set_theme(if light { egui::Theme::Light } else { egui::Theme::Dark });
            Ok(Box::new(Gallery { scene: Scene::new(&scene), warm: false }))
        }),
    )
}

fn parse_size(text: &str) -> Option<egui::Vec2> {
    let (width, height) = text.split_once('x')?;
    Some(egui::vec2(width.parse().ok()?, height.parse().ok()?))
}

struct Gallery {
    scene: Scene,
    warm: bool,
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        if !std::mem::replace(&mut self.warm, true) {
            theme::warm_up(ui.ctx());
        }
        self.scene.show(ui);
    }
}
