import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export function packTemplates(root?: string): string;
export function packedTemplatesEsbuild(): EsbuildPlugin;
export function packedTemplatesVite(): VitePlugin;
