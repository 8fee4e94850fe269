//! Writes the corpora of the benches: `corpus DIR [COUNT]`. COUNT (5,000) requests with P-256 keys,
//! a fifth as many with RSA-2048 keys, both mixed, and P-256 of which one in a hundred is bad.

use std::error::Error;
use std::path::PathBuf;

use sealbank_benches::{Corpus, Recipe};

const SEED: u64 = 20_310_401;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("usage: corpus DIR [COUNT]")?);
    let count: usize = arguments.next().map_or(Ok(5_000), |count| count.parse())?;
    let p256 = Recipe {
        p256: count,
        rsa2048: 0,
        one_bad_in: 0,
        seed: SEED,
    };
    let rsa2048 = Recipe {
        p256: 0,
        rsa2048: count / 5,
        ..p256
    };
    let mixed = Recipe {
        rsa2048: count / 5,
        ..p256
    };
    let bad = Recipe {
        one_bad_in: 100,
        ..p256
    };
    std::fs::create_dir_all(&directory)?;
    for (name, recipe) in [
        ("p256", p256),
        ("rsa2048", rsa2048),
        ("mixed", mixed),
        ("bad", bad),
    ] {
        let bundle = Corpus::new(recipe).bundle();
        std::fs::write(directory.join(format!("{name}.pem")), bundle)?;
    }
    Ok(())
}
