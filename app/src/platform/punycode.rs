//! Names of hosts with letters that are not ASCII, as the network knows them
//! ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)). They are shown, not looked up: letters are not mapped.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;

/// A part of a name between dots, in ASCII. One that is too long for it is left out.
pub(super) fn label(label: &str) -> String {
    let label = label.to_lowercase();
    if label.is_ascii() {
        return label;
    }
    encoded(&label).map_or_else(String::new, |code| format!("xn--{code}"))
}

fn encoded(label: &str) -> Option<String> {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let plain = u32::try_from(out.len()).ok()?;
    if plain > 0 {
        out.push('-');
    }
    let (mut code, mut delta, mut bias, mut done) = (FIRST_CODE, 0_u32, FIRST_BIAS, plain);
    let count = u32::try_from(label.chars().count()).ok()?;
    while done < count {
        let next = label.chars().map(u32::from).filter(|c| *c >= code).min()?;
        delta = (next - code).checked_mul(done + 1)?.checked_add(delta)?;
        code = next;
        for c in label.chars().map(u32::from) {
            if c < code {
                delta = delta.checked_add(1)?;
            } else if c == code {
                put(&mut out, delta, bias)?;
                bias = adapted(delta, done + 1, done == plain);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        code += 1;
    }
    Some(out)
}

/// Writes a number in digits of a variable base.
fn put(out: &mut String, delta: u32, bias: u32) -> Option<()> {
    let mut rest = delta;
    let mut k = BASE;
    loop {
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if rest < threshold {
            out.push(digit(rest)?);
            return Some(());
        }
        out.push(digit(threshold + (rest - threshold) % (BASE - threshold))?);
        rest = (rest - threshold) / (BASE - threshold);
        k += BASE;
    }
}

const fn digit(value: u32) -> Option<char> {
    // 0 to 25 are letters, 26 to 35 digits; as letters first, then digits of base 36.
    char::from_digit(if value < 26 { value + 10 } else { value - 26 }, BASE)
}

fn adapted(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_registries_do() {
        for (name, ascii) in [
            ("example", "example"),
            ("Bücher", "xn--bcher-kva"),
            ("аpple", "xn--pple-43d"),
            ("例え", "xn--r8jz45g"),
            ("テスト", "xn--zckzah"),
            ("münchen-ost", "xn--mnchen-ost-9db"),
            ("правда", "xn--80aafi6cg"),
        ] {
            assert_eq!(label(name), ascii);
        }
    }
}
