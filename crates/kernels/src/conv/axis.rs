//! One axis of the copy of an image: which source index each element of the copy holds, and where
//! each weight's elements begin.

/// Neighbouring elements of the copy that hold source indices `start`, `start + step`, …; those
/// from `lo` to `hi` exist, the others are zeros.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub start: isize,
    pub lo: usize,
    pub hi: usize,
}

/// An axis of the copy: segments of one length, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub segments: Vec<Segment>,
    /// Elements of a segment.
    pub len: usize,
    /// Source indices between neighbouring elements.
    pub step: usize,
    /// For each weight, the element that holds what output 0 needs; output i needs the i-th after
    /// it.
    pub taps: Vec<usize>,
}

impl Axis {
    /// The source as it is.
    pub fn whole(extent: usize) -> Self {
        Self { segments: vec![Segment { start: 0, lo: 0, hi: extent }], len: extent, step: 1, taps: Vec::new() }
    }

    /// An axis on which output `i` needs, for each weight, source index `i·step + offset`, for
    /// `count` outputs, read in vectors of `unit`.
    ///
    /// Weights whose offsets agree modulo `step` share a segment. Where that would be larger than a
    /// segment for each weight (a stride or dilation beyond the size of the filter), or where a
    /// vector is longer than a row, each weight gets its own, and zeros behind its last output.
    #[allow(clippy::disallowed_methods, reason = "conv::has_room has asked for it")]
    pub fn new(offsets: &[isize], step: usize, count: usize, unit: usize, extent: usize) -> Self {
        let room = count.next_multiple_of(unit);
        let mut starts: Vec<isize> = Vec::new();
        let mut places: Vec<(usize, usize)> = Vec::new();
        for &offset in offsets {
            let shared = starts.iter().position(|start| (offset - start) % step as isize == 0);
            let segment = shared.unwrap_or(starts.len());
            if shared.is_none() {
                starts.push(offset);
            }
            places.push((segment, (offset - starts[segment]) as usize / step));
        }
        let mut len = room + places.iter().map(|p| p.1).max().unwrap_or(0);
        let mut limit = len;
        if count < unit || len.saturating_mul(starts.len()) > room.saturating_mul(offsets.len()) {
            starts = offsets.to_vec();
            places = (0..offsets.len()).map(|i| (i, 0)).collect();
            (len, limit) = (room, count);
        }
        let exists = |start: isize| {
            let lo = if start < 0 { start.unsigned_abs().div_ceil(step).min(limit) } else { 0 };
            let hi = (extent as isize - start).max(0).unsigned_abs().div_ceil(step).min(limit);
            Segment { start, lo, hi: hi.max(lo) }
        };
        Self {
            segments: starts.into_iter().map(exists).collect(),
            len,
            step,
            taps: places.into_iter().map(|(segment, at)| segment * len + at).collect(),
        }
    }

    /// Elements of the axis.
    pub fn size(&self) -> usize {
        self.segments.len() * self.len
    }
}
