/** Renders one proxy configuration for another place than the project: the native engine's addresses. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { stagesUpTo } from '../journey/stages.ts';
import { proxyContext } from './context.ts';
import { layersOf, overlayLayers, SAMPLE } from './layers.ts';
import { createRenderer } from './render.ts';
import type { ProxyTarget } from './target.ts';

/** Where a project keeps each proxy's configuration. */
export const PROXY_FILES = { haproxy: 'haproxy/haproxy.cfg', nginx: 'nginx/nginx.conf' } as const;

/** The text of a proxy's configuration for `target`. */
export async function renderProxyConfig(
  blueprint: Blueprint,
  kind: keyof typeof PROXY_FILES,
  target: ProxyTarget,
): Promise<string> {
  const { layers } = await import('packed-templates');
  const overlay = overlayLayers(layers, layersOf(SAMPLE, stagesUpTo(blueprint.stage)));
  const file = overlay.files.get(PROXY_FILES[kind]);
  if (!file) throw new Error(`the ${blueprint.stage} stage has no ${PROXY_FILES[kind]}`);
  return createRenderer(overlay.partials, proxyContext(blueprint, target))(file);
}
