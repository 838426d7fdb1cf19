/**
 * What may stand in `stage.yaml`, as a JSON Schema for editors. The reader goes by the same object, so that neither knows a key
 * that the other does not; `Rule` names the keywords that both understand.
 */

export interface Said {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

export interface TextRule extends Said {
  readonly type: 'string';
  readonly minLength?: 1;
  readonly pattern?: string;
  /** What a text has to be that does not fit the pattern. Editors show it as well. */
  readonly patternErrorMessage?: string;
}

export interface NumberRule extends Said {
  readonly type: 'integer';
  readonly minimum: number;
  readonly maximum: number;
}

export interface ListRule extends Said {
  /** What is left out may also stand there empty, with all of it commented out. */
  readonly type: 'array' | readonly ['array', 'null'];
  readonly items: Rule;
  readonly minItems?: 1;
}

export interface MapRule extends Said {
  readonly type: 'object' | readonly ['object', 'null'];
  /** The keys that it may have, if they are known. */
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  /** Exactly one of these keys; see `exactlyOne`. */
  readonly oneOf?: readonly { readonly type: 'object' | 'null'; readonly required?: readonly [string] }[];
  /** What is under a key of its owner's choice. */
  readonly additionalProperties: Rule | false;
  readonly propertyNames?: Omit<TextRule, 'type'>;
  readonly minProperties?: 1;
}

export interface ChoiceRule extends Said {
  readonly anyOf: readonly Rule[];
}

/** Any JSON: what a request sends. */
export interface BodyRule extends Said {
  readonly $ref: '#/$defs/body';
}

export type Rule = TextRule | NumberRule | ListRule | MapRule | ChoiceRule | BodyRule;

/** Where the schema lies in a project. */
export const SCHEMA_PATH = '.stage/stage.schema.json';

const PLACEHOLDER = String.raw`\{(?:n|uuid|day|time(?:\+\d+s)?)\}`;
/** `//host` and `/\host` are other hosts to whoever resolves them. */
const PATH_START = String.raw`/(?![/\\])`;
const PATH_TEXT = String.raw`[^\s\\{}#\u0000-\u001f]`;
const FROM_ANSWER = String.raw`\{(?:location|body(?:\.[\w-]+)+)\}`;
/** Words, and quoted words: nothing that only a shell would understand. */
const UNQUOTED = String.raw`[^\s"'|><&;$()\\\u0060]`;
const QUOTED = String.raw`"[^"$\\\n\u0060]*"|'[^'\n]*'`;
const PLAIN_COMMAND = String.raw`^(?!\s*\w+=)(?=.*\S)(?:${UNQUOTED}|${QUOTED}|[ \t])+\n?$`;

const path: TextRule = {
  type: 'string',
  pattern: `^${PATH_START}(?:${PATH_TEXT}|${PLACEHOLDER})*$`,
  patternErrorMessage:
    'is not a path: it begins with one /, and has no spaces and no {…} but {n}, {uuid}, {day}, {time} and {time+30s}',
};
const table: TextRule = {
  type: 'string',
  pattern: String.raw`^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?$`,
  patternErrorMessage: 'is not the name of a table: table, or schema.table',
};
const command: TextRule = {
  type: 'string',
  pattern: PLAIN_COMMAND,
  patternErrorMessage:
    'needs a shell, and none is used: put it into a script of package.json, and write `npm run` and its name',
};
const header: TextRule = {
  type: 'string',
  pattern: String.raw`^[\w!#$%&'*+.^|~-]+$`,
  patternErrorMessage: 'is not the name of a header or a cookie',
};
const name = {
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_-]*$',
  patternErrorMessage: 'is not a plain name: letters, digits, _ and -',
};
const variable = {
  pattern: '^[A-Z][A-Z0-9_]*$',
  patternErrorMessage: 'is not the name of an environment variable',
};
const field: TextRule = {
  type: 'string',
  pattern: String.raw`^[^\s.]+(?:\.[^\s.]+)*$`,
  patternErrorMessage: 'is not the name of a field; one inside another is written outer.inner',
};
const text: TextRule = { type: 'string', minLength: 1 };
const states: ListRule = { type: 'array', items: text, minItems: 1 };
const body: BodyRule = { $ref: '#/$defs/body' };

