// profiler: what is counted, nesting, bytes, the timeline, and that it is off when it is off.
import { describe, expect, it } from 'vitest';
import { nn, noGrad, profiler, randn, tensor, type profiler as Profiler } from 'adjoint';

function row(profile: Profiler.Profile, name: string, isBackward = false): Profiler.ProfileRow {
  const found = profile.keyAverages().find((r) => r.name === name && r.isBackward === isBackward);
  if (found === undefined) throw new Error(`no ${name} in\n${profile.table()}`);
  return found;
}

describe('profiler.profile', () => {
  it('counts calls and bytes of operations forward and backward', () => {
    const x = randn([100, 100], { requiresGrad: true });
    const profile = profiler.profile(() => {
      for (let i = 0; i < 3; i++) x.exp().sum().backward();
    });
    expect(row(profile, 'exp')).toMatchObject({ calls: 3, selfBytes: 3 * 40_000 });
    expect(row(profile, 'ExpBackward0', true).calls).toBe(3);
    expect(row(profile, 'backward', true).calls).toBe(3);
    const { time, selfTime } = row(profile, 'backward', true);
    expect(time).toBeGreaterThan(selfTime);
    expect(time).toBeGreaterThanOrEqual(row(profile, 'ExpBackward0', true).time);
    expect(profile.duration).toBeGreaterThan(time);
  });

  it('names in-place operations with their underscore', () => {
    const x = tensor([1, 2, 3]);
    const profile = profiler.profile(() => noGrad(() => x.add_(1)));
    expect(row(profile, 'add_').calls).toBe(1);
  });

  it('sums own times to no more than the time that passed', () => {
    const model = new nn.Linear(50, 50);
    const x = randn([20, 50]);
    const profile = profiler.profile(() => { model.call(x).sum().backward(); });
    const own = profile.keyAverages().reduce((sum, r) => sum + r.selfTime, 0);
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThanOrEqual(profile.duration);
    expect(profile.keyAverages().every((r) => r.selfTime >= 0 && r.time >= r.selfTime - 1e-9)).toBe(true);
  });

  it('sorts by what is asked for and shows a table', () => {
    const x = randn([1000]);
    const profile = profiler.profile(() => {
      for (let i = 0; i < 7; i++) x.exp();
      for (let i = 0; i < 2; i++) x.tanh();
    });
    expect(profile.keyAverages('calls').map(({ name, calls }) => [name, calls])).toEqual([['exp', 7], ['tanh', 2]]);
    const table = profile.table({ sortBy: 'calls', rowLimit: 1 });
    expect(table).toMatch(/^name +pass +calls/);
    expect(table).toMatch(/\nexp +forward +7 /);
    expect(table).toMatch(/\n1 others /);
    expect(table).toMatch(/\noutside of operations /);
  });

  it('keeps the profile of an asynchronous function until its promise settles', async () => {
    const profile = await profiler.profile(async () => {
      await Promise.resolve();
      tensor([1]).exp();
    });
    expect(row(profile, 'exp').calls).toBe(1);
    await expect(profiler.profile(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(profiler.profile(() => undefined).keyAverages()).toEqual([]);
  });

  it('ends when the function throws, and records nothing afterwards', () => {
    expect(() => profiler.profile(() => { throw new Error('mine'); })).toThrow('mine');
    const before = profiler.profile(() => undefined);
    tensor([1]).exp();
    expect(before.keyAverages()).toEqual([]);
    expect(before.events).toEqual([]);
  });

  it('refuses a profile within a profile', () => {
    expect(() => profiler.profile(() => { profiler.profile(() => undefined); })).toThrow(/a profile is running already/);
    expect(() => new profiler.Profile({ maxEvents: -1 })).toThrow(/maxEvents must be an integer of at least 0/);
  });
});

describe('the timeline', () => {
  it('is a Chrome trace whose spans nest', () => {
    const x = randn([10, 10], { requiresGrad: true });
    const profile = profiler.profile(() => { x.mul(x).sum().backward(); });
    const { traceEvents } = JSON.parse(JSON.stringify(profile.chromeTrace())) as Profiler.ChromeTrace;
    expect(traceEvents.length).toBe(profile.events.length);
    for (const e of traceEvents) {
      expect(e).toMatchObject({ ph: 'X', pid: 1, tid: 1 });
      expect(e.ts).toBeGreaterThanOrEqual(0);
      expect(e.dur).toBeGreaterThanOrEqual(0);
    }
    const walk = traceEvents.find((e) => e.name === 'backward')!;
    const inside = traceEvents.filter((e) => e.cat === 'backward' && e !== walk);
    expect(inside.length).toBeGreaterThan(2);
    for (const e of inside) {
      expect(e.ts).toBeGreaterThanOrEqual(walk.ts);
      expect(e.ts + e.dur).toBeLessThanOrEqual(walk.ts + walk.dur + 1e-6);
    }
  });

  it('stops growing at the limit, and says how much is missing', () => {
    const x = tensor([1, 2]);
    const profile = profiler.profile(() => { for (let i = 0; i < 10; i++) x.exp(); }, { maxEvents: 4 });
    expect([profile.events.length, profile.droppedEvents, row(profile, 'exp').calls]).toEqual([4, 6, 10]);
  });
});

describe('profiler.recordFunction', () => {
  it('groups what runs inside, and returns its result', () => {
    const x = randn([100]);
    const profile = profiler.profile(() => {
      const y = profiler.recordFunction('mine', () => x.exp());
      expect(y.shape).toEqual([100]);
    });
    expect(row(profile, 'mine')).toMatchObject({ calls: 1, bytes: 400, selfBytes: 0 });
  });

  it('ends when its function throws, and only runs it without a profile', () => {
    const profile = profiler.profile(() => {
      expect(() => profiler.recordFunction('mine', () => { throw new Error('oops'); })).toThrow('oops');
      tensor([1]).exp();
    });
    expect(row(profile, 'mine')).toMatchObject({ calls: 1, bytes: 0 });
    expect(profiler.recordFunction('outside', () => 3)).toBe(3);
  });
});
