//! Row heights in a Fenwick tree: the height above a row, and the row at a height, in a few steps at any length.

/// The heights of all rows. Sums are kept in 64 bits: 32 would shift rows by whole pixels in long chats.
#[derive(Clone, Debug, Default)]
pub struct Heights {
    heights: Vec<f32>,
    /// `tree[i]` is the sum of the `i & -i` heights that end with row `i`, counted from 1.
    tree: Vec<f64>,
}

impl Heights {
    /// A tree over these heights, in one pass.
    #[must_use]
    pub fn new(heights: Vec<f32>) -> Self {
        let mut tree: Vec<f64> = std::iter::once(0.0).chain(heights.iter().map(|&height| f64::from(height))).collect();
        for index in 1..tree.len() {
            let parent = index + lowest_bit(index);
            let sum = tree.get(index).copied().unwrap_or_default();
            if let Some(above) = tree.get_mut(parent) {
                *above += sum;
            }
        }
        Self { heights, tree }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.heights.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.heights.is_empty()
    }

    /// The height of a row; 0 of one that is not there.
    #[must_use]
    pub fn get(&self, row: usize) -> f32 {
        self.heights.get(row).copied().unwrap_or_default()
    }

    /// Forgets the rows from this one on.
    pub fn truncate(&mut self, rows: usize) {
        self.heights.truncate(rows);
        self.tree.truncate(rows + 1);
    }

    /// Puts a row behind the last one.
    pub fn push(&mut self, height: f32) {
        if self.tree.is_empty() {
            self.tree.push(0.0);
        }
        let index = self.tree.len();
        let mut sum = f64::from(height);
        let mut step = 1;
        while step < lowest_bit(index) {
            sum += self.tree.get(index - step).copied().unwrap_or_default();
            step *= 2;
        }
        self.heights.push(height);
        self.tree.push(sum);
    }

    /// Corrects the height of a row.
    pub fn set(&mut self, row: usize, height: f32) {
        let Some(slot) = self.heights.get_mut(row) else { return };
        let change = f64::from(height) - f64::from(*slot);
        *slot = height;
        let mut index = row + 1;
        while let Some(sum) = self.tree.get_mut(index) {
            *sum += change;
            index += lowest_bit(index);
        }
    }

    /// The height of everything above a row.
    #[must_use]
    pub fn above(&self, row: usize) -> f64 {
        let mut index = row.min(self.len());
        let mut sum = 0.0;
        while index > 0 {
            sum += self.tree.get(index).copied().unwrap_or_default();
            index -= lowest_bit(index);
        }
        sum
    }

    /// The height of everything.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.above(self.len())
    }

    /// The row at a height, and how far into it that is. Beyond the end it is the last row.
    #[must_use]
    pub fn at(&self, height: f64) -> (usize, f64) {
        let mut rest = height.max(0.0);
        let mut index = 0;
        let mut step = self.len().checked_ilog2().map_or(0, |bits| 1 << bits);
        while step > 0 {
            match self.tree.get(index + step) {
                Some(&sum) if sum <= rest => {
                    index += step;
                    rest -= sum;
                }
                Some(_) | None => {}
            }
            step /= 2;
        }
        if index >= self.len() {
            let last = self.len().saturating_sub(1);
            return (last, f64::from(self.get(last)));
        }
        (index, rest)
    }
}

/// A sum of heights as a distance on the screen, where 32 bits are enough.
#[expect(clippy::cast_possible_truncation, reason = "what is lost is far below a pixel at any distance on a screen")]
pub(super) const fn points(sum: f64) -> f32 {
    sum as f32
}

const fn lowest_bit(index: usize) -> usize {
    index & index.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_plain_addition() {
        let plain: Vec<f32> = (0..1000_u16).map(|n| f32::from(n % 37) + 10.0).collect();
        let mut heights = Heights::new(plain.clone());
        let mut sum = 0.0;
        for (row, &height) in plain.iter().enumerate() {
            assert!((heights.above(row) - sum).abs() < 1e-6);
            sum += f64::from(height);
        }
        heights.set(500, 99.0);
        assert!((heights.total() - (sum - f64::from(plain[500]) + 99.0)).abs() < 1e-6);
    }

    #[test]
    fn a_tree_that_lost_and_won_rows_is_that_of_its_rows() {
        let plain: Vec<f32> = (0..300_u16).map(|n| f32::from(n % 23) + 5.0).collect();
        for kept in [0, 1, 7, 8, 255, 256, 299] {
            let mut heights = Heights::new(plain.clone());
            heights.truncate(kept);
            plain[kept..].iter().for_each(|&height| heights.push(height));
            for row in 0..=plain.len() {
                assert!((heights.above(row) - Heights::new(plain.clone()).above(row)).abs() < 1e-6, "{kept}, {row}");
            }
        }
        let mut grown = Heights::default();
        grown.push(4.0);
        assert_eq!((grown.len(), grown.total()), (1, 4.0));
    }

    #[test]
    fn the_row_at_a_height_is_the_one_that_covers_it() {
        let heights = Heights::new(vec![10.0, 20.0, 30.0]);
        assert_eq!(heights.at(0.0), (0, 0.0));
        assert_eq!(heights.at(9.5), (0, 9.5));
        assert_eq!(heights.at(10.0), (1, 0.0));
        assert_eq!(heights.at(59.0), (2, 29.0));
        assert_eq!(heights.at(1000.0), (2, 30.0));
        assert_eq!(Heights::default().at(5.0), (0, 0.0));
    }
}