function statuses(byDefault: readonly number[]): ChoiceRule {
  const code: NumberRule = { type: 'integer', minimum: 100, maximum: 599 };
  return {
    description: 'The status, or the statuses, that say that it worked.',
    default: byDefault,
    anyOf: [code, { type: 'array', items: code, minItems: 1 }],
  };
}

/** What the file says where it says nothing. */
export const DEFAULT_STATUS = {
  read: [200],
  write: [200, 201, 202],
  login: [200, 201, 204],
} as const;

const said = <R extends Rule>(rule: R, description: string, ...examples: readonly unknown[]): R => ({
  ...rule,
  description,
  ...(examples.length > 0 ? { examples } : {}),
});

/** Nothing at all is neither of them, and is judged by whether it may be nothing. */
const exactlyOne = (...keys: readonly string[]): NonNullable<MapRule['oneOf']> => [
  ...keys.map(key => ({ type: 'object' as const, required: [key] as const })),
  { type: 'null' },
];

const program: MapRule = {
  type: 'object',
  description: 'How the program is built, started and asked for its health.',
  required: ['start', 'port', 'ready'],
  additionalProperties: false,
  properties: {
    build: said(
      command,
      'Builds it. Run in the folder of the project, without a shell; once where several programs say the same. Left out: nothing is built.',
      'npm run build',
    ),
    start: said(
      command,
      'Starts it. Run in the folder of the program, without a shell.',
      'node dist/server.js',
    ),
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: 'What it listens on in its container. The environment variable PORT tells it another.',
    },
    live: said(path, 'Answers 200 while the process is alive, whatever else is down. Optional.', '/livez'),
    ready: said(
      path,
      'Answers 200 when it wants requests, and 503 when it does not: starting, draining, no database.',
      '/readyz',
    ),
  },
};

const read: MapRule = {
  type: ['object', 'null'],
  description:
    'A request without a login that is safe to repeat. It is asked under load, and through every copy.',
  required: ['get'],
  additionalProperties: false,
  properties: {
    get: said(path, 'Its path, as the program itself answers it.', '/rooms?limit=1'),
    status: statuses(DEFAULT_STATUS.read),
  },
};

const write: MapRule = {
  type: ['object', 'null'],
  description: 'A request that adds something.',
  oneOf: exactlyOne('post', 'put', 'patch'),
  additionalProperties: false,
  properties: {
    post: said(path, 'Its path. {n}, {uuid}, {day}, {time} are new in each request.', '/bookings'),
    put: said(path, 'Its path, where it is a PUT.', '/bookings/{uuid}'),
    patch: said(path, 'Its path, where it is a PATCH.'),
    as: said(text, 'Which of the logins it needs. Left out: none.'),
    body: said(body, 'What is sent, as JSON. {n}, {uuid}, {day}, {time} are new in each request.'),
    status: statuses(DEFAULT_STATUS.write),
    key: said(
      header,
      'A header by which a request that is sent again finds the effect of the first. Left out: not promised.',
      'Idempotency-Key',
    ),
    readBack: {
      type: 'string',
      pattern: `^(?:${FROM_ANSWER}|${PATH_START})(?:${PATH_TEXT}|${PLACEHOLDER}|${FROM_ANSWER})*$`,
      patternErrorMessage:
        'is neither a path nor made of the answer: /path, {location}, or {body.id} in a path',
      description:
        'Where what was written is read again. Its 200 answer holds the id (the `id`, or the last part of the Location) anywhere in its JSON.',
      examples: ['{location}', '/bookings/{body.id}', '/bookings'],
    },
    settles: {
      type: ['object', 'null'],
      description: 'Where a write is only done later: it is read again until this field says so.',
      required: ['field', 'to'],
      additionalProperties: false,
      properties: {
        field: said(field, 'The field that says how far it is.', 'state'),
        to: said(states, 'What it says when it is done.', ['completed']),
      },
    },
    without: {
      type: ['object', 'null'],
      description:
        'For programs that work together: while one of them is down, a write is accepted all the same, and ends otherwise.',
      required: ['program', 'to'],
      additionalProperties: false,
      properties: {
        program: said(text, 'The program that is down.'),
        to: said(states, 'What the field of `settles` says in the end.', ['cancelled']),
        restores: {
          type: ['object', 'null'],
          description: 'A number that is then as it was before the write.',
          required: ['get', 'field'],
          additionalProperties: false,
          properties: { get: said(path, 'Where it is read.'), field: said(field, 'Its name there.') },
        },
        hurry: {
          type: ['object', 'null'],
          description:
            'Environment variables that make it end so sooner, while it is verified. They go to the programs that have them.',
          propertyNames: variable,
          additionalProperties: text,
        },
      },
    },
    foundBy: said(
      path,
      'Answers the writer with the id of what was written, a little later, and nobody else.',
      '/find?text=sea%20view',
    ),
    mails: {
      type: ['object', 'null'],
      description: 'A program mails about each write that is done, and the mail holds its id.',
      required: ['program', 'to', 'reads'],
      additionalProperties: false,
      properties: {
        program: said(text, 'The program that mails.'),
        to: said(text, 'Whom it mails.', 'you@example.org'),
        reads: said(table, 'A table that it reads for each mail.'),
      },
    },
  },
};

