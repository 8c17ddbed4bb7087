//! Columns aligned by the width that a terminal gives each character.

use unicode_width::UnicodeWidthStr as _;

/// Spaces between columns.
const GAP: usize = 2;

/// Rows as lines, indented by one gap, each column as wide as its widest cell.
pub(super) fn lines<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    rows.iter().map(|row| one_line(row, &widths)).collect()
}

fn one_line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(&" ".repeat(GAP));
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_display_width() {
        let rows = [["yoda", "since 09:14"], ["你好", "x"], ["leia-organa", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(lines(&rows), ["  yoda         since 09:14", "  你好         x", "  leia-organa"]);
    }
}
