//! The bank's rules: deciding a logon with a wrong and a right PIN, beside the raw cost of checking one.

use criterion::{Criterion, criterion_group, criterion_main};
use sealbank_bank::{
    AdminAct, Bank, BankProfile, Command, ContractId, Fingerprint, NewPin, Pin, PinCost, PinHash,
    Rights, SessionId, Settings, Subscriber, UserId,
};
use sealbank_benches::NOW;

fn hash(chosen: &str) -> PinHash {
    let pin = NewPin::parse(chosen, &Settings::default().pin_format)
        .expect("the PIN is of the bank's format");
    PinHash::new(&pin, [7; 16], PinCost::LIGHT).expect("Argon2 runs at its least cost")
}

fn perform(bank: &mut Bank, command: &Command) {
    let decision = bank.decide(command, NOW);
    decision.outcome.expect("the world's commands are accepted");
    for event in &decision.events {
        bank.apply(event).expect("what was decided fits the books");
    }
}

/// A contract with its administrator and `users` users.
fn bank(users: usize) -> (Bank, ContractId) {
    let settings = Settings {
        single_session_per_user: false,
        ..Settings::default()
    };
    let contract = ContractId::parse("99990000001", &settings.contract_id_format)
        .expect("the id is of the bank's format");
    let mut bank = Bank::new(settings, BankProfile::default());
    let session = SessionId(Fingerprint([1; 32]));
    perform(
        &mut bank,
        &Command::OpenContract {
            contract: contract.clone(),
            name: "株式会社サンプル商事".into(),
            pin: hash("Admin0001"),
            confirmation: hash("Kakunin01"),
        },
    );
    perform(
        &mut bank,
        &Command::LogOn {
            subscriber: Subscriber::administrator(contract.clone()),
            pin: Pin::new("Admin0001"),
            session,
        },
    );
    for number in 0..users {
        let act = AdminAct::Register {
            user: user(number),
            name: "試験 太郎".into(),
            rights: Rights::Ordinary,
            pin: hash("Test0001"),
        };
        perform(
            &mut bank,
            &Command::Administer {
                contract: contract.clone(),
                session,
                confirmation: Pin::new("Kakunin01"),
                act,
            },
        );
    }
    (bank, contract)
}

fn user(number: usize) -> UserId {
    UserId::parse(
        &format!("keiri{number:02}"),
        &Settings::default().user_id_format,
    )
    .expect("the id is of the bank's format")
}

fn deciding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    let pin = hash("Test0001");
    group.bench_function("raw-limit", |bencher| {
        bencher.iter(|| pin.verify(&Pin::new("Test0001")));
    });
    for users in [1, 99] {
        let (bank, contract) = bank(users);
        let logon = |typed: &str| Command::LogOn {
            subscriber: Subscriber::user(contract.clone(), user(0)),
            pin: Pin::new(typed),
            session: SessionId(Fingerprint([2; 32])),
        };
        for (name, typed) in [("right-pin", "Test0001"), ("wrong-pin", "Test0002")] {
            let command = logon(typed);
            group.bench_function(format!("{name}/{users}-users"), |bencher| {
                bencher.iter(|| bank.decide(&command, NOW));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, deciding);
criterion_main!(benches);