const login: MapRule = {
  type: 'object',
  description: 'A request that logs in. It has either `cookie` or `bearer`.',
  required: ['post'],
  oneOf: exactlyOne('cookie', 'bearer'),
  additionalProperties: false,
  properties: {
    post: said(path, 'Its path.', '/login'),
    body: said(body, 'What is sent, as JSON. { secret: NAME } is the text of secrets/NAME.', {
      email: 'you@example.org',
      password: { secret: 'login_password' },
    }),
    status: statuses(DEFAULT_STATUS.login),
    cookie: said(header, 'The cookie that carries the session.', 'session'),
    bearer: {
      type: 'string',
      pattern: String.raw`^body(?:\.[\w-]+)+$`,
      patternErrorMessage: 'does not say where in the answer the token is, such as body.token',
      description: 'Where in the answer the token is that is sent as `Authorization: Bearer`.',
      examples: ['body.token'],
    },
  },
};

const oneProgram: MapRule = { ...program, description: 'The program.' };
const severalPrograms: MapRule = {
  type: 'object',
  description: 'Several programs, by name.',
  minProperties: 1,
  propertyNames: name,
  additionalProperties: program,
};

/** The whole file. */
export const FILE_RULE: MapRule = {
  type: 'object',
  required: ['program'],
  additionalProperties: false,
  properties: {
    program: { description: 'The program, or several by name.', anyOf: [oneProgram, severalPrograms] },
    probes: {
      type: ['object', 'null'],
      description: 'How to ask the program. What has no probe here is not promised: neither kept nor broken.',
      additionalProperties: false,
      properties: {
        read,
        write,
        logins: {
          type: ['object', 'null'],
          description: 'How to log in, by a name for each login.',
          propertyNames: name,
          additionalProperties: login,
        },
      },
    },
    database: {
      type: ['object', 'null'],
      description: 'Tables that checks look at. Left out where there is no database.',
      additionalProperties: false,
      properties: {
        lock: said(table, 'A table that the `read` probe needs. Checks hold a lock on it for a moment.'),
        counts: said(table, 'A table that grows by one row with each `write`.'),
      },
    },
    notPromised: {
      type: ['array', 'null'],
      description: 'What this backend does not promise. It is printed with every report.',
      items: {
        type: 'object',
        required: ['guarantee', 'because'],
        additionalProperties: false,
        properties: {
          guarantee: said(text, 'Its id, as the report prints it.'),
          because: said(text, 'Your reason.'),
        },
      },
    },
  },
};

/** The name of a file in `secrets/`. */
export const SECRET_RULE: TextRule = {
  type: 'string',
  pattern: '^(?!.*\\.\\.)[A-Za-z0-9_][A-Za-z0-9_.-]*$',
  patternErrorMessage: 'is not the name of a file in secrets/',
  description: 'The name of a file in secrets/, whose text is sent.',
};

export const STAGE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'stage.yaml',
  description: 'What create-backend-stage has to know of a backend, to run it and to prove what it promises.',
  ...FILE_RULE,
  $defs: {
    body: {
      description: 'Any JSON.',
      anyOf: [
        { type: ['null', 'boolean', 'number', 'string'] },
        { type: 'array', items: body },
        {
          type: 'object',
          required: ['secret'],
          additionalProperties: false,
          properties: { secret: SECRET_RULE },
        },
        {
          type: 'object',
          additionalProperties: body,
          not: { required: ['secret'], maxProperties: 1 },
        },
      ],
    },
  },
};
