//! Which way a product is computed: a pure function of its shape and strides.

/// The ways to compute a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// C has no elements.
    Empty,
    /// The sum has no terms: `C ← beta · C`.
    Scale,
    /// Matrix with contiguous rows times a vector, or times a few contiguous columns: inner
    /// products, several rows at once.
    Dot,
    /// Matrix with contiguous columns times vector: scaled columns added up, several at once.
    Axpy,
    /// The micro-kernel on A, and where its rows are contiguous on B, as they are stored.
    Direct,
    /// The micro-kernel on blocks copied into panels.
    Packed,
}

/// A path, and whether the product is read as `Cᵀ = Bᵀ · Aᵀ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The way to compute it.
    pub path: Path,
    /// Whether operands change places and every stride pair is exchanged.
    pub transpose: bool,
}

/// Elements of B, rounded up to whole panels, up to which [`Path::Direct`] is used: B then stays in
/// a first-level cache of 32 KB, with space for rows of A.
pub const DIRECT_MAX_B: usize = 6144;

/// Rows of A up to which a B with contiguous rows is read in place, however large: so few do not
/// repay a copy.
pub const DIRECT_MAX_ROWS: usize = 16;

/// Columns up to which a product of contiguous rows and contiguous columns is made of inner
/// products.
pub const DOT_MAX_COLUMNS: usize = 4;

/// Terms of a sum from which on that pays.
pub const DOT_MIN_STEPS: usize = 16;

/// Names the way for a product `[m, k] · [k, n]` with (row, column) strides of A, B and C; `nr` is
/// the width of a tile in columns.
pub fn choose(
    m: usize,
    n: usize,
    k: usize,
    a: (isize, isize),
    b: (isize, isize),
    c: (isize, isize),
    nr: usize,
) -> Plan {
    let plan = |path, transpose| Plan { path, transpose };
    if m == 0 || n == 0 {
        return plan(Path::Empty, false);
    }
    if k == 0 {
        return plan(Path::Scale, false);
    }
    // One column is a matrix-vector product; one row is one, transposed.
    if n == 1 || m == 1 {
        let transpose = n != 1;
        let (rs, cs) = if transpose { (b.1, b.0) } else { a };
        let rows = if transpose { n } else { m };
        return match (rs, cs) {
            (_, 1) => plan(Path::Dot, transpose),
            (1, _) if rows > 1 => plan(Path::Axpy, transpose),
            _ => plan(Path::Packed, transpose),
        };
    }
    // Few columns of long sums: whole vectors of both operands meet, where a tile would be filled
    // up with columns that do not exist.
    if m.min(n) <= DOT_MAX_COLUMNS && k >= DOT_MIN_STEPS && a.1 == 1 && b.0 == 1 {
        return plan(Path::Dot, m < n);
    }
    // Tiles are written along rows of C. When either direction would do, the smaller side is the
    // one to be copied into panels: a B with contiguous columns needs a copy that an A with
    // contiguous rows does not.
    let c_by_rows = c.1 == 1;
    let c_by_cols = c.0 == 1;
    let copies_b = b.1 != 1 && a.1 == 1 && m < n;
    let transpose =
        (c_by_cols && !c_by_rows) || (c_by_rows && copies_b && b.0 == 1 && m.next_multiple_of(nr) * k <= DIRECT_MAX_B);
    let (rows, cols) = if transpose { (n, m) } else { (m, n) };
    let b_by_rows = if transpose { a.0 == 1 } else { b.1 == 1 };
    let small_b = k * cols.next_multiple_of(nr) <= DIRECT_MAX_B;
    let path = if small_b || (b_by_rows && rows <= DIRECT_MAX_ROWS) { Path::Direct } else { Path::Packed };
    plan(path, transpose)
}
