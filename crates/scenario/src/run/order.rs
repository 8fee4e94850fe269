//! [`Order`]: in which order cases begin.

/// In which order cases begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the files.
    #[default]
    File,
    /// Shuffled, always in the same way with the same seed.
    Random(Seed),
}

/// What a random order is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Order {
    /// The indices of so many cases in this order.
    pub(super) fn of(self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        if let Self::Random(Seed(seed)) = self {
            let mut numbers = SplitMix(seed);
            // Fisher and Yates: each place takes one of those that are not yet placed.
            for place in (1..count).rev() {
                order.swap(place, numbers.below(place + 1));
            }
        }
        order
    }
}

/// `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). It is written out here because a
/// seed has to give the same order with every version of this program.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; how little some are preferred does not matter to an order of cases.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_order_with_every_case_in_it() {
        let order = Order::Random(Seed(7)).of(100);
        assert_eq!(order, Order::Random(Seed(7)).of(100));
        assert_ne!(order, Order::Random(Seed(8)).of(100));
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, Order::File.of(100));
        assert_ne!(order, sorted);
    }

    #[test]
    fn the_generator_is_the_published_one() {
        let mut numbers = SplitMix(1_234_567);
        assert_eq!(numbers.next(), 6_457_827_717_110_365_317);
        assert_eq!(numbers.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn nothing_has_an_order_too() {
        assert_eq!(Order::Random(Seed(1)).of(0), Vec::<usize>::new());
        assert_eq!(Order::Random(Seed(1)).of(1), [0]);
    }
}
