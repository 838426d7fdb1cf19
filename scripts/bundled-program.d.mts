import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export function bundledProgramEsbuild(): EsbuildPlugin;
export function bundledProgramVite(): VitePlugin;
