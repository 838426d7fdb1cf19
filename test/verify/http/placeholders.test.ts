import { describe, expect, it } from 'vitest';
import { Placeholders } from '../../../src/verify/http/placeholders.ts';
import { randomFrom } from '../../../src/verify/random.ts';

const NOW = Date.UTC(2030, 0, 31, 15, 20);
const make = (seed = 1) => new Placeholders(randomFrom(seed), async name => `the text of ${name}`, NOW);

describe('placeholders', () => {
  it('give a new number, id, day and time to each request', async () => {
    const placeholders = make();
    const body = { n: '{n}', id: '{uuid}', day: '{day}', from: '{time}', to: '{time+30s}', label: 'no. {n}' };
    const [first, second] = [placeholders.next(), placeholders.next()];
    expect(await first.body(body)).toEqual({
      n: 1_000_001,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      day: '2030-02-01',
      from: '2030-02-01T00:00:00.000Z',
      to: '2030-02-01T00:00:30.000Z',
      label: 'no. 1000001',
    });
    expect(await second.body(body)).toMatchObject({
      n: 1_000_002,
      day: '2030-02-02',
      from: '2030-02-01T00:01:00.000Z',
      label: 'no. 1000002',
    });
  });

  it('give the same word the same value within one request, in its path too', async () => {
    const filling = make().next();
    const path = filling.path('/things/{uuid}?at={time}');
    const { id } = (await filling.body({ id: '{uuid}' })) as { id: string };
    expect(path).toBe(`/things/${id}?at=2030-02-01T00%3A00%3A00.000Z`);
  });

  it('put secrets in, and leave what is none as it is', async () => {
    const body = { a: { secret: 'demo' }, b: { secret: 'demo', other: 1 }, c: ['{x}', null, 1.5, true] };
    expect(await make().next().body(body)).toEqual({
      a: 'the text of demo',
      b: { secret: 'demo', other: 1 },
      c: ['{x}', null, 1.5, true],
    });
  });

  it('are the same again with the same seed', () => {
    expect(make(7).next().path('/{uuid}')).toBe(make(7).next().path('/{uuid}'));
    expect(make(7).next().path('/{uuid}')).not.toBe(make(8).next().path('/{uuid}'));
  });
});
