// What is said of a step, for those who read and those who listen.
import type { Trace } from '../../workers/stepper/trace-data';

const bytes = (n: number): string => (n === 1 ? '1 byte' : `${n} bytes`);

const list = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`);

/** How many places there are to stand at: before the first step, after each, and after each step of the backward pass. */
export const lastPlace = ({ steps, backward }: Trace, mode: 'reverse' | 'forward'): number => steps.length + (mode === 'reverse' ? backward.length : 0);

/** The sentence of a place. */
export function sayingOf(trace: Trace, place: number, mode: 'reverse' | 'forward'): string {
  const { steps, values, backward, inputs, isSummed } = trace;
  // What has no name of its own is called after what makes it.
  const named = (value: number): string => {
    const maker = steps.find(({ makes }) => makes.includes(value));
    return maker === undefined ? values[value]!.name : `the result of ${maker.label}`;
  };
  if (place === 0) return `Before the first step. Given: ${list(inputs.map((value) => `${named(value)} = ${values[value]!.text}`))}.`;
  if (place <= steps.length) {
    const { label, reads, makes, keeps, isDetached } = steps[place - 1]!;
    const { text, tangent } = values[makes[0]!]!;
    const whole = `${label} of ${list(reads.map(({ value }) => values[value]!.text))} is ${text}.`;
    if (mode === 'forward') return `${whole} ${tangent === null ? 'It does not change with the element that is moved.' : `It changes by ${tangent} for each 1 the element is moved.`}`;
    const noted = isDetached ? 'It is detached: nothing will flow back.' : keeps > 0 ? `The tape keeps ${bytes(keeps)} of this step.` : 'The tape keeps no numbers of this step.';
    return `${whole} ${noted}`;
  }
  const { label, reads, makes } = steps[backward[place - steps.length - 1]!]!;
  const arrived = values[makes[0]!]!.gradient ?? '0';
  const sent = reads.filter(({ gradient }) => gradient !== null).map(({ value, gradient }) => `${gradient!} to ${named(value)}`);
  const begun = place === steps.length + 1 && isSummed ? 'The result has several elements, so their sum is what is differentiated. ' : '';
  return `${begun}Back through ${label}: ${arrived} arrived, and it sends ${list(sent)}.`;
}
