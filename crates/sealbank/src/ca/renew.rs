//! `sealbank ca renew-issuing`: the next generation of the issuing CA.

use sealbank_ca::{Authority, Generation, RenewalOptions};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::args::RenewArguments;
use super::house::{self, ISSUING_FILE, refused};
use super::{crl, output, root};
use crate::exit::{Exit, Failure};

/// Renews the issuing CA, and makes the lists of all its generations.
pub(super) fn renew(arguments: &RenewArguments) -> Result<Exit, Failure> {
    let root = root::take_out(&arguments.place, &arguments.root)?;
    let now = OffsetDateTime::now_utc();
    let mut authority = house::open(&arguments.place, now)?;
    let mut options = RenewalOptions {
        key: arguments.key,
        ..RenewalOptions::default()
    };
    if let Some(days) = arguments.days {
        options.lifetime = Duration::days(days.into());
    }
    let generation = authority
        .renew_issuing(&root, &options, now)
        .map_err(|error| refused(&error))?;
    let lists = crl::publish(&authority, &arguments.place.dir, now)?;
    tell(arguments, &authority, generation, &lists);
    Ok(Exit::Success)
}

fn tell(
    arguments: &RenewArguments,
    authority: &Authority,
    generation: Generation,
    lists: &[std::path::PathBuf],
) {
    let (issuer, dir) = (authority.issuer(), &arguments.place.dir);
    let until = output::instant(issuer.validity().not_after());
    if arguments.json {
        let made = json!({
            "generation": generation.number(),
            "name": issuer.name().to_string(),
            "key": issuer.public_key().algorithm().name(),
            "not-after": until,
            "certificate": dir.join(ISSUING_FILE),
            "lists": lists,
        });
        anstream::println!("{made:#}");
        return;
    }
    anstream::println!(
        "The issuing CA is renewed: {} ({}), until {until}.",
        issuer.name(),
        issuer.public_key().algorithm()
    );
    let older = generation.number() - 1;
    let lists: Vec<_> = lists
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    anstream::println!("  certificate  {}", dir.join(ISSUING_FILE).display());
    anstream::println!(
        "  before it    {}",
        dir.join(format!("issuing-{older}.pem")).display()
    );
    anstream::println!("  lists        {}", lists.join(", "));
}
