/** The digits that the site brings, compressed. */
export function digitsFile(): Buffer;
