use super::super::{Grain, Part, Shared, for_range};
use super::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// There is one pool.
static ALONE: Mutex<()> = Mutex::new(());

struct Helpers(Vec<JoinHandle<()>>, #[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

fn start(n: u32) -> Helpers {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    set_threads(n, true);
    Helpers((1..n).map(|index| std::thread::spawn(move || serve(index))).collect(), alone)
}

impl Drop for Helpers {
    fn drop(&mut self) {
        THREADS.store(ENDED, SeqCst);
        LOOPS.0.fetch_add(1, SeqCst);
        for helper in self.0.drain(..) {
            assert!(helper.join().is_ok());
        }
    }
}

#[test]
fn every_piece_is_done_once_by_any_number_of_threads() {
    for threads in 1..=4 {
        let _helpers = start(threads);
        for round in 0..2000 {
            let n = 1 + round * 37 % 5000;
            let unit = 1 + round % 9;
            let mut y = vec![0u32; n];
            let out = Part::new(&mut y);
            for_range(n, Grain::of(1 + round % 100).in_units(unit), &out, |range| {
                assert!(range.start.is_multiple_of(unit));
                // SAFETY: ranges are disjoint.
                unsafe { out.slice(range.clone()) }.iter_mut().zip(range).for_each(|(y, i)| *y += i as u32 + 1);
            });
            assert!(y.iter().zip(1..).all(|(&y, i)| y == i), "{threads} threads, round {round}");
        }
    }
}

#[test]
fn several_threads_take_part() {
    let _helpers = start(2);
    let waits = AtomicU32::new(0);
    let met = (0..1000).any(|_| {
        waits.store(0, SeqCst);
        let mut met = [false; 2];
        let out = Part::new(&mut met);
        for_range(2, Grain::of(1 << 20), &out, |range| {
            waits.fetch_add(1, SeqCst);
            let start = std::time::Instant::now();
            while waits.load(SeqCst) < 2 && start.elapsed().as_millis() < 20 {
                std::hint::spin_loop();
            }
            // SAFETY: ranges are disjoint.
            unsafe { out.slice(range) }.fill(waits.load(SeqCst) == 2);
        });
        met[0] && met[1]
    });
    assert!(met, "two ranges never ran at the same time");
}

#[test]
fn a_loop_in_a_loop_runs_where_it_is_met() {
    let _helpers = start(3);
    let mut y = vec![0usize; 64 * 64];
    let pointer = y.as_mut_ptr();
    // SAFETY: a range writes its own elements.
    let shared = unsafe { Shared::new(pointer) };
    for_range(64, Grain::of(10_000), &(), |rows| {
        for row in rows {
            for_range(64, Grain::of(10_000), &(), |cols| {
                for col in cols {
                    // SAFETY: inside `y`, and of this range alone.
                    unsafe { *shared.get().add(row * 64 + col) += row * 64 + col };
                }
            });
        }
    });
    assert!(y.iter().enumerate().all(|(i, &y)| y == i));
    assert!(!is_shared());
}

#[test]
fn a_loop_that_panics_lets_the_next_one_run() {
    let _helpers = start(2);
    let here = std::thread::current().id();
    let mut panicked = false;
    for _ in 0..50 {
        let result = std::panic::catch_unwind(|| {
            for_range(100, Grain::of(10_000), &(), |_| assert!(std::thread::current().id() != here, "on purpose"));
        });
        panicked |= result.is_err();
    }
    assert!(panicked);
    let count = AtomicU32::new(0);
    let counts = run(100, Grain::of(10_000), &|range: Range<usize>| {
        count.fetch_add(range.len() as u32, SeqCst);
    });
    assert_eq!((counts, count.load(SeqCst)), (true, 100));
}

#[test]
fn a_range_that_is_never_finished_is_noticed() {
    let _helpers = start(2);
    IS_RUNNING.0.store(true, SeqCst);
    UNDONE.0.store(1, SeqCst);
    lost();
    let end = std::panic::catch_unwind(|| drop(End));
    LOST.store(0, SeqCst);
    let text = *end.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(text, "exec: a thread ended in the middle of a loop");
}
