//! Bytes of storages.

use adjoint_tensor::Storage;

#[test]
fn storages_of_every_size_start_at_a_vector_and_hold_their_bytes() {
    for bytes in [0, 1, 63, 64, 65, 991, 992, 993, 1008, 1009, 4096] {
        let (a, b) = (Storage::zeroed(bytes).unwrap(), Storage::uninit(bytes).unwrap());
        assert_eq!((a.as_ptr() as usize % 16, b.as_ptr() as usize % 16, a.bytes()), (0, 0, bytes));
        // SAFETY: both storages hold this many bytes and nothing else knows them.
        unsafe {
            std::ptr::write_bytes(b.as_ptr(), 7, bytes);
            assert!((0..bytes).all(|i| *a.as_ptr().add(i) == 0 && *b.as_ptr().add(i) == 7), "{bytes} bytes");
        }
    }
}
