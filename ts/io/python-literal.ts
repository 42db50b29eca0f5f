// The header of an array of NumPy: a dict of Python with texts, bools and a tuple of integers.

/** The values by key, or null where the text is nothing of the kind. */
export function parseLiteral(text: string): ReadonlyMap<string, string | boolean | readonly number[]> | null {
  const fields = new Map<string, string | boolean | readonly number[]>();
  const body = /^\s*\{([^]*)\}\s*$/.exec(text)?.[1];
  if (body === undefined) return null;
  const field = /\s*(['"])(\w{1,40})\1\s*:\s*(?:(['"])([^'"\\]*)\3|(True|False)|\(([\d\sL,]*)\))\s*(,|$)/y;
  while (field.lastIndex < body.length) {
    const start = field.lastIndex;
    const match = field.exec(body);
    // A comma may be behind the last one.
    if (match === null) return body.slice(start).trim() === '' ? fields : null;
    const [, , key, , quoted, truth, tuple] = match as unknown as [string, string, string, string, string?, string?, string?];
    const value = quoted ?? (truth === undefined ? sizesOf(tuple!) : truth === 'True');
    if (value === null || fields.has(key)) return null;
    fields.set(key, value);
    if (match[7] === '') break;
  }
  return fields;
}

/** `3, 4`, `3,` or nothing; Python 2 wrote `3L`. */
function sizesOf(text: string): number[] | null {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '' && (parts.length > 1 || text.trim() === '')) parts.pop();
  else if (parts.length === 1) return null;
  return parts.every((part) => /^\d{1,20}L?$/.test(part)) ? parts.map((part) => Number(part.replace('L', ''))) : null;
}
