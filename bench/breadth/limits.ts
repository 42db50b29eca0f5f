// What stands in the way where a case is above its goal, by case and pass; a text without a pass is for both.

/** The part of a copy, or of the peak of multiply-adds, from which on a case counts as at its limit. */
export const AT_COPY = 0.8;
export const AT_PEAK = 0.7;

export const LIMITED_BY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['casts/float16', 'casts/transposed'].map((id) => [`${id}:forward`, 'WebAssembly has no instruction for half floats, x86 has one a vector (0017)']),
  ),
};
