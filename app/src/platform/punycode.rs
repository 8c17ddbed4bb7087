//! Names of hosts with letters that are not ASCII, as the network knows them
//! ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)). They are shown, not looked up: letters are not mapped.

/// A part of a name between dots, in ASCII. One that is too long for it is left out.
pub(super) fn label(label: &str) -> String {
    let label = label.to_lowercase();
    if label.is_ascii() {
        return label;
    }
    idna::punycode::encode_str(&label).map_or_else(String::new, |code| format!("xn--{code}"))
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
