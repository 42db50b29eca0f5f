// The worked examples of the lecture on automatic differentiation, each beside its closed form.
import { pathToFileURL } from 'node:url';
import { chainRules } from './lecture/chain-rules';
import { controlFlow } from './lecture/control-flow';
import { explicitGraph } from './lecture/explicit-graph';
import { leastSquares } from './lecture/least-squares';
import { sums } from './lecture/sums';
import { findingsOf, isClose, shown, type Case } from './lecture/case';

/** All examples, in the lecture's order. */
export const lecture: readonly Case[] = [...chainRules, ...leastSquares, ...sums, ...controlFlow, ...explicitGraph];

/** Prints every example; returns whether all agree with their closed forms. */
export function showLecture(): boolean {
  console.log('\nThe lecture: what is computed beside the closed form');
  let isCorrect = true;
  lecture.forEach((example, i) => {
    console.log(`\n${i + 1}. ${example.title}`);
    for (const line of example.text) console.log(`   ${line}`);
    for (const { what, value, closed, note } of findingsOf(example)) {
      const agrees = isClose(value, closed);
      isCorrect &&= agrees;
      console.log(`   ${what} = ${shown(value)}   closed form ${shown(closed)}   ${agrees ? 'agrees' : 'DIFFERS'}`);
      if (note !== undefined) console.log(note.replace(/^/gm, '     '));
    }
  });
  return isCorrect;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && !showLecture()) process.exitCode = 1;
