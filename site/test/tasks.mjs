// What a newcomer does on the site, as programs: each opens a page, does it, and says by an assertion whether it worked.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSmallMiniLM } from './small-minilm.mjs';

const text = (page, selector) => page.$eval(selector, (element) => element.innerText);
const PATIENCE = { timeout: 60_000 };

/** Waits until the text of `selector` satisfies a pattern; returns it. */
async function reads(page, selector, pattern) {
  await page.waitForFunction((at, source) => new RegExp(source).test(document.querySelector(at)?.innerText ?? ''), PATIENCE, selector, pattern.source);
  return text(page, selector);
}

/** Clicks the button of that name within an element. */
const press = (page, name, within = 'main') => page.locator(`${within} ::-p-aria(${name}[role="button"])`).setTimeout(60_000).click();

/** Selects all of where the focus is and types over it; WebDriver BiDi types single characters only, so the text is put in as pasted. */
async function typeOver(page, words) {
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.evaluate((pasted) => document.execCommand('insertText', false, pasted), words);
}

/** Puts another program into the editor. */
async function write(page, program) {
  await page.waitForSelector('.cm-content', PATIENCE);
  await page.click('.cm-content');
  await typeOver(page, program);
}

async function search(page, words) {
  await page.locator('.VPNavBarSearch button').setTimeout(60_000).click();
  await page.waitForSelector('#localsearch-input', PATIENCE);
  await page.type('#localsearch-input', words);
  await page.waitForSelector('.VPLocalSearchBox .results a', PATIENCE);
  return page.$$eval('.VPLocalSearchBox .results a', (links) => links.map((link) => link.getAttribute('href')));
}

/** Draws a line from top to bottom on the canvas of the digits. */
async function drawOne(page) {
  const canvas = await page.waitForSelector('.drawing canvas', PATIENCE);
  await canvas.scrollIntoView();
  const { x, y, width, height } = await canvas.boundingBox();
  await page.mouse.move(x + width / 2, y + height * 0.15);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height * 0.85, { steps: 10 });
  await page.mouse.up();
}

/** Does something to a name in a block of code and sees its type, of the built declarations, within the window. */
async function seesType(page, point) {
  await page.waitForSelector('.type-tip', { hidden: true, ...PATIENCE });
  const name = await page.$('main [data-type*="MSELoss"]');
  await name.scrollIntoView();
  await point(name);
  assert.match(await reads(page, '.type-tip', /lossFunction/), /^const lossFunction: MSELoss/);
  const [tip, window] = await page.$eval('.type-tip', (element) => [element.getBoundingClientRect().toJSON(), document.documentElement.clientWidth]);
  assert.ok(tip.left >= 0 && tip.right <= window && tip.top >= 0, JSON.stringify(tip));
}

const steps = async (page) => Number(await text(page, '.figures dd'));

