/** The instruments that the lab has. */
import type { Queries } from '#kit/database';

export interface Instrument {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
}

export interface InstrumentStore {
  /** Instruments after the id `after`, ordered by id; with `kind`, those of that kind. */
  list(search: { kind?: string; limit: number; after?: string }): Promise<Instrument[]>;
  find(id: string): Promise<Instrument | undefined>;
}

export function createInstrumentStore(database: Queries): InstrumentStore {
  return {
    list: async ({ kind, limit, after }) => {
      const { rows } = await database.query<Instrument>(
        `select id, name, kind, unit from lab.instruments
         where ($1::uuid is null or id > $1) and ($2::text is null or kind = $2) order by id limit $3`,
        [after ?? null, kind ?? null, limit],
      );
      return rows;
    },
    find: async id => {
      const { rows } = await database.query<Instrument>(
        'select id, name, kind, unit from lab.instruments where id = $1',
        [id],
      );
      return rows[0];
    },
  };
}
