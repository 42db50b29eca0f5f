// Types of what code blocks name: under the pointer, at a tap, and by keyboard, where a block that has the focus is gone through by the arrow
// keys. One tip serves the page; the names and their types are in the markup (site/.vitepress/types-on-hover.mts).

const NAME = '[data-type]';
/** How long a pointer may be between a name and its tip, in milliseconds. */
const PATIENCE = 200;

let tip: HTMLElement;
let shown: HTMLElement | null = null;
let leaving: ReturnType<typeof setTimeout> | undefined;

/** The letters that stand for others in attributes. */
const read = (text = ''): string => text.replaceAll('⟨', '<').replaceAll('⟩', '>');

function hide(): void {
  clearTimeout(leaving);
  shown?.classList.remove('named');
  shown = null;
  tip.hidden = true;
}

/** Above the name or, where there is no room, below it; never beyond the window. */
function place(name: HTMLElement): void {
  const { left, top, bottom } = name.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const most = document.documentElement.clientWidth - width - 8;
  const above = top - height - 6;
  tip.style.left = `${Math.max(8, Math.min(left, most)) + scrollX}px`;
  // Below the bar of the page, or it would be covered.
  tip.style.top = `${(above >= 64 ? above : bottom + 6) + scrollY}px`;
}

function show(name: HTMLElement): void {
  clearTimeout(leaving);
  if (shown === name) return;
  shown?.classList.remove('named');
  shown = name;
  name.classList.add('named');
  const code = document.createElement('code');
  code.textContent = read(name.dataset.type);
  tip.replaceChildren(code);
  if (name.dataset.docs !== undefined) tip.append(read(name.dataset.docs));
  tip.hidden = false;
  place(name);
}

const nameAt = (target: EventTarget | null): HTMLElement | null => (target instanceof Element ? target.closest<HTMLElement>(NAME) : null);

function over({ target }: Event): void {
  const name = nameAt(target);
  if (name !== null) return show(name);
  clearTimeout(leaving);
  if (shown !== null && !tip.contains(target as Node)) leaving = setTimeout(hide, PATIENCE);
}

/** From name to name in the block that has the focus. */
function step(event: KeyboardEvent): void {
  if (event.key === 'Escape') return hide();
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const block = document.activeElement;
  if (by === 0 || event.ctrlKey || event.altKey || event.metaKey || !(block instanceof HTMLPreElement)) return;
  const names = [...block.querySelectorAll<HTMLElement>(NAME)];
  if (names.length === 0) return;
  event.preventDefault();
  const at = shown === null ? -1 : names.indexOf(shown);
  const next = names[at < 0 ? (by > 0 ? 0 : names.length - 1) : (at + by + names.length) % names.length]!;
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  show(next);
}

/** A block that the keyboard comes to shows the type of its first name, so that one learns that there are types. */
function arrive({ target }: FocusEvent): void {
  if (!(target instanceof HTMLPreElement) || !target.matches(':focus-visible')) return;
  const first = target.querySelector<HTMLElement>(NAME);
  if (first !== null) show(first);
}

export function showTypes(): void {
  tip = document.createElement('div');
  tip.className = 'type-tip';
  // What has the focus is the block, so the type is read out as news.
  tip.setAttribute('role', 'status');
  hide();
  document.body.append(tip);
  document.addEventListener('pointerover', over);
  document.addEventListener('click', ({ target }) => { if (nameAt(target) === null && !tip.contains(target as Node)) hide(); });
  document.addEventListener('keydown', step);
  document.addEventListener('focusin', arrive);
  document.addEventListener('focusout', ({ target }) => { if (target instanceof HTMLPreElement) hide(); });
  // The place is one in the document; in a block that scrolls sideways the name moves away from it.
  document.addEventListener('scroll', ({ target }) => { if (target !== document && shown !== null) place(shown); }, true);
  addEventListener('resize', hide);
}