/** Name, page, and what is done there. */
export const TASKS = [
  ['see what this is', '', async (page) => { await reads(page, '[role=main]', /Automatic\s+differentiation/); }],
  ['get from the home page to the lecture', '', async (page) => {
    await page.locator('::-p-aria(Learn[role="link"])').click();
    await reads(page, 'h1', /The lecture/);
  }],
  ["find an operation by PyTorch's name", '', async (page) => assert.ok((await search(page, 'cross_entropy')).some((link) => link.includes('crossentropy')))],
  ['find it by its name here', '', async (page) => assert.ok((await search(page, 'crossEntropy')).some((link) => link.includes('crossentropy')))],
  ['find how to keep a tensor', '', async (page) => assert.ok((await search(page, 'keep a tensor')).some((link) => link.includes('memory')))],
  ['find a module and a schedule', '', async (page) => {
    assert.ok((await search(page, 'Conv2d')).some((link) => link.includes('modules') && link.includes('conv2d')));
    await page.$eval('#localsearch-input', (input) => { input.value = ''; input.dispatchEvent(new Event('input')); });
    await page.type('#localsearch-input', 'StepLR');
    await page.waitForFunction(() => [...document.querySelectorAll('.VPLocalSearchBox .results a')].some((link) => link.getAttribute('href').includes('optimizers')), PATIENCE);
  }],
  ['see what a module takes', 'docs/modules.html', async (page) => {
    const section = await page.$eval('#linear', (heading) => {
      let [all, at] = ['', heading.nextElementSibling];
      for (; at !== null && at.tagName !== 'H2'; at = at.nextElementSibling) all += `${at.innerText}\n`;
      return all;
    });
    for (const part of [/new nn\.Linear\(inFeatures, outFeatures, bias = true/, /weight \[outFeatures, inFeatures\]/, /torch\.nn\.Linear/, /ts\/nn\/linear\.ts/]) assert.match(section, part);
  }],
  ['see errors, accuracy and source of an operation', 'docs/ops/elementwise.html', async (page) => {
    const main = await text(page, 'main');
    assert.match(main, /torch\.Tensor\.tanh[^]*?Accuracy: float32 within 3 ULP[^]*?crates\/ops\/src\/elementwise\/tanh\.rs/);
  }],
  ['see the type of a name under the pointer', 'docs/memory.html', async (page) => {
    await seesType(page, (name) => name.hover());
    await page.hover('h1');
    await page.waitForSelector('.type-tip', { hidden: true, ...PATIENCE });
    // Once more, for the picture.
    await seesType(page, (name) => name.hover());
  }],
  ['see the type of a name on a phone', 'docs/memory.html', async (page) => {
    await seesType(page, (name) => name.click());
    await page.click('h1');
    await page.waitForSelector('.type-tip', { hidden: true, ...PATIENCE });
    await seesType(page, (name) => name.click());
  }, { width: 390 }],
  ['see types by keyboard', 'docs/memory.html', async (page) => {
    await page.waitForSelector('.type-tip', { hidden: true, ...PATIENCE });
    const says = () => page.$eval('.type-tip', (element) => (element.hidden ? '' : element.textContent));
    await page.focus('main pre:has([data-type])');
    await page.keyboard.press('ArrowRight');
    const first = await says();
    assert.match(first, /\w/);
    await page.keyboard.press('ArrowRight');
    const second = await says();
    assert.notEqual(second, first);
    await page.keyboard.press('ArrowLeft');
    assert.equal(await says(), first);
    assert.equal(await page.$eval('.type-tip', (element) => element.getAttribute('role')), 'status');
    await page.keyboard.press('Escape');
    assert.equal(await says(), '');
  }],
  ['read what differs from PyTorch', 'docs/from-pytorch.html', async (page) => assert.match(await text(page, 'main'), /setitem/)],
  ['run the first program', 'try/index.html', async (page) => {
    await press(page, 'Run');
    assert.match(await reads(page, '.program-output', /150 /), /tensor/);
    await page.waitForSelector('.program-picture svg', PATIENCE);
  }],
  ['change a program and run it', 'try/index.html', async (page) => {
    await write(page, "import { tensor } from 'adjoint'; const x = tensor([3], { requiresGrad: true }); x.square().sum().backward(); console.log(String(x.grad));");
    await press(page, 'Run');
    assert.match(await reads(page, '.program-output', /tensor/), /tensor\(\[6\.\]\)/);
  }],
  ['see what is wrong with a program', 'try/index.html', async (page) => {
    await write(page, "import { ones } from 'adjoint'; ones([2]).matmul(ones([3]));");
    await press(page, 'Run');
    assert.match(await reads(page, '.program-output', /Error/), /ShapeError.*\b2\b.*\b3\b/s);
  }],
  ['see that a program does not parse', 'try/index.html', async (page) => {
    await write(page, 'const = 3;');
    await press(page, 'Run');
    await reads(page, '.program-output', /SyntaxError/);
  }],
  ['stop a program that does not end', 'try/index.html', async (page) => {
    await write(page, "console.log('begun'); for (;;) {}");
    await press(page, 'Run');
    await reads(page, '.program-output', /begun/);
    await press(page, 'Stop');
    await page.waitForFunction(() => !document.querySelector('.program [role=status]').innerText.includes('running'), PATIENCE);
  }],
  ['have a program as it was', 'try/index.html', async (page) => {
    await write(page, 'changed');
    await press(page, 'As it was');
    assert.match(await text(page, '.cm-content'), /manualSeed/);
  }],
  ['run a program by keyboard alone', 'try/index.html', async (page) => {
    await page.waitForSelector('.program button.primary:not(:disabled)', PATIENCE);
    await page.focus('.program button.primary');
    await page.keyboard.press('Enter');
    await reads(page, '.program-output', /tensor/);
  }],
  ['see a graph drawn', 'learn/index.html', async (page) => {
    await page.waitForFunction(() => document.querySelectorAll('.program button.primary:not(:disabled)').length === 3, PATIENCE);
    await (await page.$$('.program button.primary'))[1].click();
    await page.waitForSelector('.program-picture svg', PATIENCE);
    assert.match(await page.$eval('.program-picture', (figure) => figure.textContent), /square/);
  }],
  ['step through a formula and back', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before the first step/);
    for (let i = 0; i < 4; i++) await press(page, 'Step');
    assert.match(await reads(page, '.stepper-saying', /square/), /is 20\.25/);
    await press(page, 'Step');
    assert.match(await reads(page, '.stepper-saying', /Back through square/), /-9/);
    assert.match(await page.$eval('.stepper-graph .gradient', (label) => label.textContent), /↑/);
  }],
  ['step by arrow keys', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    await page.focus('.stepper-bar input[type=range]');
    await page.keyboard.press('ArrowRight');
    await reads(page, '.stepper-saying', /^mul/);
    await page.keyboard.press('End');
    await reads(page, '.stepper-saying', /Back through mul/);
    await page.keyboard.press('Home');
    await reads(page, '.stepper-saying', /Before/);
  }],
  ['type a formula and change an input', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    await page.focus('.stepper-formula textarea');
    await typeOver(page, 'w.exp().sum()');
    await page.waitForFunction(() => /exp/.test(document.querySelector('.stepper-graph svg')?.textContent ?? ''), PATIENCE);
    await page.locator('.stepper-inputs ::-p-aria(value of w)').fill('[0, 0, 0]');
    await page.focus('.stepper-bar input[type=range]');
    await page.waitForFunction(() => document.querySelector('.stepper-graph svg').textContent.includes('[3]'), PATIENCE);
    for (let i = 0; i < 2; i++) await press(page, 'Step');
    await reads(page, '.stepper-saying', /is 3\./);
  }],
  ['see gradients add up', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    const becomes = (text) => reads(page, '.stepper-grads', text);
    await becomes(/w\.grad = null/);
    await press(page, 'Call backward\\(\\)');
    await becomes(/w\.grad = \[-9,-18\]/);
    await page.locator('main ::-p-aria(set gradients to zero before each pass)').click();
    await press(page, 'Call backward\\(\\)');
    await becomes(/w\.grad = \[-18,-36\]/);
  }],
  ['detach a value', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    await press(page, 'Step');
    await press(page, 'Detach this value');
    await reads(page, '.stepper-saying', /detached: nothing will flow back/);
  }],
  ['compare forward mode', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    await page.select('.stepper .choices label:nth-child(2) select', 'forward');
    await press(page, 'Step');
    await reads(page, '.stepper-saying', /for each 1 the element is moved/);
    await page.waitForSelector('.stepper-graph .tangent', PATIENCE);
  }],
  ['compare both modes beside each other, for matrices', 'learn/steps.html', async (page) => {
    await reads(page, '.stepper-saying', /Before/);
    const [{ value: matrices }] = await page.$$eval('.stepper .choices label:nth-child(1) option', (all) => all.filter(({ textContent }) => textContent.includes('matrices')).map(({ value }) => ({ value })));
    await page.select('.stepper .choices label:nth-child(1) select', matrices);
    await reads(page, '.stepper-graph', /matmul/);
    await page.select('.stepper .choices label:nth-child(2) select', 'beside');
    await page.focus('.stepper-bar input[type=range]');
    await page.keyboard.press('End');
    await reads(page, '.stepper-saying', /Back through matmul/);
    await page.waitForSelector('.stepper-beside .gradient', PATIENCE);
    await page.waitForSelector('.stepper-beside .tangent', PATIENCE);
    assert.match(await page.$eval('.stepper-beside', (graphs) => graphs.textContent), /\[2, 3\]/);
  }],
  ['run a chapter of the course', 'course/02-linear-regression.html', async (page) => {
    await press(page, 'Run');
    await reads(page, '.program [role=status]', / s$/);
    await page.waitForSelector('.program-picture svg', PATIENCE);
  }],
  ['run a chapter with digits', 'course/03-softmax-regression.html', async (page) => {
    await press(page, 'Run');
    assert.match(await reads(page, '.program-output', /loss/), /test/);
  }],
  ['train, stop and go on', 'try/digits.html', async (page) => {
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.figures dd').innerText) > 20, PATIENCE);
    await press(page, 'Stop');
    await page.waitForSelector('.tiles img', PATIENCE);
    const stopped = await steps(page);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await steps(page), stopped);
    await press(page, 'Go on');
    await page.waitForFunction((from) => Number(document.querySelector('.figures dd').innerText) > from, PATIENCE, stopped);
  }],
  ['draw a digit and see it read', 'try/digits.html', async (page) => {
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.figures dd').innerText) > 100, PATIENCE);
    await drawOne(page);
    await page.waitForSelector('.bars .best', PATIENCE);
    assert.match(await text(page, '.bars .best'), /^1\b/);
  }],
  ['see what forbids threads and the graphics card', 'try/digits.html', async (page) => {
    // As at a first visit, before there is a service worker.
    await page.evaluate(async () => { for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister(); });
    await page.reload({ waitUntil: 'load' });
    const why = await reads(page, '.digits-why', /Computes on one thread/);
    assert.match(why, /Threads: this page came without the headers/);
    assert.equal(await page.$eval('.digits .choices select', (select) => select.disabled), true);
    const [card, says] = [await page.$eval('.digits .choices label:nth-child(2) select', (select) => select.disabled), why.includes('Graphics card: ')];
    assert.equal(says, card, 'what forbids the graphics card is said where it is forbidden');
    // The way to have them is offered once the worker is there.
    await page.waitForSelector('.digits-why button', { timeout: 120_000 });
  }],
  ['train on two threads, and on one again', 'try/digits.html', async (page) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await page.reload({ waitUntil: 'load' });
    await page.waitForSelector('.digits .choices select:not(:disabled)', PATIENCE);
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.figures dd').innerText) > 20, PATIENCE);
    const before = await steps(page);
    await page.select('.digits .choices select', '2');
    await reads(page, '.digits-why', /Computes on 2 threads/);
    const after = await steps(page);
    assert.ok(after >= before, 'the training goes on');
    await page.waitForFunction((from) => Number(document.querySelector('.figures dd').innerText) > from + 20, PATIENCE, after);
    await page.select('.digits .choices select', '1');
    await reads(page, '.digits-why', /Computes on one thread/);
    await page.waitForFunction((from) => Number(document.querySelector('.figures dd').innerText) > from + 40, PATIENCE, after);
  }],
  ['train on the graphics card where there is one', 'try/digits.html', async (page) => {
    const why = await reads(page, '.digits-why', /Computes on/);
    if (await page.$eval('.digits .choices label:nth-child(2) select', (select) => select.disabled)) return assert.match(why, /Graphics card: .{10}/);
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.figures dd').innerText) > 20, PATIENCE);
    await page.select('.digits .choices label:nth-child(2) select', 'true');
    await reads(page, '.digits-why', /Computes on the graphics card \(/);
    const from = await steps(page);
    await page.waitForFunction((at) => Number(document.querySelector('.figures dd').innerText) > at + 200, { timeout: 120_000 }, from);
    await drawOne(page);
    await page.waitForSelector('.bars .best', PATIENCE);
    assert.match(await text(page, '.bars .best'), /^1\b/);
    await page.select('.digits .choices label:nth-child(2) select', 'false');
    await reads(page, '.digits-why', /Computes on one thread/);
    assert.equal(await page.$('.digits-failed'), null);
  }],
  ['begin the training again', 'try/digits.html', async (page) => {
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.figures dd').innerText) > 5, PATIENCE);
    await press(page, 'From the start');
    await page.waitForFunction(() => document.querySelector('.figures dd').innerText === '0', PATIENCE);
  }],
  ['choose a network and watch it divide the plane', 'try/spirals.html', async (page) => {
    await page.waitForSelector('.choices select', PATIENCE);
    await page.select('.choices select', 'silu');
    await press(page, 'Train');
    const said = await reads(page, '.spirals [role=status]', /step 2000/);
    assert.ok(Number(/([\d.]+) %/.exec(said)[1]) > 95, said);
  }],
  ['see the loss landscape', 'try/spirals.html', async (page) => {
    await press(page, 'Train');
    await reads(page, '.spirals [role=status]', /step \d{3,}/);
    await press(page, 'Show the loss landscape');
    const [, here, least, most] = /loss is ([\d.]+) at.*from ([\d.]+) to (\d+\.\d+)/.exec(await reads(page, '.landscape-said', /loss is/));
    assert.ok(Number(least) <= Number(here) && Number(here) < Number(most), `${least} ${here} ${most}`);
  }],
  ['let a network write', 'try/writer.html', async (page) => {
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelector('.writer-step').innerText) > 10, PATIENCE);
    await press(page, 'Stop');
    assert.ok((await reads(page, '.writer-sample blockquote', /.{20}/)).length > 100);
  }],
  ['let it learn a text of your own', 'try/writer.html', async (page) => {
    await page.waitForFunction(() => document.querySelector('.writer textarea')?.value.length > 1000, PATIENCE);
    await page.$eval('.writer textarea', (area) => { area.value = 'abcdefgh '.repeat(40); area.dispatchEvent(new Event('input')); });
    await press(page, 'Begin with this text');
    await page.waitForFunction(() => document.querySelector('.figures dd').innerText === '9', PATIENCE);
    await press(page, 'Train');
    await page.waitForFunction(() => Number(document.querySelectorAll('.figures dd')[3].innerText) < 1, PATIENCE);
  }],
  ['see where the time of a step goes', 'try/inside.html', async (page) => {
    await press(page, 'Train');
    assert.match(await reads(page, '.inside-table', /backward/), /linear/i);
    await page.select('.inside .choices label:nth-child(2) select', 'bytes');
    assert.match(await reads(page, '.inside .figures', /MB/), /alive/);
    await press(page, 'Stop');
  }],
  ['measure and copy the table', 'try/measure.html', async (page) => {
    for (const name of ['softmax', 'train.digits']) await (await page.waitForSelector(`.measure-choice input[value="${name}"]`, PATIENCE)).click();
    await press(page, 'Measure');
    await page.waitForFunction(() => document.querySelector('.measure-status').innerText === 'done', { timeout: 120_000 });
    const cells = await page.$$eval('.measure-table td', (all) => all.map((cell) => cell.innerText));
    assert.equal(cells.length, 5, 'one workload was chosen');
    const said = await text(page, '.measure ul');
    assert.ok(!said.includes('could not start'), said);
    for (const i of [0, 1, 3]) assert.match(cells[i], /^[\d.]+ (ms|µs)$/, cells.join(' | '));
    for (const i of [2, 4]) assert.match(cells[i], /^[\d.]+ \([\d.]+–[\d.]+\)$/, cells.join(' | '));
    await press(page, 'Copy the table');
    await reads(page, '.measure-status', /copied|by hand/);
  }],
  ['search by meaning with files of your own', 'try/search.html', async (page) => {
    const { weights, vocabulary } = writeSmallMiniLM(mkdtempSync(join(tmpdir(), 'adjoint-site-')));
    await page.waitForSelector('.meaning input[type=file]', PATIENCE);
    const [first, second] = await page.$$('.meaning input[type=file]');
    await first.uploadFile(weights);
    await second.uploadFile(vocabulary);
    await press(page, 'Read the guides');
    await reads(page, '.meaning-status', /passages in/);
    await press(page, 'Search');
    await reads(page, '.meaning-status', /found in/);
    assert.equal((await page.$$('.meaning-found li')).length, 5);
  }],
];
