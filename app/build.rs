//! Turns `assets/tokens.toml` into constants, so that a colour or a size is written in one place. The program gets what
//! Windows shows of it: icon, name and version.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use toml::{Table, Value};

#[path = "assets/windows.rs"]
mod windows;

type Outcome = Result<(), Box<dyn Error>>;

/// The eight avatar discs in the order of their table in the generated array.
const AVATARS: [&str; 8] = ["blue", "green", "ochre", "clay", "rose", "steel", "olive", "brown"];

fn main() -> Outcome {
    println!("cargo::rerun-if-changed=assets/tokens.toml");
    let tokens: Table = fs::read_to_string("assets/tokens.toml")?.parse()?;
    let mut out = String::new();
    palette(&mut out, "DARK", &tokens)?;
    palette(&mut out, "LIGHT", &tokens)?;
    for section in ["space", "radius", "stroke", "icon", "control", "region", "motion"] {
        numbers(&mut out, section, table(&tokens, section)?)?;
    }
    styles(&mut out, table(&tokens, "type")?)?;
    shadows(&mut out, table(&tokens, "shadow")?)?;
    let path = Path::new(&env::var("OUT_DIR")?).join("tokens.rs");
    fs::write(path, out)?;
    windows::resources("assets", "Whoelse", "whoelse")?;
    link_smaller()
}

/// What makes the program smaller by a tenth: one function for all with the same code, and a dense list of the addresses
/// that the loader fills in.
const SMALLER: [&str; 2] = ["-Wl,--icf=all", "-Wl,-z,pack-relative-relocs"];

/// Links a release that way where linker and loader of this system can.
fn link_smaller() -> Outcome {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("HOST", &env::var("TARGET")?) && probe()? {
        for option in SMALLER {
            println!("cargo::rustc-link-arg-bin=whoelse={option}");
        }
    }
    Ok(())
}

/// Whether a program that is linked that way runs here.
fn probe() -> Result<bool, Box<dyn Error>> {
    let folder = env::var("OUT_DIR")?;
    let (source, program) = (Path::new(&folder).join("probe.rs"), Path::new(&folder).join("probe"));
    fs::write(&source, "fn main() {}")?;
    let mut rustc = Command::new(env::var("RUSTC")?);
    rustc.arg(&source).arg("-o").arg(&program);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={}", linker.to_string_lossy()));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\u{1F}').filter(|flag| !flag.is_empty()));
    rustc.args(SMALLER.iter().flat_map(|option| ["-C".to_owned(), format!("link-arg={option}")]));
    let succeeds = |mut command: Command| command.output().is_ok_and(|output| output.status.success());
    Ok(succeeds(rustc) && succeeds(Command::new(program)))
}

fn table<'a>(of: &'a Table, key: &str) -> Result<&'a Table, Box<dyn Error>> {
    of.get(key).and_then(Value::as_table).ok_or_else(|| format!("no table [{key}]").into())
}

fn palette(out: &mut String, name: &str, tokens: &Table) -> Outcome {
    let theme = table(tokens, &name.to_lowercase())?;
    writeln!(out, "/// The {} colours.\npub static {name}: Palette = Palette {{", name.to_lowercase())?;
    for (key, value) in table(theme, "color")? {
        writeln!(out, "    {key}: {},", colour(value)?)?;
    }
    let avatars = table(theme, "avatar")?;
    writeln!(out, "    avatars: [")?;
    for key in AVATARS {
        let pair = avatars.get(key).and_then(Value::as_array).ok_or("an avatar is a pair of colours")?;
        let [disc, letters] = pair.as_slice() else { return Err("an avatar is a pair of colours".into()) };
        writeln!(out, "        Disc {{ fill: {}, letters: {} }},", colour(disc)?, colour(letters)?)?;
    }
    writeln!(out, "    ],\n}};")?;
    Ok(())
}

/// `#RRGGBB` or `#RRGGBBAA` as a constant expression.
fn colour(value: &Value) -> Result<String, Box<dyn Error>> {
    let text = value.as_str().and_then(|text| text.strip_prefix('#')).ok_or("a colour begins with #")?;
    let number = u32::from_str_radix(text, 16)?;
    Ok(match text.len() {
        6 => format!("opaque({})", hex(number)),
        8 => format!("translucent({})", hex(number)),
        _ => return Err(format!("not a colour: {text}").into()),
    })
}

/// Eight digits in two groups.
fn hex(number: u32) -> String {
    format!("0x{:04X}_{:04X}", number >> 16, number & 0xFFFF)
}

fn numbers(out: &mut String, section: &str, values: &Table) -> Outcome {
    writeln!(out, "/// Tokens of `[{section}]`.\npub mod {section} {{")?;
    for (key, value) in values {
        let name = key.to_uppercase();
        if let Some(list) = value.as_array() {
            let list: Vec<String> = list.iter().map(number).collect::<Result<_, _>>()?;
            writeln!(out, "    /// `{key}`.\n    pub const {name}: [f32; {}] = [{}];", list.len(), list.join(", "))?;
        } else {
            writeln!(out, "    /// `{key}`.\n    pub const {name}: f32 = {};", number(value)?)?;
        }
    }
    writeln!(out, "}}")?;
    Ok(())
}

fn number(value: &Value) -> Result<String, Box<dyn Error>> {
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    Ok(format!("{:?}", number.ok_or("a token is a number")?))
}

fn styles(out: &mut String, values: &Table) -> Outcome {
    writeln!(out, "/// Tokens of `[type]`.\npub mod style {{\n    use super::TextStyle;")?;
    for (key, value) in values {
        let list = value.as_array().ok_or("a text style is a list")?;
        let [size, line, weight] = list.as_slice() else { return Err("a text style has three numbers".into()) };
        writeln!(
            out,
            "    /// `{key}`.\n    pub const {}: TextStyle = TextStyle {{ size: {}, line: {}, weight: {} }};",
            key.to_uppercase(),
            number(size)?,
            number(line)?,
            number(weight)?
        )?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

fn shadows(out: &mut String, values: &Table) -> Outcome {
    writeln!(out, "/// Tokens of `[shadow]`, without their colour.\npub mod shadow {{\n    use super::ShadowToken;")?;
    for (key, value) in values {
        let entry = value.as_table().ok_or("a shadow is a table")?;
        let whole = |key: &str| entry.get(key).and_then(Value::as_integer).ok_or("a shadow has whole numbers");
        let offset = entry.get("offset").and_then(Value::as_array).ok_or("a shadow has an offset")?;
        let [x, y] = offset.as_slice() else { return Err("an offset is a pair".into()) };
        writeln!(
            out,
            "    /// `{key}`.\n    pub const {}: ShadowToken = ShadowToken {{ offset: [{x}, {y}], blur: {}, spread: {} }};",
            key.to_uppercase(),
            whole("blur")?,
            whole("spread")?
        )?;
    }
    writeln!(out, "}}")?;
    Ok(())
}
