/** A mailbox for development: an SMTP server that keeps what it gets. */
import type { EnvEntry, MailNode } from '../blueprint/blueprint.ts';
import { IMAGES } from '../journey/versions.ts';
import type { ProgramSpec } from '../samples/sample.ts';
import type { Piece } from './piece.ts';

export const MAIL_NODE = 'mail';

export const mail: Piece<MailNode> = {
  kind: 'mail',
  nodes: ({ programs }) =>
    programs.some(reachesMail)
      ? [
          {
            kind: 'mail',
            name: MAIL_NODE,
            image: IMAGES.mail,
            networks: ['mail'],
            needs: [],
            secrets: [],
            env: [],
            port: 1025,
            limits: { cpus: '0.5', memory: '128M', pids: 64 },
            caption: 'a mailbox for development',
          },
        ]
      : [],
  callees: () => [],
  picture: { column: 4, shape: 'card' },
  keepsRunning: true,
  stopRank: 2,
  native: () => import('../engines/native/mail.ts'),
};

/** Whether a program sends mail. */
export function reachesMail({ env }: Pick<ProgramSpec, 'env'>): boolean {
  return env.some(entry => 'urlOf' in entry && entry.urlOf === MAIL_NODE);
}

/** Where a program sends its mail. */
export function smtpEnv(): EnvEntry[] {
  return [{ key: 'SMTP_URL', urlOf: MAIL_NODE, scheme: 'smtp' }];
}
