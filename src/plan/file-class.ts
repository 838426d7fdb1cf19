/** How a generated file is merged when its owner and the generator have both changed it. */
export type FileClass = 'text' | 'json-keys' | 'yaml' | 'line-set' | 'binary';

const BY_NAME: Readonly<Record<string, FileClass>> = {
  'package.json': 'json-keys',
  'tsconfig.json': 'json-keys',
  '.gitignore': 'line-set',
  '.dockerignore': 'line-set',
  '.env.example': 'line-set',
};

const BY_ENDING: readonly (readonly [RegExp, FileClass])[] = [
  [/\.ya?ml$/, 'yaml'],
  [/\.(png|jpe?g|webp|ico|woff2?)$/, 'binary'],
];

export function fileClass(path: string): FileClass {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return BY_NAME[name] ?? BY_ENDING.find(([ending]) => ending.test(name))?.[1] ?? 'text';
}
