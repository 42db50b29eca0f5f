/** Writes all pages of the site into a folder. */
export function writePages(folder: string): Promise<void>;
