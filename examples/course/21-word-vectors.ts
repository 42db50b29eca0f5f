// 21. Word vectors: words that have the same neighbours come to lie side by side, though nobody
// says what any of them means.
import { cat, manualSeed, multinomial, nn, noGrad, ones, optim, randint, stack, steps, viz, zeros, type Tensor } from 'adjoint';
import { heatMap } from './plots';
import { numbers, show, type Result } from './show';

// Sentences of subject, verb and object, of three kinds that do not mix.
const WORDS = [
  'king', 'queen', 'duke', 'rules', 'visits', 'castle', 'town', 'land',
  'cat', 'dog', 'fox', 'chases', 'eats', 'mouse', 'hen', 'bone',
  'sun', 'rain', 'wind', 'warms', 'cools', 'field', 'hill', 'lake',
];
const KINDS = 3;
const KIND = WORDS.length / KINDS;

/**
 * `count` sentences as ids `[count, 3]`: in each kind three subjects, then two verbs, then three
 * objects.
 */
function sentences(count: number): Tensor {
  const kind = randint(0, KINDS, [count]).mul(KIND);
  return stack([randint(0, 3, [count]).add(kind), randint(3, 5, [count]).add(kind), randint(5, 8, [count]).add(kind)], 1);
}

/** Every word of a sentence with each of the two others: `[6 · count, 2]`. */
function pairs(ids: Tensor): Tensor {
  const [a, b, c] = ids.unbind(1) as [Tensor, Tensor, Tensor];
  const both = (x: Tensor, y: Tensor): Tensor[] => [stack([x, y], 1), stack([y, x], 1)];
  return cat([...both(a, b), ...both(b, c), ...both(a, c)]);
}

export function run(count = 300) {
  manualSeed(21);
  // A word as the one in the middle and as a neighbour are two vectors; the first are what is
  // wanted. They start small, so that what they are in the end comes from neighbours.
  const center = new nn.Embedding(WORDS.length, 16);
  const context = new nn.Embedding(WORDS.length, 16);
  for (const { weight } of [center, context]) nn.init.uniform_(weight, -0.1, 0.1);
  const optimizer = new optim.Adam([...center.parameters(), ...context.parameters()], { lr: 0.01 });

  // Words that are no neighbours are drawn: by how frequent they are, rare ones a little more often
  // than that.
  const corpus = sentences(2000);
  const frequency = zeros([WORDS.length]).indexAdd(0, corpus.flatten(), ones([corpus.numel()])).pow(0.75);

  const loss: number[] = [];
  for (const _ of steps(count)) {
    const near = pairs(corpus.index(randint(0, 2000, [32])));
    const [word, neighbor] = near.unbind(1) as [Tensor, Tensor];
    const strangers = multinomial(frequency, near.size(0) * 4, true).view(near.size(0), 4);
    // A neighbour should have a large product with the word, a stranger a small one.
    const candidates = cat([neighbor.unsqueeze(1), strangers], 1);
    const scores = context(candidates).bmm(center(word).unsqueeze(2)).squeeze(2);
    const isNeighbor = cat([ones([near.size(0), 1]), zeros([near.size(0), 4])], 1);
    const error = nn.functional.binaryCrossEntropyWithLogits(scores, isNeighbor);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    loss.push(error.item());
  }

  const likeness = noGrad(() => {
    const directions = nn.functional.normalize(center.weight, { dim: 1 });
    return directions.matmul(directions.t());
  });
  return { loss, likeness: numbers(likeness) } satisfies Result;
}

export const pictures = ({ loss, likeness }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'Word vectors', xLabel: 'step', yLabel: 'binary cross entropy' }),
  likeness: heatMap(likeness, WORDS, WORDS.map((word) => word.slice(0, 3)), 'Cosines of word vectors'),
});

show(import.meta.url, run, pictures);
