//! Escaping: the only way by which text from a run gets into the page.

use crate::report::clean::clean;

/// Text for an element's content or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// JSON for a `<script>` element, where only `</` and `<!` could mean anything to a browser (HTML, 4.12.1.3).
pub(super) fn escaped_json(json: &str) -> String {
    json.replace("</", "<\\/").replace("<!", "\\u003c!")
}

/// The same words in both languages; the style sheet shows the chosen one, and both where nothing can be chosen.
pub(super) fn words(ja: &str, en: &str) -> String {
    if ja == en {
        return format!("<span>{}</span>", escaped(ja));
    }
    format!(
        "<span class=\"w\" lang=\"ja\">{}</span> <span class=\"w\" lang=\"en\">{}</span>",
        escaped(ja),
        escaped(en)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let hostile = "</script><img src=x onerror='a()'>&\"\u{1b}[31m";
        assert_eq!(
            escaped(hostile),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&quot;"
        );
        assert_eq!(
            escaped_json("\"</script><!-- <b>\""),
            "\"<\\/script>\\u003c!-- <b>\""
        );
    }
}
