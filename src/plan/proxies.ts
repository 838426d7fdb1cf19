/** Renders one proxy configuration for another place than the project: the native engine's addresses. */
import type { Blueprint, NodeKind } from '../blueprint/blueprint.ts';
import { stagesUpTo } from '../journey/stages.ts';
import { configPathOf } from '../pieces/index.ts';
import { proxyContext } from './context.ts';
import { layersOf, overlayLayers } from './layers.ts';
import { createRenderer } from './render.ts';
import type { ProxyTarget } from './target.ts';

/** The text of a proxy's configuration for `target`. */
export async function renderProxyConfig(
  blueprint: Blueprint,
  kind: NodeKind,
  target: ProxyTarget,
): Promise<string> {
  const { layers } = await import('packed-templates');
  const overlay = overlayLayers(layers, layersOf(blueprint.sample, stagesUpTo(blueprint.stage)));
  const path = configPathOf(kind);
  const file = overlay.files.get(path);
  if (!file) throw new Error(`the ${blueprint.stage} stage has no ${path}`);
  return createRenderer(overlay.partials, proxyContext(blueprint, target))(file);
}
