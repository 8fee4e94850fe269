//! What differs from run to run, masked: durations, rates, ports, serials and digests, times, which cases are slow.

/// `text` without them, and without blank lines at its end.
pub(crate) fn masked(text: &str) -> String {
    // A case that is slow on a busy machine is none on another.
    let lines = text.trim_end().lines();
    let lines = lines.filter(|line| !line.starts_with("slow ")).map(|line| {
        let line = masked_after(line, " in ", " s");
        let line = masked_after(&line, " s, ", "/s");
        let line = masked_after(&line, ", ", " certificates/s");
        let line = masked_after(&line, "localhost:", "");
        let line = masked_after(&line, "127.0.0.1:", "");
        line.split_inclusive(' ')
            .map(masked_word)
            .collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every number between `before` and `after` becomes `#`.
fn masked_after(line: &str, before: &str, after: &str) -> String {
    let mut parts = line.split(before);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = rest.len() < part.len() && rest.starts_with(after);
        masked.push_str(before);
        masked.push_str(if number { "#" } else { "" });
        masked.push_str(if number { rest } else { part });
    }
    masked
}

/// A serial or digest in hexadecimal, and a time in RFC 3339, become `#`, wherever in the word they stand.
fn masked_word(word: &str) -> String {
    let stamp = |text: &str| {
        text.len() == 20
            && text.ends_with('Z')
            && text[..19]
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:T".contains(&byte))
    };
    let hexadecimal =
        |text: &str| text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut masked = String::new();
    for part in word.split_inclusive(['/', '"', '.', ',', ';', ' ', '\n']) {
        let bare = part.trim_end_matches(['/', '"', '.', ',', ';', ' ', '\n']);
        if stamp(bare) || hexadecimal(bare) {
            masked.push('#');
            masked.push_str(&part[bare.len()..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}

#[test]
fn only_what_differs_from_run_to_run_is_masked() {
    assert_eq!(masked("216 passed in 18.1 s\n\n"), "216 passed in # s");
    assert_eq!(masked("9 signed in 0.1 s, 90/s"), "9 signed in # s, #/s");
    assert_eq!(
        masked("at https://localhost:8443/x and 127.0.0.1:1"),
        "at https://localhost:#/x and 127.0.0.1:#"
    );
    assert_eq!(masked("1 case in 3 files"), "1 case in 3 files");
    assert_eq!(
        masked("2 cases\nslow  9 ms  a/b\nslowly"),
        "2 cases\nslowly"
    );
    assert_eq!(
        masked("audited in 0.1 s, 79 certificates/s"),
        "audited in # s, # certificates/s"
    );
    let serial = "78e1a5d2e6351248ec8c6c79c8631b0f";
    assert_eq!(
        masked(&format!("issued/{serial}.pem  until 2026-11-23T00:50:31Z")),
        "issued/#.pem  until #"
    );
    assert_eq!(masked("契約法人ID 99990000001"), "契約法人ID 99990000001");
}
