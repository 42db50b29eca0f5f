// Names and numbers as Rust writes them.

export const camel = (name) => name.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
export const float = (v) => (Number.isInteger(v) ? v.toFixed(1) : String(v));
