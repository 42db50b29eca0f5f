/** What a changelog says of a version, without its heading; null where it has no dated section that lists something. */
export function sectionOf(changelog: string, version: string): string | null;
/** Why a tag cannot be released; empty where it can. */
export function objections(tag: string, texts: { changelog: string; manifest: string; cargo: string | undefined }): string[];
