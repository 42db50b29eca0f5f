//! Threads that take ranges of a loop.
//!
//! One loop runs at a time. The thread that has it publishes what to call and opens so many ranges
//! in [`OPEN`]; it and its helpers take one after the other until none is left, so a helper that is
//! slow to start costs nothing: what it has not taken, the others do. A loop inside a loop runs on
//! the thread that meets it.
//!
//! [`OPEN`] holds the number of the loop beside the count of ranges. A helper that was stopped
//! between reading what to call and taking a range finds another number there, or none left, and
//! lets go of what it read.
//!
//! Helpers that find nothing look again for [`SPINS`] turns, which is about a millisecond, and then
//! sleep. The thread that has the loop never sleeps where its host forbids that, which is in the
//! window of a page.
//!
//! Bits do not depend on how many threads there are: what is computed for an index does not depend
//! on how a loop is split (see [`super::for_range`]).

mod sleep;

use super::Grain;
use std::ops::Range;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

/// The number of threads that ends [`serve`].
const ENDED: u32 = 0;

/// Most threads that loops are spread over, the one that has the loop among them.
pub const MOST: u32 = 64;

/// Ranges a thread, so that one that is stopped for a while leaves its part to the others.
const RANGES_A_THREAD: usize = 4;

/// Turns that a helper looks for another loop before it sleeps.
const SPINS: u32 = 400_000;

/// Turns that the thread with the loop waits for the last ranges before it sleeps.
const WAITS: u32 = 20_000;

/// Elementary operations (see [`Grain`]) for which helpers are woken: it takes some microseconds.
const WAKES: usize = 1 << 16;

/// A word in a cache line of its own.
#[repr(align(64))]
struct Line<T>(T);

/// What to call: `unsafe fn(data, from, to)`.
type Call = unsafe fn(*const (), usize, usize);

static CALL: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static DATA: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static SIZE: AtomicUsize = AtomicUsize::new(0);
static EACH: AtomicUsize = AtomicUsize::new(0);

/// The number of the loop in the upper half, in the lower one how many of its ranges are left.
static OPEN: Line<AtomicU64> = Line(AtomicU64::new(0));
/// Ranges of the loop that are not done.
static UNDONE: Line<AtomicU32> = Line(AtomicU32::new(0));
/// How many loops there were; helpers sleep on it.
static LOOPS: Line<AtomicU32> = Line(AtomicU32::new(0));
/// Helpers that are wanted and look for work.
static AWAKE: AtomicU32 = AtomicU32::new(0);
/// Helpers that sleep.
static SLEEPERS: AtomicU32 = AtomicU32::new(0);
/// Whether the thread that has the loop sleeps on [`UNDONE`].
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// Whether a loop is spread over threads now.
static IS_RUNNING: Line<AtomicBool> = Line(AtomicBool::new(false));
/// Threads that loops are spread over.
static THREADS: AtomicU32 = AtomicU32::new(1);
/// Whether the thread that has a loop may sleep.
static MAY_SLEEP: AtomicBool = AtomicBool::new(false);
/// Threads that are being started, which allocate for themselves.
static STARTING: AtomicU32 = AtomicU32::new(0);
/// Ranges that were left in the middle, by a thread that met a bug.
static LOST: AtomicU32 = AtomicU32::new(0);

/// Whether other threads than this one may be at work: what they share is to be locked then.
#[inline(always)]
pub fn is_shared() -> bool {
    IS_RUNNING.0.load(Relaxed) || STARTING.load(Relaxed) != 0
}

/// Threads that loops are spread over; 1 is none but the caller's.
#[inline(always)]
pub fn threads() -> u32 {
    THREADS.load(Relaxed)
}

