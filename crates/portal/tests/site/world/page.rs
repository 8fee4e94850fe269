//! A page as a tester sees it.

use http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html, Selector};

/// An answer of the bank.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// The screen id.
    pub(crate) fn screen(&self) -> String {
        self.attribute("body", "data-screen").unwrap_or_default()
    }

    /// The codes of all alerts.
    pub(crate) fn codes(&self) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&selector("[role=alert]"))
            .map(|alert| alert.attr("data-code").unwrap_or_default().to_owned())
            .collect()
    }

    /// The labels of all fields that an alert is about.
    pub(crate) fn faulty_fields(&self) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&selector("[role=alert][data-field]"))
            .map(|alert| alert.attr("data-field").unwrap_or_default().to_owned())
            .collect()
    }

    pub(crate) fn attribute(&self, what: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        let found = html.select(&selector(what)).next()?;
        found.attr(name).map(str::to_owned)
    }

    /// The text of the first element that fits.
    pub(crate) fn text(&self, what: &str) -> String {
        let html = Html::parse_document(&self.body);
        let found = html.select(&selector(what)).next();
        found.map_or_else(String::new, |element| element.text().collect())
    }

    /// Where the link with this text leads.
    pub(crate) fn link(&self, text: &str) -> String {
        let html = Html::parse_document(&self.body);
        let found = html
            .select(&selector("a[href]"))
            .find(|link| link.text().collect::<String>() == text);
        let found = found.unwrap_or_else(|| panic!("no link {text} on\n{}", self.body));
        found.attr("href").unwrap_or_default().to_owned()
    }

    /// The hidden fields of the form that posts to `action`.
    pub(crate) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let html = Html::parse_document(&self.body);
        let wanted = selector(&format!("form[action='{action}']"));
        let form: ElementRef<'_> = html
            .select(&wanted)
            .next()
            .unwrap_or_else(|| panic!("no form for {action} on\n{}", self.body));
        form.select(&selector("input[type=hidden]"))
            .map(|input| {
                let text = |name| input.attr(name).unwrap_or_default().to_owned();
                (text("name"), text("value"))
            })
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    pub(crate) fn cookies_set(&self) -> Vec<String> {
        let all = self.headers.get_all("set-cookie").iter();
        all.map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}
