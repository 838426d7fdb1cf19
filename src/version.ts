import packageJson from '../package.json' with { type: 'json' };

/** The tool's own version. */
export const VERSION: string = packageJson.version;