#[cfg(not(target_arch = "wasm32"))]
thread_local! {
    /// Whether the loops of this thread are spread. In WebAssembly only one thread has loops that
    /// are none of another's; natively every test has.
    static IS_MINE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether loops of the calling thread are to be spread.
#[inline(always)]
fn is_wanted() -> bool {
    #[cfg(not(target_arch = "wasm32"))]
    if !IS_MINE.get() {
        return false;
    }
    threads() > 1
}

/// Spreads loops over `n` threads from now on, those in [`serve`] with an index below `n` and the
/// calling one; `may_sleep` says whether that may sleep.
pub fn set_threads(n: u32, may_sleep: bool) {
    #[cfg(not(target_arch = "wasm32"))]
    IS_MINE.set(true);
    MAY_SLEEP.store(may_sleep, Relaxed);
    THREADS.store(n.clamp(1, MOST), SeqCst);
    // Those that were not wanted may be now.
    LOOPS.0.fetch_add(1, SeqCst);
    sleep::wake(&LOOPS.0);
}

/// Notes that `n` threads are about to start, or with a negative number that they have. Only the
/// thread whose loops are spread may say so of others, and a thread of itself that it has.
pub fn starting(n: i32) {
    STARTING.fetch_add(n as u32, SeqCst);
}

/// Notes that the calling thread left a range in the middle. The thread that has the loop learns
/// of it in place of waiting for ever.
pub fn lost() {
    LOST.fetch_add(1, SeqCst);
    sleep::wake(&UNDONE.0);
}

/// How a loop over `n` pieces is split; none where that does not pay.
#[inline(always)]
fn split(n: usize, grain: Grain) -> Option<(usize, usize)> {
    let least = grain.least();
    if n < 2 * least {
        // Two parts, the second smaller than is worth while, pay where a unit is much work.
        let is_coarse = grain.pieces() * 2 <= grain.unit && n > grain.unit;
        return is_coarse.then_some((grain.unit, n.div_ceil(grain.unit)));
    }
    let most = threads() as usize * RANGES_A_THREAD;
    let each = n.div_ceil((n / least).min(most)).next_multiple_of(grain.unit);
    Some((each, n.div_ceil(each)))
}

/// Runs a loop on all threads; false, and nothing done, where that does not pay or a loop is being
/// run already.
#[inline(always)]
pub(super) fn run<F: Fn(Range<usize>) + Sync>(n: usize, grain: Grain, f: &F) -> bool {
    /// # Safety
    /// `data` points to an `F`.
    unsafe fn call<F: Fn(Range<usize>)>(data: *const (), from: usize, to: usize) {
        // SAFETY: the caller's promise.
        unsafe { (*data.cast::<F>())(from..to) }
    }
    if !is_wanted() {
        return false;
    }
    // SAFETY: the closure outlives the call, which returns when all ranges are done.
    unsafe { spread(n, grain, call::<F>, std::ptr::from_ref(f).cast()) }
}

/// # Safety
/// `call` may be called with `data` for disjoint ranges from any thread until this returns.
#[inline(never)]
unsafe fn spread(n: usize, grain: Grain, call: Call, data: *const ()) -> bool {
    let Some((each, ranges)) = split(n, grain) else { return false };
    let wakes = n.saturating_mul(grain.cost) >= WAKES;
    // Ranges that the caller takes alone cost more than the whole.
    let has_help = wakes || AWAKE.load(Relaxed) > 0;
    if ranges < 2 || !has_help || IS_RUNNING.0.swap(true, Acquire) {
        return false;
    }
    let _end = End;
    CALL.store(call as *mut (), Relaxed);
    DATA.store(data.cast_mut(), Relaxed);
    SIZE.store(n, Relaxed);
    EACH.store(each, Relaxed);
    UNDONE.0.store(ranges as u32, Relaxed);
    let number = LOOPS.0.load(Relaxed).wrapping_add(1);
    OPEN.0.store(u64::from(number) << 32 | ranges as u64, Release);
    LOOPS.0.store(number, SeqCst);
    if wakes && SLEEPERS.load(SeqCst) > 0 {
        sleep::wake(&LOOPS.0);
    }
    take_ranges();
    true
}

/// Ends a loop, also where it panics: nothing of it may be called after [`spread`].
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let left = OPEN.0.fetch_and(!u64::from(u32::MAX), AcqRel) as u32;
        UNDONE.0.fetch_sub(left, AcqRel);
        let mut turns = 0;
        loop {
            let undone = UNDONE.0.load(Acquire);
            if undone == 0 {
                break;
            }
            if LOST.load(Relaxed) >= undone {
                // What a lost thread wrote in part cannot be made whole.
                IS_RUNNING.0.store(false, Release);
                assert!(std::thread::panicking(), "exec: a thread ended in the middle of a loop");
                return;
            }
            turns += 1;
            if turns > WAITS && MAY_SLEEP.load(Relaxed) {
                IS_AWAITED.store(true, SeqCst);
                sleep::wait(&UNDONE.0, undone, 1_000_000);
                IS_AWAITED.store(false, Relaxed);
            } else {
                std::hint::spin_loop();
            }
        }
        IS_RUNNING.0.store(false, Release);
    }
}

/// Counts a range as done, also where it panics.
struct Done;

impl Drop for Done {
    fn drop(&mut self) {
        if UNDONE.0.fetch_sub(1, SeqCst) == 1 && IS_AWAITED.load(SeqCst) {
            sleep::wake(&UNDONE.0);
        }
    }
}

/// Runs ranges of the loop that is open until none is left; whether there was any.
fn take_ranges() -> bool {
    let mut took = false;
    let mut open = OPEN.0.load(Acquire);
    while open as u32 != 0 {
        // Until a range of the loop is taken these may be those of a later one; then they are not
        // used.
        let (call, data) = (CALL.load(Relaxed), DATA.load(Relaxed));
        let (n, each) = (SIZE.load(Relaxed), EACH.load(Relaxed));
        match OPEN.0.compare_exchange_weak(open, open - 1, AcqRel, Acquire) {
            Ok(_) => {
                let _done = Done;
                took = true;
                let from = (open as u32 as usize - 1) * each;
                // SAFETY: `spread` stored a `Call`, and does not return before this range is done.
                let call: Call = unsafe { std::mem::transmute(call) };
                // SAFETY: the range is one of the loop's, and was taken here alone.
                unsafe { call(data, from, (from + each).min(n)) };
            }
            Err(now) => {
                open = now;
                continue;
            }
        }
        open = OPEN.0.load(Acquire);
    }
    took
}

/// Helps with loops as thread `index`, from 1 on: with those that more than `index` threads are
/// wanted for. Never returns but in tests.
pub fn serve(index: u32) {
    let (mut turns, mut is_awake) = (0, false);
    loop {
        // Read before the number of threads: who changes that counts a loop afterwards, so that no
        // change is slept over.
        let seen = LOOPS.0.load(SeqCst);
        let wanted = THREADS.load(SeqCst);
        if wanted == ENDED {
            break;
        }
        let is_wanted = index < wanted;
        if is_wanted && !is_awake {
            AWAKE.fetch_add(1, Relaxed);
            is_awake = true;
        }
        if is_wanted && take_ranges() {
            turns = 0;
        } else if is_wanted && turns < SPINS {
            turns += 1;
            std::hint::spin_loop();
        } else {
            if is_awake {
                AWAKE.fetch_sub(1, Relaxed);
                is_awake = false;
            }
            SLEEPERS.fetch_add(1, SeqCst);
            // It may have come between the last look and the count of sleepers.
            if LOOPS.0.load(SeqCst) == seen {
                sleep::wait(&LOOPS.0, seen, -1);
            }
            SLEEPERS.fetch_sub(1, SeqCst);
            turns = 0;
        }
    }
    if is_awake {
        AWAKE.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests;
