/** Calibrations: queued by an engineer, done by the bench a little later. */
import type { Database } from '#kit/database';
import { Problem } from '#kit/problem';

export interface Calibration {
  readonly id: string;
  readonly instrumentId: string;
  readonly serial: number;
  readonly note: string;
  readonly dueAt: Date;
  readonly status: 'queued' | 'done';
  readonly queuedAt: Date;
  readonly finishedAt: Date | null;
}

export interface NewCalibration
  extends Pick<Calibration, 'id' | 'instrumentId' | 'serial' | 'note' | 'dueAt'> {
  readonly engineerId: string;
  /** How long the bench takes over it. */
  readonly workMs: number;
}

export interface CalibrationStore {
  /** @throws Problem 404 when there is no such instrument */
  queue(calibration: NewCalibration): Promise<Calibration>;
  find(id: string): Promise<Calibration | undefined>;
  /** Those of an instrument, newest first, after the one with the id `after`. */
  list(instrumentId: string, page: { limit: number; after?: string }): Promise<Calibration[]>;
  /** Finishes up to `most` whose time has come. Several copies may do so at once. @returns how many it were. */
  finishDue(most: number): Promise<number>;
}

const COLUMNS = `id, instrument_id as "instrumentId", serial, note, due_at as "dueAt", status,
  queued_at as "queuedAt", finished_at as "finishedAt"`;

/** The driver gives a bigint as text: not every one of them is a number. The route lets only those in that are. */
interface Row extends Omit<Calibration, 'serial'> {
  readonly serial: string;
}

const fromRow = (row: Row): Calibration => ({ ...row, serial: Number(row.serial) });

export function createCalibrationStore(database: Database): CalibrationStore {
  return {
    queue: ({ id, instrumentId, engineerId, serial, note, dueAt, workMs }) =>
      database.transaction(async tx => {
        const known = await tx.query('select from lab.instruments where id = $1', [instrumentId]);
        if (!known.rowCount) throw new Problem(404, 'The lab has no such instrument.');
        const { rows } = await tx.query<Row>(
          `insert into lab.calibrations (id, instrument_id, engineer_id, serial, note, due_at, ready_at)
           values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond') returning ${COLUMNS}`,
          [id, instrumentId, engineerId, serial, note, dueAt, workMs],
        );
        await tx.query(`insert into lab.journal (calibration_id, event) values ($1, 'queued')`, [id]);
        return fromRow(rows[0] as Row);
      }),
    find: async id => {
      const { rows } = await database.query<Row>(`select ${COLUMNS} from lab.calibrations where id = $1`, [
        id,
      ]);
      return rows[0] && fromRow(rows[0]);
    },
    list: async (instrumentId, { limit, after }) => {
      const { rows } = await database.query<Row>(
        `select ${COLUMNS} from lab.calibrations
         where instrument_id = $1 and ($2::uuid is null or (queued_at, id) <
           (select queued_at, id from lab.calibrations where id = $2))
         order by queued_at desc, id desc limit $3`,
        [instrumentId, after ?? null, limit],
      );
      return rows.map(fromRow);
    },
    finishDue: async most => {
      // Skipping what another copy has in hand: neither waits for the other, and each calibration is finished once.
      const { rowCount } = await database.query(
        `with due as (
           select id from lab.calibrations where status = 'queued' and ready_at <= now()
           order by ready_at limit $1 for update skip locked
         ), done as (
           update lab.calibrations set status = 'done', finished_at = now()
           from due where calibrations.id = due.id returning calibrations.id
         )
         insert into lab.journal (calibration_id, event) select id, 'done' from done`,
        [most],
      );
      return rowCount ?? 0;
    },
  };
}
