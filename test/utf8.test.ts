// UTF-8 for hosts without TextDecoder and TextEncoder, held against those of this one.
import { describe, expect, test } from 'vitest';
import { utf8Decoder, utf8Encoder } from '../scripts/build/utf8.mjs';

const TEXTS = ['', 'tensor([1., 2.])', 'naïve µ × −', '€ 日本語', '𝛁 🧮', '\0\x7f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}', 'half \ud800 and \udfff of a pair'];

describe('UTF-8 without the host', () => {
  const [decoder, encoder] = [utf8Decoder(), utf8Encoder()];

  for (const text of TEXTS) {
    test(`encodes and decodes ${JSON.stringify(text)} as the host does`, () => {
      const bytes = new TextEncoder().encode(text);
      expect([...encoder.encode(text)]).toEqual([...bytes]);
      expect(decoder.decode(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    });
  }

  test('writes into memory and says how much', () => {
    const view = new Uint8Array(8);
    expect(encoder.encodeInto('aé€', view)).toEqual({ read: 3, written: 6 });
    expect([...view]).toEqual([97, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0, 0]);
  });

  test('makes replacement characters of what is not UTF-8, and goes on behind it', () => {
    for (const bytes of [[0x80], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff]]) {
      const text = decoder.decode(Uint8Array.from([...bytes, 65]));
      expect(text).toMatch(/^\ufffd+A$/);
    }
    expect(decoder.decode()).toBe('');
  });
});
